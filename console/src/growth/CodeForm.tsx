/** Making or changing a live code. */
import { Button, Drawer, Form, Input, Select } from "antd";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import { useTagOptions } from "../pool/FilterSelects";
import type { LiveCode } from "./LiveCodesPage";

interface CodeValues {
  name: string;
  account: string;
  staff: string[];
  tag_ids: number[];
  welcome_text: string;
}

interface CodeFormProps {
  code: LiveCode | "new" | null;
  onClose: () => void;
}

export function CodeForm({ code, onClose }: CodeFormProps) {
  const t = useT();
  const words = t.growth;
  const isNew = code === "new";
  const act = useAct();
  const [form] = Form.useForm<CodeValues>();
  const saved = act(["/api/live-codes", "/api/setup"], isNew ? words.created : undefined, onClose);
  const create = $api.useMutation("post", "/api/live-codes", saved);
  const update = $api.useMutation("patch", "/api/live-codes/{code_id}", saved);
  const submit = ({ account, ...rest }: CodeValues) => {
    if (code === "new") create.mutate({ body: { account, channel: "", ...rest } });
    else if (code) update.mutate({ params: { path: { code_id: code.id } }, body: rest });
  };
  const initial: Partial<CodeValues> =
    code && code !== "new"
      ? { ...code, tag_ids: code.tags.map((tag) => tag.id) }
      : { staff: [], tag_ids: [], welcome_text: "" };
  return (
    <Drawer
      title={isNew ? words.add : words.edit}
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
        initialValues={initial}
        onFinish={submit}
      >
        <Fields isNew={isNew} />
      </Form>
    </Drawer>
  );
}

function Fields({ isNew }: { isNew: boolean }) {
  const t = useT().growth;
  const accounts = $api.useQuery("get", "/api/accounts");
  const guides = $api.useQuery("get", "/api/guides");
  const tags = useTagOptions();
  const account = Form.useWatch("account");
  const staff = (guides.data?.items ?? []).filter((guide) => !account || guide.account === account);
  return (
    <>
      <Form.Item name="name" label={t.name} extra={t.nameHint} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="account" label={t.account} rules={[{ required: true }]}>
        <Select
          disabled={!isNew}
          options={(accounts.data?.items ?? []).map((item) => ({
            value: item.key,
            label: item.name || item.key,
          }))}
        />
      </Form.Item>
      <Form.Item name="staff" label={t.staff} extra={t.staffHint} rules={[{ required: true }]}>
        <Select
          mode="tags"
          options={staff.map((guide) => ({ value: guide.staff, label: guide.staff }))}
        />
      </Form.Item>
      <Form.Item name="tag_ids" label={t.tags}>
        <Select mode="multiple" options={tags} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="welcome_text" label={t.welcome} extra={t.welcomeHint}>
        <Input.TextArea rows={4} maxLength={1000} />
      </Form.Item>
    </>
  );
}
