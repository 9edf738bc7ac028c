/** Making or changing a live code or a link. */
import { Button, Collapse, Drawer, Form, Input, Select, Switch } from "antd";
import { $api } from "../api/client";
import { useAccountsOffering } from "../core/offering";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import { useTagOptions } from "../pool/FilterSelects";
import type { LiveCode } from "./CodeCard";
import { PlanFields } from "./PlanFields";
import { NEW_PLAN, NEW_SAYS, type Plan, type Says } from "./shapes";
import { WelcomeFields } from "./WelcomeFields";

interface CodeValues {
  name: string;
  account: string;
  group_id: number;
  plan: Plan;
  says: Says;
  tag_ids: number[];
  remark: string;
  description: string;
  blocked_names: string[];
  page: { title: string; text: string; hint: string };
  is_open: boolean;
}

/** What a form is opened for: a code to change, a kind to make, or a code to make another like. */
export type CodeFormFor = LiveCode | "code" | "link" | { copyOf: LiveCode } | null;

interface CodeFormProps {
  code: CodeFormFor;
  onClose: () => void;
}

export function CodeForm({ code, onClose }: CodeFormProps) {
  const t = useT();
  const words = t.growth;
  const kind = kindOf(code);
  const isNew = typeof code === "string" || isCopy(code);
  const act = useAct();
  const [form] = Form.useForm<CodeValues>();
  const saved = act(["/api/live-codes", "/api/setup"], isNew ? words.created : undefined, onClose);
  const create = $api.useMutation("post", "/api/live-codes", saved);
  const update = $api.useMutation("patch", "/api/live-codes/{code_id}", saved);
  const submit = () => {
    const { account, ...rest } = form.getFieldsValue(true) as CodeValues;
    const plan = { ...rest.plan, cap: rest.plan.cap ?? null };
    if (isNew) {
      create.mutate({ body: { account, kind, channel: "", ...rest, plan } as never });
    } else if (code) {
      const body = { ...rest, plan } as never;
      update.mutate({ params: { path: { code_id: (code as LiveCode).id } }, body });
    }
  };
  const title = isNew ? (kind === "link" ? words.addLink : words.add) : words.edit;
  return (
    <Drawer
      title={title}
      open={code !== null}
      onClose={onClose}
      size={640}
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
        initialValues={isCopy(code) ? copyOf(code.copyOf, words.copyName) : initialOf(code)}
        onFinish={submit}
      >
        <Fields isNew={isNew} kind={kind} />
      </Form>
    </Drawer>
  );
}

function isCopy(code: CodeFormFor): code is { copyOf: LiveCode } {
  return code !== null && typeof code === "object" && "copyOf" in code;
}

function kindOf(code: CodeFormFor): string {
  if (typeof code === "string") return code;
  return (isCopy(code) ? code.copyOf.kind : code?.kind) ?? "code";
}

/** All of a code but its name, which is another, and its page, which is shut. */
function copyOf(code: LiveCode, nameOf: (name: string) => string): Partial<CodeValues> {
  const values = initialOf(code);
  return { ...values, name: nameOf(code.name), is_open: false };
}

function initialOf(code: LiveCode | "code" | "link" | null): Partial<CodeValues> {
  if (code && typeof code !== "string") {
    return {
      ...code,
      group_id: code.group_id ?? 0,
      tag_ids: code.tags.map((tag) => tag.id),
      is_open: code.page_path !== "",
    };
  }
  return {
    group_id: 0,
    plan: NEW_PLAN,
    says: NEW_SAYS,
    tag_ids: [],
    remark: "",
    description: "",
    blocked_names: [],
    page: { title: "", text: "", hint: "" },
    is_open: false,
  };
}

function Fields({ isNew, kind }: { isNew: boolean; kind: string }) {
  const t = useT().growth;
  const accounts = useAccountsOffering(kind === "link" ? "links" : "codes");
  const account = Form.useWatch("account");
  const sections = [
    { key: "plan", label: t.duty, children: <PlanFields account={account} />, forceRender: true },
    {
      key: "welcome",
      label: t.welcome,
      children: <WelcomeFields hint={t.welcomeHint} />,
      forceRender: true,
    },
    { key: "marks", label: t.tags, children: <MarkFields />, forceRender: true },
    { key: "page", label: t.page, children: <PageFields />, forceRender: true },
  ];
  return (
    <>
      <Form.Item name="name" label={t.name} extra={t.nameHint} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="account" label={t.account} rules={[{ required: true }]}>
        <Select disabled={!isNew} options={accounts} />
      </Form.Item>
      <Form.Item name="group_id" label={t.group}>
        <GroupSelect />
      </Form.Item>
      <Collapse defaultActiveKey={["plan", "welcome"]} items={sections} size="small" />
    </>
  );
}

interface GroupSelectProps {
  value?: number;
  onChange?: (id: number) => void;
}

/** A group, or a new one by typing its name. */
export function GroupSelect({ value, onChange }: GroupSelectProps) {
  const t = useT().growth;
  const groups = $api.useQuery("get", "/api/live-codes/groups");
  const act = useAct();
  const add = $api.useMutation("post", "/api/live-codes/groups", {
    ...act(["/api/live-codes/groups"], t.created),
  });
  return (
    <div className="stack" style={{ gap: 8 }}>
      <Select
        aria-label={t.group}
        value={value ?? 0}
        options={[
          { value: 0, label: t.noGroup },
          ...(groups.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
        ]}
        onChange={(id) => onChange?.(id)}
      />
      <Input.Search
        size="small"
        placeholder={t.newGroup}
        enterButton="+"
        maxLength={64}
        onSearch={async (name) => {
          if (!name.trim()) return;
          const made = await add.mutateAsync({ body: { name } });
          onChange?.(made.id);
        }}
      />
    </div>
  );
}

function MarkFields() {
  const t = useT().growth;
  const tags = useTagOptions();
  return (
    <>
      <Form.Item name="tag_ids" label={t.tags}>
        <Select mode="multiple" options={tags} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="remark" label={t.remark} extra={t.remarkHint}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="description" label={t.description}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="blocked_names" label={t.blocked} extra={t.blockedHint}>
        <Select mode="tags" open={false} suffixIcon={null} />
      </Form.Item>
    </>
  );
}

function PageFields() {
  const t = useT().growth;
  return (
    <>
      <Form.Item name="is_open" label={t.pageOpen} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name={["page", "title"]} label={t.pageTitle}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name={["page", "text"]} label={t.pageText}>
        <Input.TextArea rows={2} maxLength={300} />
      </Form.Item>
      <Form.Item name={["page", "hint"]} label={t.pageHint}>
        <Input maxLength={64} />
      </Form.Item>
    </>
  );
}
