/** Whether a tag group is kept equal with the platforms, and how far. */
import { Button, Switch, Tag, Tooltip } from "antd";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { useAccountLabel } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";

type State = Got<"/api/tag-sync">["items"][number];
const FAST = 3_000;
const COLORS: Record<string, string> = {
  "": "success",
  waiting: "processing",
  refused: "error",
  yielded: "warning",
};

function isBusy(state: State): boolean {
  const isNaming = state.names.some((one) => one.state === "waiting");
  return state.is_walking || state.waiting > 0 || isNaming;
}

export function GroupSync({ groupId }: { groupId: number }) {
  const sync = $api.useQuery(
    "get",
    "/api/tag-sync",
    {},
    {
      refetchInterval: ({ state }) =>
        state.data?.items.some((one) => one.is_on && isBusy(one)) ? FAST : false,
    },
  );
  const accounts = sync.data?.accounts ?? [];
  if (accounts.length === 0) return null;
  return (
    <div className="stack" style={{ gap: 4, marginTop: 10 }} data-testid="group-sync">
      {accounts.map((account) => (
        <AccountSync
          key={account}
          account={account}
          groupId={groupId}
          state={sync.data?.items.find(
            (one) => one.account === account && one.group_id === groupId,
          )}
        />
      ))}
    </div>
  );
}

interface AccountSyncProps {
  account: string;
  groupId: number;
  state: State | undefined;
}

function AccountSync({ account, groupId, state }: AccountSyncProps) {
  const t = useT().writeback;
  const may = useMay();
  const act = useAct();
  const label = useAccountLabel()(account);
  const change = $api.useMutation("put", "/api/tag-sync", act(["/api/tag-sync"], t.switched));
  return (
    <>
      <div className="row small" style={{ columnGap: 10 }}>
        <Tooltip title={t.syncHint}>
          <Switch
            size="small"
            checked={state?.is_on ?? false}
            disabled={!may("tag:write")}
            loading={change.isPending}
            aria-label={t.syncTo(label)}
            onChange={(is_on) => change.mutate({ body: { account, group_id: groupId, is_on } })}
          />
        </Tooltip>
        <span className="muted clip">{t.syncTo(label)}</span>
        {state?.is_on ? <Counts account={account} groupId={groupId} state={state} /> : null}
      </div>
      {state?.is_on ? <Names names={state.names} /> : null}
    </>
  );
}

function Names({ names }: { names: State["names"] }) {
  const t = useT().writeback;
  return names.map((one) => (
    <div
      key={`${one.kind}-${one.before}-${one.name}`}
      className="row small"
      data-testid="name-sync"
    >
      <span className="break">
        {one.name ? t.named(one.before, one.name) : t.archived(one.before)}
      </span>
      <Tag style={{ margin: 0 }} color={labelOf(COLORS, one.state)} title={one.reason}>
        {labelOf(t.nameStates, one.state)}
      </Tag>
      {one.reason ? <span className="muted break">{one.reason}</span> : null}
    </div>
  ));
}

function Counts({ account, groupId, state }: { account: string; groupId: number; state: State }) {
  const t = useT().writeback;
  const act = useAct();
  const language = useLanguage();
  const may = useMay();
  const refused = state.refused + state.names.filter((one) => one.state === "refused").length;
  const n = (count: number) => formatInt(count, language);
  const retry = $api.useMutation("post", "/api/tag-sync/retry", act(["/api/tag-sync"], t.retried));
  const why = state.reasons.map((one) => `${one.reason} × ${n(one.count)}`).join("\n");
  return (
    <>
      {state.is_walking ? <span className="muted">{t.walking}</span> : null}
      <span className="up num">{t.equal(n(state.written))}</span>
      {state.waiting ? <span className="muted num">{t.waiting(n(state.waiting))}</span> : null}
      {state.refused ? (
        <Tooltip title={<span style={{ whiteSpace: "pre-line" }}>{why}</span>}>
          <span className="down num">{t.refused(n(state.refused))}</span>
        </Tooltip>
      ) : null}
      {refused && may("tag:write") ? (
        <Button
          size="small"
          type="link"
          loading={retry.isPending}
          onClick={() => retry.mutate({ body: { account, group_id: groupId } })}
        >
          {t.retry}
        </Button>
      ) : null}
    </>
  );
}
