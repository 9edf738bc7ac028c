/** One account: how it is, its callback address, self-check and sync. */
import { CopyOutlined, MedicineBoxOutlined, SyncOutlined } from "@ant-design/icons";
import { App, Button, Card, Switch, Tag } from "antd";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { Platform, Time } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";
import { SyncProgress } from "../sync/SyncProgress";
import { Checks } from "./Checks";
import { useMay } from "./session";

type Account = Row<"/api/accounts">;

export function AccountCard({ account }: { account: Account }) {
  const t = useT().core.accounts;
  const check = $api.useMutation("post", "/api/accounts/{key}/check");
  const act = useAct();
  const sync = $api.useMutation(
    "post",
    "/api/accounts/{key}/sync",
    act(["/api/sync", "/api/customers"], t.syncing),
  );
  const may = useMay();
  const path = { params: { path: { key: account.key } } };
  return (
    <Card title={<Heading account={account} />} extra={<Active account={account} />}>
      <div className="stack" style={{ gap: 14 }}>
        <div className="row" style={{ columnGap: 28 }}>
          <Fact label={t.lastCallback}>
            <Time at={account.last_callback_at} />
          </Fact>
          <Fact label={t.lastSync}>
            <Time at={account.last_sync_at} />
          </Fact>
        </div>
        <Callback url={account.callback_url} />
        <Offers platform={account.platform} />
        <div className="row">
          <Button
            icon={<MedicineBoxOutlined />}
            loading={check.isPending}
            onClick={() => check.mutate(path)}
          >
            {t.check}
          </Button>
          {may("account:write") ? (
            <Button
              icon={<SyncOutlined />}
              loading={sync.isPending}
              onClick={() => sync.mutate(path)}
            >
              {t.sync}
            </Button>
          ) : null}
        </div>
        <SyncProgress account={account.key} />
        {check.data ? <Checks checks={check.data.checks} /> : null}
      </div>
    </Card>
  );
}

function Heading({ account }: { account: Account }) {
  return (
    <div style={{ padding: "10px 0", minWidth: 0 }}>
      <div className="clip">{account.name || account.remote_id}</div>
      <div className="muted small" style={{ fontWeight: 400 }}>
        <Platform code={account.platform} /> <span className="mono">{account.remote_id}</span>
      </div>
    </div>
  );
}

function Active({ account }: { account: Account }) {
  const t = useT().core.accounts;
  const may = useMay();
  const act = useAct();
  const change = $api.useMutation("patch", "/api/accounts/{key}", act(["/api/accounts"]));
  return (
    <Switch
      checked={account.is_active}
      checkedChildren={t.active}
      unCheckedChildren={t.inactive}
      aria-label={t.active}
      disabled={!may("account:write")}
      loading={change.isPending}
      onChange={(is_active) =>
        change.mutate({ params: { path: { key: account.key } }, body: { is_active } })
      }
    />
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <span>
      <span className="muted small" style={{ display: "block" }}>
        {label}
      </span>
      {children}
    </span>
  );
}

function Callback({ url }: { url: string }) {
  const t = useT();
  const { message } = App.useApp();
  const copy = async () => {
    await navigator.clipboard.writeText(url);
    message.success(t.kit.copied);
  };
  return (
    <div>
      <div className="muted small">
        {t.core.accounts.callback} · {t.core.accounts.callbackHint}
      </div>
      <div className="spread">
        <span className="mono clip">{url}</span>
        <Button
          type="text"
          size="small"
          icon={<CopyOutlined />}
          aria-label={t.kit.copy}
          onClick={copy}
        />
      </div>
    </div>
  );
}

function Offers({ platform }: { platform: string }) {
  const t = useT().core.accounts;
  const language = useLanguage();
  const platforms = $api.useQuery("get", "/api/platforms");
  const found = platforms.data?.items.find((item) => item.name === platform);
  if (!found) return null;
  return (
    <div className="row tight">
      {found.offers.map((offer) => (
        <Tag key={offer} style={{ margin: 0 }}>
          {labelOf(t.offerWords, offer)}
        </Tag>
      ))}
      {found.channels.map((channel) => (
        <Tag key={channel.name} color="green" style={{ margin: 0 }}>
          {language === "zh" ? channel.zh : channel.en}
        </Tag>
      ))}
    </div>
  );
}
