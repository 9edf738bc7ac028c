/** Values that are nobody's, as people listed them. */
import { PlusOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input, Modal, Select, Switch, type TableColumnsType } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Pager, Records, useCursors } from "../kit/Records";
import { EmptyState, ErrorState } from "../kit/States";
import { Time } from "../kit/Values";
import { useT } from "../locale";
import { useNamespaceLabel } from "./namespaces";
import { ReasonDialog } from "./ReasonDialog";

type Entry = Row<"/api/poison">;
const CHANGED = ["/api/poison", "/api/conflicts", "/api/customers", "/api/identity-rules"];

export function PoisonList({ mayWrite }: { mayWrite: boolean }) {
  const words = useT();
  const t = words.oneid.poison;
  const cursors = useCursors();
  const nameOf = useNamespaceLabel();
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Entry | null>(null);
  const list = $api.useQuery("get", "/api/poison", {
    params: { query: { limit: 20, ...(cursors.cursor ? { cursor: cursors.cursor } : {}) } },
  });
  const label = (name: string) => (name === "*" ? t.any : nameOf(name));
  const remove = (row: Entry) =>
    mayWrite ? (
      <Button size="small" type="text" danger onClick={() => setRemoving(row)}>
        {t.remove}
      </Button>
    ) : null;
  const columns: TableColumnsType<Entry> = [
    { title: t.namespace, dataIndex: "namespace", render: label },
    { title: t.value, dataIndex: "value_masked", className: "mono break" },
    {
      title: t.kind,
      dataIndex: "is_pattern",
      render: (is: boolean) => (is ? t.isPattern : t.isValue),
    },
    { title: words.kit.reason, dataIndex: "reason", className: "break" },
    { title: t.by, dataIndex: "by" },
    { title: t.at, dataIndex: "at", render: (at: string) => <Time at={at} /> },
    { title: "", key: "remove", align: "right", render: (_, row) => remove(row) },
  ];
  const add = mayWrite ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  ) : null;
  return (
    <div className="stack">
      <div className="spread" style={{ alignItems: "flex-start" }}>
        <span className="muted">{t.lead}</span>
        {add}
      </div>
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} />
      ) : (
        <Records<Entry>
          rows={list.data?.items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => (
            <div className="stack" style={{ gap: 6 }}>
              <span className="break">
                <span className="muted">{label(row.namespace)}</span>{" "}
                <span className="mono">{row.value_masked}</span>
              </span>
              <span className="break">{row.reason}</span>
              <div className="spread">
                <span className="muted small">
                  {row.by} · <Time at={row.at} />
                </span>
                {remove(row)}
              </div>
            </div>
          )}
          empty={<EmptyState title={t.empty} hint={t.emptyHint} />}
          pager={<Pager cursors={cursors} next={list.data?.next_cursor} />}
        />
      )}
      <AddDialog isOpen={isAdding} onClose={() => setAdding(false)} />
      <RemoveDialog entry={removing} onClose={() => setRemoving(null)} />
    </div>
  );
}

interface NewEntry {
  namespace: string;
  value: string;
  is_pattern: boolean;
  reason: string;
}

function AddDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const words = useT();
  const t = words.oneid.poison;
  const act = useAct();
  const nameOf = useNamespaceLabel();
  const [form] = Form.useForm<NewEntry>();
  const rules = $api.useQuery("get", "/api/identity-rules");
  const block = $api.useMutation("post", "/api/poison", act(CHANGED, t.added, onClose));
  const isPattern = Form.useWatch("is_pattern", form);
  const submit = async () => {
    const body = await valuesOf(form);
    if (body) block.mutate({ body });
  };
  const names = (rules.data?.items ?? []).map((rule) => ({
    value: rule.name,
    label: nameOf(rule.name),
  }));
  return (
    <Modal
      title={t.add}
      open={isOpen}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={block.isPending}
      destroyOnHidden
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ namespace: "phone", is_pattern: false }}
      >
        <Form.Item name="namespace" label={t.namespace}>
          <Select options={[{ value: "*", label: t.any }, ...names]} />
        </Form.Item>
        <Form.Item
          name="value"
          label={t.value}
          rules={[{ required: true, whitespace: true, max: 254 }]}
        >
          <Input className="mono" />
        </Form.Item>
        <Form.Item name="is_pattern" label={t.pattern} valuePropName="checked">
          <Switch />
        </Form.Item>
        {isPattern ? (
          <Alert type="info" title={t.patternHint} style={{ marginBottom: 16 }} />
        ) : null}
        <Form.Item
          name="reason"
          label={words.kit.reason}
          rules={[{ required: true, whitespace: true }]}
        >
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function RemoveDialog({ entry, onClose }: { entry: Entry | null; onClose: () => void }) {
  const t = useT().oneid.poison;
  const act = useAct();
  const remove = $api.useMutation(
    "post",
    "/api/poison/{entry_id}/remove",
    act(CHANGED, t.removed, onClose),
  );
  return (
    <ReasonDialog
      title={t.remove}
      lead={t.removeLead}
      isOpen={entry !== null}
      isPending={remove.isPending}
      isDanger
      onClose={onClose}
      onDone={(reason) =>
        entry && remove.mutate({ params: { path: { entry_id: entry.id } }, body: { reason } })
      }
    />
  );
}
