/** Words that greet who enters a group. */
import { Button, Card, Drawer, Form, Input, Popconfirm, Select, Tag } from "antd";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { useStaffName } from "../kit/staff";
import { useT } from "../locale";
import { CardList, type Editing } from "./CardList";
import { useGroupAccounts, useStaffOptions } from "./choices";

type Welcome = Row<"/api/group-welcomes">;

interface Values {
  account: string;
  name: string;
  text: string;
  title?: string;
  url?: string;
  owners: string[];
}

export function Welcomes() {
  const { welcomes } = useT().groups;
  const found = $api.useQuery("get", "/api/group-welcomes");
  return (
    <CardList
      query={found}
      words={welcomes}
      card={(welcome, onEdit) => <WelcomeCard welcome={welcome} onEdit={onEdit} />}
      form={(welcome, onClose) => <WelcomeForm welcome={welcome} onClose={onClose} />}
    />
  );
}

function WelcomeCard({ welcome, onEdit }: { welcome: Welcome; onEdit: () => void }) {
  const words = useT().groups.welcomes;
  const may = useMay();
  const act = useAct();
  const staffName = useStaffName();
  const remove = $api.useMutation(
    "delete",
    "/api/group-welcomes/{welcome_id}",
    act(["/api/group-welcomes"]),
  );
  return (
    <Card>
      <div className="stack" style={{ gap: 10 }}>
        <span className="strong break">{welcome.name}</span>
        <span className="break" style={{ whiteSpace: "pre-wrap" }}>
          {welcome.text}
        </span>
        {welcome.attachment?.title ? <Tag>{welcome.attachment.title}</Tag> : null}
        <span className="row" style={{ flexWrap: "wrap", gap: 4 }}>
          {welcome.owners.map((owner) => (
            <Tag key={owner} color="blue">
              {staffName(welcome.account, owner)}
            </Tag>
          ))}
        </span>
        {may("group:write") ? (
          <span className="row">
            <Button size="small" onClick={onEdit}>
              {words.edit}
            </Button>
            <Popconfirm
              title={words.remove}
              onConfirm={() => remove.mutate({ params: { path: { welcome_id: welcome.id } } })}
            >
              <Button size="small" danger>
                {words.remove}
              </Button>
            </Popconfirm>
          </span>
        ) : null}
      </div>
    </Card>
  );
}

function WelcomeForm({ welcome, onClose }: { welcome: Editing<Welcome>; onClose: () => void }) {
  const t = useT();
  const words = t.groups.welcomes;
  const act = useAct();
  const accounts = useGroupAccounts();
  const staff = useStaffOptions();
  const [form] = Form.useForm<Values>();
  const saved = act(["/api/group-welcomes"], undefined, onClose);
  const create = $api.useMutation("post", "/api/group-welcomes", saved);
  const update = $api.useMutation("put", "/api/group-welcomes/{welcome_id}", saved);
  const before = welcome && welcome !== "new" ? welcome.attachment : null;
  const link = before?.kind === "link" ? before : null;
  const kept = link ? null : before;
  const submit = ({ title, url, ...rest }: Values) => {
    const attachment = title && url ? { kind: "link", title, url } : kept;
    const body = { ...rest, text: rest.text ?? "", owners: rest.owners ?? [], attachment };
    if (welcome === "new") create.mutate({ body });
    else if (welcome) update.mutate({ params: { path: { welcome_id: welcome.id } }, body });
  };
  const initial =
    welcome && welcome !== "new"
      ? { ...welcome, title: link?.title, url: link?.url }
      : { account: accounts[0]?.value, owners: [] };
  return (
    <Drawer
      title={welcome === "new" ? words.add : words.edit}
      open={welcome !== null}
      onClose={onClose}
      size={520}
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
        <Form.Item name="name" label={t.groups.keywords.pageName} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="account" label={t.groups.codes.account} rules={[{ required: true }]}>
          <Select options={accounts} disabled={welcome !== "new"} />
        </Form.Item>
        <Form.Item name="text" label={words.text} rules={[{ required: true }]}>
          <Input.TextArea rows={4} maxLength={1000} />
        </Form.Item>
        <Form.Item
          name="title"
          label={words.linkTitle}
          dependencies={["url"]}
          rules={[(form) => ({ required: Boolean(form.getFieldValue("url")) })]}
        >
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item
          name="url"
          label={words.linkUrl}
          dependencies={["title"]}
          rules={[(form) => ({ required: Boolean(form.getFieldValue("title")) })]}
        >
          <Input maxLength={2000} />
        </Form.Item>
        <Form.Item name="owners" label={words.owners} extra={words.ownersHint}>
          <Select mode="multiple" options={staff} showSearch={{ optionFilterProp: "label" }} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
