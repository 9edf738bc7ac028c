/** The steps after the credentials: does it work, do callbacks arrive, pull what is there. */
import { CheckCircleFilled, CopyOutlined, LoadingOutlined } from "@ant-design/icons";
import { Alert, App, Button, Card } from "antd";
import { useEffect } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import { SyncProgress, useLatestSync } from "../sync/SyncProgress";
import { Checks } from "./Checks";

interface StepProps {
  account: string;
  onNext: () => void;
}

/** Lines that only a later step can make well. */
const LATER = new Set(["callback_received"]);
const FAST = 3_000;

export function CheckStep({ account, onNext }: StepProps) {
  const t = useT().sync.setup;
  const check = $api.useMutation("post", "/api/accounts/{key}/check");
  const run = () => check.mutate({ params: { path: { key: account } } });
  const start = check.mutate;
  useEffect(() => start({ params: { path: { key: account } } }), [account, start]);
  const checks = (check.data?.checks ?? []).filter((one) => !LATER.has(one.name));
  const isFine = checks.length > 0 && checks.every((one) => one.is_ok);
  return (
    <div className="stack" style={{ gap: 16 }}>
      <span className="muted">{check.isPending ? t.checking : t.checkLead}</span>
      <Checks checks={checks} />
      <div className="row">
        <Button onClick={run} loading={check.isPending}>
          {t.again}
        </Button>
        <Button type={isFine ? "primary" : "default"} onClick={onNext} disabled={check.isPending}>
          {isFine ? t.next : t.skip}
        </Button>
      </div>
    </div>
  );
}

export function CallbackStep({ account, onNext }: StepProps) {
  const t = useT();
  const words = t.sync.setup;
  const { message } = App.useApp();
  const accounts = $api.useQuery("get", "/api/accounts", {}, { refetchInterval: FAST });
  const found = accounts.data?.items.find((one) => one.key === account);
  const isReceived = Boolean(found?.last_callback_at);
  const copy = async () => {
    await navigator.clipboard.writeText(found?.callback_url ?? "");
    message.success(t.kit.copied);
  };
  return (
    <div className="stack" style={{ gap: 16 }}>
      <span className="muted">{words.callbackLead}</span>
      <Card size="small">
        <div className="spread">
          <span className="mono break">{found?.callback_url}</span>
          <Button icon={<CopyOutlined />} aria-label={t.kit.copy} onClick={copy} />
        </div>
      </Card>
      <Alert
        showIcon
        type={isReceived ? "success" : "info"}
        icon={isReceived ? <CheckCircleFilled /> : <LoadingOutlined />}
        title={isReceived ? words.received : words.waiting}
      />
      <div>
        <Button type={isReceived ? "primary" : "default"} onClick={onNext}>
          {isReceived ? words.next : words.skip}
        </Button>
      </div>
    </div>
  );
}

export function SyncStep({ account, onNext }: StepProps) {
  const t = useT();
  const act = useAct();
  const sync = useLatestSync(account);
  const start = $api.useMutation(
    "post",
    "/api/accounts/{key}/sync",
    act(["/api/sync", "/api/customers"], t.core.accounts.syncing),
  );
  return (
    <div className="stack" style={{ gap: 16 }}>
      <span className="muted">{t.sync.setup.syncLead}</span>
      {sync ? (
        <SyncProgress account={account} />
      ) : (
        <div>
          <Button
            type="primary"
            loading={start.isPending}
            onClick={() => start.mutate({ params: { path: { key: account } } })}
          >
            {t.sync.setup.start}
          </Button>
        </div>
      )}
      <div>
        <Button type={sync ? "primary" : "default"} onClick={onNext}>
          {t.sync.setup.finish}
        </Button>
      </div>
    </div>
  );
}
