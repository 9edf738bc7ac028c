/** Keys with which events are sent. */
import { PlusOutlined } from "@ant-design/icons";
import {
  Alert,
  Button,
  Form,
  Input,
  Modal,
  Popconfirm,
  Select,
  type TableColumnsType,
  Tag,
} from "antd";
import { useState } from "react";
import { $api, type Posted, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Page } from "../kit/Page";
import { Records } from "../kit/Records";
import { SqlText } from "../kit/Sql";
import { EmptyState, ErrorState } from "../kit/States";
import { Platform, Time } from "../kit/Values";
import { useT } from "../locale";
import { usePlatformOptions } from "../pool/FilterSelects";

type Key = Row<"/api/write-keys">;
type Made = Posted<"/api/write-keys">;

export default function WriteKeysPage() {
  const t = useT().core.keys;
  const [isAdding, setAdding] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const keys = $api.useQuery("get", "/api/write-keys");
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  );
  const columns: TableColumnsType<Key> = [
    { title: t.name, dataIndex: "name", className: "strong" },
    {
      title: t.platform,
      dataIndex: "platform",
      render: (code: string) => <Platform code={code} />,
    },
    { title: t.hint, dataIndex: "hint", className: "mono" },
    {
      title: t.state,
      dataIndex: "is_active",
      render: (isActive: boolean) => <KeyState isActive={isActive} />,
    },
    { title: t.createdAt, dataIndex: "created_at", render: (at: string) => <Time at={at} /> },
    { key: "revoke", align: "right", render: (_, row) => <Revoke row={row} /> },
  ];
  return (
    <Page title={t.title} lead={t.lead} extra={add}>
      {keys.isError ? (
        <ErrorState error={keys.error} onRetry={() => keys.refetch()} />
      ) : (
        <Records<Key>
          rows={keys.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => (
            <div className="stack" style={{ gap: 8 }}>
              <div className="spread">
                <span className="strong">{row.name}</span>
                <KeyState isActive={row.is_active} />
              </div>
              <div className="spread muted small">
                <Platform code={row.platform} />
                <span className="mono">{row.hint}</span>
              </div>
              <div className="spread">
                <span className="muted small">
                  <Time at={row.created_at} />
                </span>
                <Revoke row={row} />
              </div>
            </div>
          )}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} action={add} />}
        />
      )}
      <AddKey isOpen={isAdding} onClose={() => setAdding(false)} onMade={setMade} />
      <MadeKey made={made} onClose={() => setMade(null)} />
    </Page>
  );
}

function KeyState({ isActive }: { isActive: boolean }) {
  const t = useT().core.keys;
  return (
    <Tag color={isActive ? "success" : "default"} style={{ margin: 0 }}>
      {isActive ? t.active : t.revoked}
    </Tag>
  );
}

function Revoke({ row }: { row: Key }) {
  const t = useT().core.keys;
  const act = useAct();
  const revoke = $api.useMutation("delete", "/api/write-keys/{key_id}", act(["/api/write-keys"]));
  if (!row.is_active) return null;
  return (
    <Popconfirm
      title={t.revokeAsk}
      onConfirm={() => revoke.mutate({ params: { path: { key_id: row.id } } })}
    >
      <Button size="small" type="text" danger loading={revoke.isPending}>
        {t.revoke}
      </Button>
    </Popconfirm>
  );
}

interface AddKeyProps {
  isOpen: boolean;
  onClose: () => void;
  onMade: (made: Made) => void;
}

function AddKey({ isOpen, onClose, onMade }: AddKeyProps) {
  const t = useT().core.keys;
  const act = useAct();
  const platforms = usePlatformOptions();
  const [form] = Form.useForm<{ name: string; platform: string }>();
  const create = $api.useMutation(
    "post",
    "/api/write-keys",
    act(["/api/write-keys", "/api/setup"]),
  );
  const submit = async () => {
    const body = await valuesOf(form);
    if (!body) return;
    create.mutate(
      { body },
      {
        onSuccess: (made) => {
          onMade(made);
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      title={t.add}
      open={isOpen}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={create.isPending}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ platform: "web" }}
      >
        <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="platform" label={t.platform} rules={[{ required: true }]}>
          <Select options={platforms} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function MadeKey({ made, onClose }: { made: Made | null; onClose: () => void }) {
  const t = useT();
  if (made === null) return null;
  const example = `curl -u "${made.key}:" ${location.origin}/v1/track \\
  -H "Content-Type: application/json" \\
  -d '{"event":"Product Viewed","userId":"u1","messageId":"m1"}'`;
  return (
    <Modal
      title={`${t.core.keys.newKey} · ${made.name}`}
      open
      onCancel={onClose}
      onOk={onClose}
      width={640}
    >
      <div className="stack">
        <Alert type="warning" showIcon title={t.core.keys.once} />
        <SqlText sql={made.key} />
        <div className="strong">{t.core.keys.example}</div>
        <pre className="sql mono">{example}</pre>
      </div>
    </Modal>
  );
}
