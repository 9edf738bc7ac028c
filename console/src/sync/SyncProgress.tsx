/** How far a pull is: bar, rate, time left, and what came of each source. */
import { Progress, Tag } from "antd";
import { $api, type Row } from "../api/client";
import { formatInt, formatTime } from "../kit/format";
import { Time } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";

type Sync = Row<"/api/sync">;
const FAST = 2_000;
const SLOW = 30_000;

/** The latest pull of an account; asked again often while it runs. */
export function useLatestSync(account: string): Sync | undefined {
  const syncs = $api.useQuery(
    "get",
    "/api/sync",
    {},
    {
      refetchInterval: ({ state }) =>
        state.data?.items.some((one) => one.state === "running") ? FAST : SLOW,
    },
  );
  return syncs.data?.items.find((one) => one.account === account);
}

export function SyncProgress({ account }: { account: string }) {
  const t = useT().sync;
  const sync = useLatestSync(account);
  if (!sync) return <span className="muted small">{t.idle}</span>;
  return (
    <div className="stack" style={{ gap: 6 }} data-testid="sync-progress">
      <div className="row small" style={{ columnGap: 12 }}>
        <span className="strong">{labelOf(t.states, sync.state)}</span>
        <span className="muted">
          <Time at={sync.finished_at ?? sync.started_at} />
        </span>
        {sync.state === "running" ? <Pace sync={sync} /> : null}
      </div>
      {sync.state === "running" ? (
        <Progress percent={Math.round(sync.share * 100)} size="small" status="active" />
      ) : null}
      <Sources sync={sync} />
      {sync.error ? <div className="down small break">{sync.error}</div> : null}
    </div>
  );
}

function Pace({ sync }: { sync: Sync }) {
  const t = useT().sync;
  const language = useLanguage();
  const left = sync.seconds_left;
  return (
    <>
      <span className="muted num">{t.rate(formatInt(Math.round(sync.per_second), language))}</span>
      {left === null ? null : (
        <span className="muted num">
          {t.left(left < 90 ? t.seconds(left) : t.minutes(Math.round(left / 60)))}
        </span>
      )}
      {sync.waits_until ? (
        <span className="down">{t.waits(formatTime(sync.waits_until))}</span>
      ) : null}
    </>
  );
}

function Sources({ sync }: { sync: Sync }) {
  const t = useT().sync;
  const language = useLanguage();
  const n = (count: number) => formatInt(count, language);
  return (
    <div className="row tight">
      {sync.sources.map((one) => (
        <Tag
          key={one.name}
          style={{ margin: 0, whiteSpace: "normal" }}
          color={one.error ? "warning" : one.name === sync.source ? "processing" : "default"}
          title={one.error}
        >
          {labelOf(t.sources, one.name)}
          {one.error ? " !" : ` · ${t.found(n(one.found))} · ${t.changed(n(one.changed))}`}
          {one.gone ? ` · ${t.gone(n(one.gone))}` : ""}
        </Tag>
      ))}
    </div>
  );
}
