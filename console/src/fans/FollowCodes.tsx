/** Codes that make people follow the account. */
import { DownloadOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Drawer, Form, Input, Select, Switch, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { formatInt } from "../kit/format";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { useLanguage, useT } from "../locale";
import { useTagOptions } from "../pool/FilterSelects";
import { type Account, accountOptions } from "./accounts";

type FollowCode = Row<"/api/follow-codes">;

export function FollowCodes({ accounts }: { accounts: Account[] }) {
  const t = useT().fans.codes;
  const may = useMay();
  const codes = $api.useQuery("get", "/api/follow-codes", {}, { refetchInterval: 15_000 });
  const [isAdding, setAdding] = useState(false);
  const add = may("code:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  ) : null;
  return (
    <div className="stack">
      <div className="row" style={{ justifyContent: "space-between" }}>
        <span className="muted">{t.lead}</span>
        {add}
      </div>
      <Answer query={codes} rows={6}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} action={add} />
            </Card>
          ) : (
            <div className="grid cards">
              {items.map((code) => (
                <CodeCard key={code.id} code={code} />
              ))}
            </div>
          )
        }
      </Answer>
      <AddCode accounts={accounts} isOpen={isAdding} onClose={() => setAdding(false)} />
    </div>
  );
}

function CodeCard({ code }: { code: FollowCode }) {
  const t = useT().fans.codes;
  const may = useMay();
  const language = useLanguage();
  const change = $api.useMutation(
    "patch",
    "/api/follow-codes/{code_id}",
    useAct()(["/api/follow-codes"]),
  );
  const figures: [string, number][] = [
    [t.followed, code.followed],
    [t.today, code.followed_today],
    [t.scans, code.scans],
    [t.left, code.left],
  ];
  return (
    <Card style={{ opacity: code.is_active ? 1 : 0.65 }}>
      <div className="stack" style={{ gap: 12 }}>
        <div className="row" style={{ flexWrap: "nowrap", alignItems: "flex-start", gap: 14 }}>
          <img
            src={`/api/follow-codes/${code.id}/qr.svg`}
            alt={code.name}
            width={88}
            height={88}
            style={{ background: "#fff", borderRadius: 8, padding: 4, flex: "none" }}
          />
          <div style={{ minWidth: 0 }}>
            <div className="strong break">{code.name}</div>
            <div className="muted small break">{code.channel}</div>
            {code.expires_at ? (
              <div className="muted small">
                {t.until} <Time at={code.expires_at} />
              </div>
            ) : (
              <Tag>{t.permanent}</Tag>
            )}
          </div>
        </div>
        <div
          className="row"
          style={{ gap: 0, background: "var(--soft)", borderRadius: 10, padding: "10px 0" }}
        >
          {figures.map(([label, value]) => (
            <div key={label} style={{ flex: 1, textAlign: "center" }}>
              <div className="strong num">{formatInt(value, language)}</div>
              <div className="muted small">{label}</div>
            </div>
          ))}
        </div>
        <div className="muted small break">
          {t.scene}: <code>{code.scene}</code>
        </div>
        <div className="row">
          <Button
            size="small"
            icon={<DownloadOutlined />}
            href={`/api/follow-codes/${code.id}/qr.png`}
            download={`${code.name}.png`}
          >
            {t.download}
          </Button>
          {may("code:write") ? (
            <span style={{ marginInlineStart: "auto" }}>
              <Switch
                size="small"
                aria-label={t.active}
                checked={code.is_active}
                loading={change.isPending}
                onChange={(is_active) =>
                  change.mutate({ params: { path: { code_id: code.id } }, body: { is_active } })
                }
              />
            </span>
          ) : null}
        </div>
      </div>
    </Card>
  );
}

interface AddCodeProps {
  accounts: Account[];
  isOpen: boolean;
  onClose: () => void;
}

interface CodeValues {
  account: string;
  name: string;
  channel: string;
  days: number;
  tag_ids: number[];
}

function AddCode({ accounts, isOpen, onClose }: AddCodeProps) {
  const t = useT();
  const words = t.fans.codes;
  const tags = useTagOptions();
  const [form] = Form.useForm<CodeValues>();
  const create = $api.useMutation(
    "post",
    "/api/follow-codes",
    useAct()(["/api/follow-codes"], words.created, onClose),
  );
  return (
    <Drawer
      title={words.add}
      open={isOpen}
      onClose={onClose}
      size={480}
      destroyOnHidden
      footer={
        <Button type="primary" loading={create.isPending} onClick={() => form.submit()}>
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ account: accounts[0]?.key, channel: "", days: 0, tag_ids: [] }}
        onFinish={(values) => create.mutate({ body: values })}
      >
        <Form.Item name="account" label={t.fans.account} rules={[{ required: true }]}>
          <Select options={accountOptions(accounts)} />
        </Form.Item>
        <Form.Item
          name="name"
          label={words.name}
          extra={words.nameHint}
          rules={[{ required: true }]}
        >
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="channel" label={words.channel} extra={words.channelHint}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="days" label={words.life}>
          <Select
            options={[0, 1, 7, 30].map((days) => ({
              value: days,
              label: days ? words.days(days) : words.permanent,
            }))}
          />
        </Form.Item>
        <Form.Item name="tag_ids" label={words.tags}>
          <Select mode="multiple" options={tags} showSearch={{ optionFilterProp: "label" }} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
