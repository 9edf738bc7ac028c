/** Store codes: one code for all stores. */
import { DownloadOutlined, EditOutlined, LinkOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, Card, Drawer, Form, Input, InputNumber, Select, Switch, Table } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useAccountsOffering } from "../core/offering";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { useChoices } from "./choices";

type StoreCode = Row<"/api/store-codes">;

export function StoresTab() {
  const t = useT().growth;
  const may = useMay();
  const codes = $api.useQuery("get", "/api/store-codes");
  const [editing, setEditing] = useState<StoreCode | "new" | null>(null);
  return (
    <div className="stack">
      <div className="spread">
        <span className="muted">{t.storesLead}</span>
        {may("code:write") ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
            {t.addStores}
          </Button>
        ) : null}
      </div>
      <Answer query={codes} rows={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.noStoreCodes} hint={t.noStoresHint} />
            </Card>
          ) : (
            items.map((code) => (
              <StoreCodeCard key={code.id} code={code} onEdit={() => setEditing(code)} />
            ))
          )
        }
      </Answer>
      <StoreDrawer code={editing} onClose={() => setEditing(null)} />
    </div>
  );
}

function StoreCodeCard({ code, onEdit }: { code: StoreCode; onEdit: () => void }) {
  const t = useT().growth;
  const may = useMay();
  const act = useAct();
  const { message } = App.useApp();
  const fill = $api.useMutation(
    "post",
    "/api/store-codes/{one}/fill",
    act(["/api/store-codes", "/api/live-codes"], t.filled),
  );
  const done = code.entries.filter((entry) => entry.code_id || entry.group_code_id).length;
  const isMade = code.entries.every((entry) => entry.code_id || entry.staff.length === 0);
  const run = async () => {
    const { failed } = await fill.mutateAsync({ params: { path: { one: code.id } } });
    if (failed[0]) message.warning(t.batch.failed(failed.length, failed[0].reason));
  };
  return (
    <Card
      title={code.name}
      style={{ opacity: code.is_active ? 1 : 0.6 }}
      extra={
        <span className="row tight">
          <Button
            size="small"
            icon={<LinkOutlined />}
            href={code.page_path}
            target="_blank"
            aria-label={t.openPage}
          />
          <Button
            size="small"
            icon={<DownloadOutlined />}
            aria-label={t.download}
            href={`/api/store-codes/${code.id}/qr.svg`}
            download={`${code.name}.svg`}
          />
          {may("code:write") ? (
            <Button size="small" icon={<EditOutlined />} aria-label={t.edit} onClick={onEdit} />
          ) : null}
        </span>
      }
    >
      <div className="stack" style={{ gap: 12 }}>
        <div className="row" style={{ alignItems: "flex-start" }}>
          <img
            src={`/api/store-codes/${code.id}/qr.svg`}
            alt={code.name}
            width={112}
            height={112}
            style={{ background: "#fff", borderRadius: 8, padding: 4 }}
          />
          <div className="stack" style={{ gap: 6 }}>
            <span>{t.storesDone(done, code.entries.length)}</span>
            <span className="muted small">{t.storeViews(code.views)}</span>
            {may("code:write") ? (
              <Button loading={fill.isPending} disabled={code.entries.length === 0} onClick={run}>
                {isMade ? t.refill : t.fill}
              </Button>
            ) : null}
          </div>
        </div>
        {code.entries.length === 0 ? (
          <EmptyState title={t.noStores} hint={t.noStoresHint} />
        ) : (
          <Entries code={code} />
        )}
      </div>
    </Card>
  );
}

function Entries({ code }: { code: StoreCode }) {
  const t = useT().growth;
  const { nameOf } = useChoices(code.account);
  return (
    <Table
      size="small"
      rowKey="store_id"
      dataSource={code.entries}
      pagination={{ pageSize: 10, hideOnSinglePage: true }}
      scroll={{ x: 500 }}
      columns={[
        {
          title: t.store,
          render: (_, entry) => (
            <>
              {entry.name} <span className="muted small">{entry.city}</span>
              {entry.has_place ? null : <span className="down small"> {t.noPlace}</span>}
            </>
          ),
        },
        {
          title: t.staff,
          render: (_, entry) => (
            <>
              {entry.staff.map(nameOf).join("、") || "—"}
              {entry.is_current ? null : <div className="down small">{t.staffChanged}</div>}
            </>
          ),
        },
        {
          title: t.tabs.code,
          render: (_, entry) =>
            entry.code_id ? <a href={`/live-codes/${entry.code_id}`}>#{entry.code_id}</a> : "—",
        },
        { title: t.added, dataIndex: "added", align: "right" },
        {
          title: t.groupCode,
          render: (_, entry) => (
            <GroupChoice code={code} store={entry.store_id} chosen={entry.group_code_id} />
          ),
        },
      ]}
    />
  );
}

/** The group a store's customers are led into; it goes before the store's own code. */
function GroupChoice(props: { code: StoreCode; store: number; chosen: number | null }) {
  const { code, store, chosen } = props;
  const t = useT().growth;
  const codes = $api.useQuery("get", "/api/group-codes");
  const update = $api.useMutation("put", "/api/store-codes/{one}", useAct()(["/api/store-codes"]));
  const options = (codes.data?.items ?? [])
    .filter((one) => one.account === code.account)
    .map((one) => ({ value: one.id, label: one.name }));
  const choose = (group: number | undefined) => {
    const { id, entries: _entries, page_path: _path, views: _views, ...body } = code;
    update.mutate({
      params: { path: { one: id } },
      body: { ...body, groups: { [store]: group ?? 0 } },
    });
  };
  return (
    <Select
      allowClear
      size="small"
      style={{ minWidth: 120 }}
      aria-label={t.groupCode}
      placeholder="—"
      value={chosen ?? undefined}
      options={options}
      onChange={choose}
    />
  );
}

interface StoreValues {
  name: string;
  account: string;
  title: string;
  text: string;
  radius_km: number;
  fallback_id: number | null;
  is_active: boolean;
}

function StoreDrawer({ code, onClose }: { code: StoreCode | "new" | null; onClose: () => void }) {
  const t = useT();
  const words = t.growth;
  const isNew = code === "new";
  const act = useAct();
  const [form] = Form.useForm<StoreValues>();
  const saved = act(["/api/store-codes"], undefined, onClose);
  const create = $api.useMutation("post", "/api/store-codes", saved);
  const update = $api.useMutation("put", "/api/store-codes/{one}", saved);
  const submit = ({ radius_km, ...rest }: StoreValues) => {
    const account = code && code !== "new" ? code.account : rest.account;
    const body = { ...rest, account, radius_m: Math.round(radius_km * 1000), groups: {} };
    if (isNew) create.mutate({ body });
    else if (code) update.mutate({ params: { path: { one: code.id } }, body });
  };
  const initial =
    code && code !== "new"
      ? { ...code, radius_km: code.radius_m / 1000 }
      : { radius_km: 5, is_active: true, title: "", text: "", fallback_id: null };
  return (
    <Drawer
      title={isNew ? words.addStores : words.edit}
      open={code !== null}
      onClose={onClose}
      size={480}
      destroyOnHidden
      footer={
        <Button
          type="primary"
          loading={create.isPending || update.isPending}
          onClick={() => form.submit()}
        >
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={initial}
        onFinish={submit}
      >
        <StoreFields isNew={isNew} />
      </Form>
    </Drawer>
  );
}

function StoreFields({ isNew }: { isNew: boolean }) {
  const t = useT().growth;
  const accounts = useAccountsOffering("codes");
  const codes = $api.useQuery("get", "/api/live-codes", { params: { query: { kind: "code" } } });
  const account = Form.useWatch("account");
  return (
    <>
      <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="account" label={t.account} rules={[{ required: true }]}>
        <Select disabled={!isNew} options={accounts} />
      </Form.Item>
      <Form.Item name="title" label={t.storeTitle}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="text" label={t.storeText}>
        <Input.TextArea rows={2} maxLength={300} />
      </Form.Item>
      <Form.Item name="radius_km" label={t.radius}>
        <InputNumber min={0.1} max={100} step={0.5} />
      </Form.Item>
      <Form.Item name="fallback_id" label={t.fallback}>
        <Select
          allowClear
          options={(codes.data?.items ?? [])
            .filter((one) => one.account === account)
            .map((one) => ({ value: one.id, label: one.name }))}
        />
      </Form.Item>
      <Form.Item name="is_active" label={t.active} valuePropName="checked">
        <Switch />
      </Form.Item>
    </>
  );
}
