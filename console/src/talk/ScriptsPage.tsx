/** Scripts: groups of the company and one's own, searched, written, counted. */
import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Card, Checkbox, Form, Input, Modal, Select, Space, Tag } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Page } from "../kit/Page";
import { EmptyState, ErrorState } from "../kit/States";
import { useT } from "../locale";

type Scripts = Got<"/api/scripts">;
type Script = Scripts["items"][number];
type Group = Scripts["groups"][number];

export default function ScriptsPage() {
  const t = useT().org.scripts;
  const [q, setQ] = useState("");
  const [group, setGroup] = useState<number>();
  const [shown, setShown] = useState<Script | "new">();
  const [isGrouping, setGrouping] = useState(false);
  const query = { q, ...(group === undefined ? {} : { group_id: group }) };
  const list = $api.useQuery(
    "get",
    "/api/scripts",
    { params: { query } },
    { placeholderData: (before) => before },
  );
  const groups = list.data?.groups ?? [];
  const extra = (
    <>
      <Button onClick={() => setGrouping(true)}>{t.addGroup}</Button>
      <Button
        type="primary"
        icon={<PlusOutlined />}
        disabled={groups.length === 0}
        onClick={() => setShown("new")}
      >
        {t.add}
      </Button>
    </>
  );
  return (
    <Page title={t.title} lead={t.lead} extra={extra}>
      <Space wrap>
        <Input.Search
          allowClear
          placeholder={t.search}
          onSearch={setQ}
          style={{ width: 260, maxWidth: "100%" }}
        />
        <Select<number | 0>
          aria-label={t.group}
          value={group ?? 0}
          onChange={(id) => setGroup(id || undefined)}
          style={{ width: 200 }}
          options={[{ value: 0, label: t.all }, ...options(groups, t.mine)]}
        />
      </Space>
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} />
      ) : list.data && list.data.items.length === 0 ? (
        <Card>
          <EmptyState title={t.empty} hint={t.emptyHint} />
        </Card>
      ) : (
        <div className="records">
          {list.data?.items.map((script) => (
            <button
              type="button"
              className="record"
              key={script.id}
              onClick={() => setShown(script)}
            >
              <ScriptCard
                script={script}
                group={groups.find((one) => one.id === script.group_id)}
              />
            </button>
          ))}
        </div>
      )}
      {isGrouping ? <GroupForm onClose={() => setGrouping(false)} /> : null}
      {shown ? (
        <ScriptForm
          groups={groups}
          {...(shown === "new" ? {} : { script: shown })}
          onClose={() => setShown(undefined)}
        />
      ) : null}
    </Page>
  );
}

function options(groups: Group[], mine: string): { value: number; label: string }[] {
  return groups.map((one) => ({
    value: one.id,
    label: one.is_mine ? `${one.name} (${mine})` : one.name,
  }));
}

function ScriptCard({ script, group }: { script: Script; group: Group | undefined }) {
  const t = useT().org.scripts;
  return (
    <div className="stack" style={{ gap: 6, textAlign: "left" }}>
      <div className="spread">
        <span className="strong">{script.title}</span>
        <span>
          <Tag color={group?.is_mine ? "blue" : "green"}>{group?.name}</Tag>
          <span className="muted small num">{t.sent(script.sent)}</span>
        </span>
      </div>
      <div className="muted small" style={{ whiteSpace: "pre-wrap" }}>
        {script.text}
      </div>
    </div>
  );
}

function GroupForm({ onClose }: { onClose: () => void }) {
  const t = useT().org.scripts;
  const may = useMay();
  const act = useAct();
  const [form] = Form.useForm<{ name: string; is_mine: boolean }>();
  const create = $api.useMutation(
    "post",
    "/api/script-groups",
    act(["/api/scripts"], undefined, onClose),
  );
  const submit = async () => {
    const body = await valuesOf(form);
    if (body) create.mutate({ body });
  };
  return (
    <Modal
      open
      title={t.addGroup}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={create.isPending}
    >
      <Form form={form} layout="vertical" initialValues={{ is_mine: !may("script:write") }}>
        <Form.Item name="name" label={t.groupName} rules={[{ required: true }]}>
          <Input maxLength={32} />
        </Form.Item>
        <Form.Item name="is_mine" valuePropName="checked">
          <Checkbox disabled={!may("script:write")}>{t.isMine}</Checkbox>
        </Form.Item>
      </Form>
    </Modal>
  );
}

interface ScriptFormProps {
  groups: Group[];
  script?: Script;
  onClose: () => void;
}

interface Values {
  group_id: number;
  title: string;
  text?: string;
  url?: string;
  link_title?: string;
}

function ScriptForm({ groups, script, onClose }: ScriptFormProps) {
  const t = useT().org.scripts;
  const may = useMay();
  const act = useAct()(["/api/scripts"], undefined, onClose);
  const { modal } = App.useApp();
  const [form] = Form.useForm<Values>();
  const create = $api.useMutation("post", "/api/scripts", act);
  const update = $api.useMutation("put", "/api/scripts/{script_id}", act);
  const remove = $api.useMutation("delete", "/api/scripts/{script_id}", act);
  const group = groups.find((one) => one.id === script?.group_id);
  const canWrite = may("script:write") || !script || group?.is_mine === true;
  const link = script?.attachments.find((one) => one.type === "link");
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    const body = {
      group_id: values.group_id,
      title: values.title,
      text: values.text ?? "",
      attachments: values.url
        ? [{ type: "link", url: values.url, title: values.link_title || values.title }]
        : [],
    };
    if (script) update.mutate({ params: { path: { script_id: script.id } }, body });
    else create.mutate({ body });
  };
  const ask = (id: number) =>
    modal.confirm({
      title: t.remove,
      content: t.removeAsk,
      onOk: () => remove.mutate({ params: { path: { script_id: id } } }),
    });
  return (
    <Modal
      open
      title={script ? t.edit : t.add}
      onCancel={onClose}
      onOk={submit}
      okButtonProps={{ disabled: !canWrite }}
      confirmLoading={create.isPending || update.isPending}
    >
      <Form
        form={form}
        layout="vertical"
        disabled={!canWrite}
        initialValues={{
          ...(script ?? { group_id: groups[0]?.id }),
          url: link?.url,
          link_title: link?.title,
        }}
      >
        <Form.Item name="group_id" label={t.group} rules={[{ required: true }]}>
          <Select options={options(groups, t.mine)} />
        </Form.Item>
        <Form.Item name="title" label={t.name} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="text" label={t.text}>
          <Input.TextArea maxLength={2000} showCount autoSize={{ minRows: 4 }} />
        </Form.Item>
        <Form.Item name="url" label={t.link}>
          <Input maxLength={2048} placeholder="https://" />
        </Form.Item>
        <Form.Item name="link_title" label={t.linkTitle}>
          <Input maxLength={64} />
        </Form.Item>
      </Form>
      {script && canWrite ? (
        <Button danger size="small" onClick={() => ask(script.id)}>
          {t.remove}
        </Button>
      ) : null}
    </Modal>
  );
}
