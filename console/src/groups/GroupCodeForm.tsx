/** Making or changing a group code. */
import { Button, Drawer, Form, Input, InputNumber, Select, Switch } from "antd";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import type { Editing } from "./CardList";
import { useGroupAccounts, useGroupOptions } from "./choices";
import type { GroupCode } from "./GroupCodes";

interface Values {
  account: string;
  name: string;
  groups: number[];
  is_growing: boolean;
  base_name: string;
  base_number: number;
  capacity: number;
  title: string;
  text: string;
}

const NEW: Partial<Values> = {
  groups: [],
  is_growing: true,
  base_name: "",
  base_number: 1,
  capacity: 0,
  title: "",
  text: "",
};

interface GroupCodeFormProps {
  code: Editing<GroupCode>;
  onClose: () => void;
}

export function GroupCodeForm({ code, onClose }: GroupCodeFormProps) {
  const t = useT();
  const words = t.groups.codes;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const account = useGroupAccounts()[0]?.value;
  const saved = act(["/api/group-codes"], undefined, onClose);
  const create = $api.useMutation("post", "/api/group-codes", saved);
  const update = $api.useMutation("put", "/api/group-codes/{code_id}", saved);
  const submit = (values: Values) => {
    const { account, ...body } = values;
    if (code === "new") create.mutate({ body: values });
    else if (code) update.mutate({ params: { path: { code_id: code.id } }, body });
  };
  const initial =
    code && code !== "new"
      ? { ...code, groups: code.groups.map((one) => one.id), base_number: code.next_number }
      : { ...NEW, account };
  return (
    <Drawer
      title={code === "new" ? words.add : words.edit}
      open={code !== null}
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
        <Fields isNew={code === "new"} />
      </Form>
    </Drawer>
  );
}

function Fields({ isNew }: { isNew: boolean }) {
  const t = useT().groups;
  const words = t.codes;
  const account = Form.useWatch("account") as string | undefined;
  const isGrowing = Form.useWatch("is_growing") as boolean | undefined;
  const accounts = useGroupAccounts();
  const groups = useGroupOptions(account);
  return (
    <>
      <Form.Item name="name" label={t.keywords.pageName} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="account" label={words.account} rules={[{ required: true }]}>
        <Select options={accounts} disabled={!isNew} />
      </Form.Item>
      <Form.Item
        name="groups"
        label={words.groups}
        extra={words.groupsHint}
        rules={[{ required: true }]}
      >
        <Select mode="multiple" options={groups} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="is_growing" label={words.growing} valuePropName="checked">
        <Switch />
      </Form.Item>
      <div style={{ display: isGrowing ? "block" : "none" }}>
        <Form.Item name="base_name" label={words.base} rules={[{ required: isGrowing ?? false }]}>
          <Input maxLength={40} />
        </Form.Item>
        <Form.Item name="base_number" label={words.number}>
          <InputNumber min={0} max={99_999} />
        </Form.Item>
      </div>
      <Form.Item name="capacity" label={words.capacity} extra={words.capacityHint}>
        <InputNumber min={0} max={2000} />
      </Form.Item>
      <Form.Item name="title" label={words.pageTitle}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="text" label={words.pageText}>
        <Input.TextArea maxLength={300} rows={2} />
      </Form.Item>
    </>
  );
}
