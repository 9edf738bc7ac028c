/** Defining or changing a custom field. */
import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Drawer, Form, Input, Select, Switch } from "antd";
import { $api } from "../api/client";
import { problemOf } from "../api/problem";
import { useIsPhone } from "../kit/screen";
import { labelOf, useT } from "../locale";
import type { FieldRow } from "./CustomFieldsPage";

type Field = FieldRow["field"];
type Kind = Field["type"];
type Rule = Field["rule"];

interface Values {
  zh: string;
  en: string;
  key: string;
  type: Kind;
  choices: { value: string; zh: string; en: string }[];
  is_personal: boolean;
  is_listed: boolean;
  rule: Rule;
  sources: string[];
  description: string;
}

const KINDS: Kind[] = [
  "text",
  "number",
  "integer",
  "date",
  "datetime",
  "bool",
  "choice",
  "choices",
  "phone",
  "email",
];
const PERSONAL: Kind[] = ["phone", "email"];
const ORDERED: Kind[] = ["number", "integer", "date", "datetime"];

function rulesOf(kind: Kind): Rule[] {
  if (ORDERED.includes(kind)) return ["latest", "first", "priority", "max", "min"];
  return kind === "choices"
    ? ["latest", "first", "priority", "union"]
    : ["latest", "first", "priority"];
}

interface FieldFormProps {
  field: Field | "new" | null;
  onClose: () => void;
}

export function FieldForm({ field, onClose }: FieldFormProps) {
  const t = useT();
  const isPhone = useIsPhone();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const queries = useQueryClient();
  const create = $api.useMutation("post", "/api/custom-fields");
  const update = $api.useMutation("patch", "/api/custom-fields/{field_id}");
  const submit = async ({ key, type, ...rest }: Values) => {
    const body = { ...rest, choices: rest.choices ?? [], sources: rest.sources ?? [] };
    try {
      if (field === "new") await create.mutateAsync({ body: { ...body, key, type } });
      else if (field) await update.mutateAsync({ params: { path: { field_id: field.id } }, body });
      message.success(t.kit.saved);
      await queries.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[1] === "/api/custom-fields",
      });
      onClose();
    } catch (error) {
      const problem = problemOf(error);
      const name = problem.field as keyof Values | null;
      if (name && name in initialOf(field)) {
        form.setFields([{ name, errors: [problem.title] }]);
      } else message.error(t.kit.failed(problem.title));
    }
  };
  return (
    <Drawer
      title={field === "new" ? t.fields.add : t.fields.edit}
      open={field !== null}
      onClose={onClose}
      size={isPhone ? "100%" : 520}
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
      {field !== null ? (
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          clearOnDestroy
          initialValues={initialOf(field)}
          onFinish={submit}
        >
          <Fields field={field} />
        </Form>
      ) : null}
    </Drawer>
  );
}

function initialOf(field: Field | "new" | null): Values {
  if (field && field !== "new") return field;
  return {
    zh: "",
    en: "",
    key: "",
    type: "text",
    choices: [],
    is_personal: false,
    is_listed: false,
    rule: "latest",
    sources: [],
    description: "",
  };
}

function Fields({ field }: { field: Field | "new" }) {
  const t = useT().fields;
  const form = Form.useFormInstance<Values>();
  const kind = Form.useWatch("type", form) ?? (field === "new" ? "text" : field.type);
  const rule = Form.useWatch("rule", form);
  const isPersonal = Form.useWatch("is_personal", form);
  const isNew = field === "new";
  const wasPersonal = !isNew && field.is_personal;
  return (
    <>
      <Form.Item name="zh" label={t.name} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="en" label={t.nameEn}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="key" label={t.key} extra={t.keyHint} rules={[{ required: true }]}>
        <Input maxLength={64} disabled={!isNew} className="mono" />
      </Form.Item>
      <Form.Item name="type" label={t.type} rules={[{ required: true }]}>
        <Select
          disabled={!isNew}
          options={KINDS.map((value) => ({ value, label: labelOf(t.types, value) }))}
          onChange={(next: Kind) => {
            if (!rulesOf(next).includes(form.getFieldValue("rule"))) {
              form.setFieldValue("rule", "latest");
            }
          }}
        />
      </Form.Item>
      {kind === "choice" || kind === "choices" ? <Choices /> : null}
      <Form.Item name="rule" label={t.rule} extra={t.ruleHint}>
        <Select
          options={rulesOf(kind).map((value) => ({ value, label: labelOf(t.rules, value) }))}
        />
      </Form.Item>
      {rule === "priority" ? (
        <Form.Item
          name="sources"
          label={t.sources}
          extra={t.sourcesHint}
          rules={[{ required: true }]}
        >
          <Select mode="tags" options={["user", "import"].map((value) => ({ value }))} />
        </Form.Item>
      ) : null}
      {PERSONAL.includes(kind) ? null : (
        <Form.Item
          name="is_personal"
          label={t.personal}
          extra={t.personalHint}
          valuePropName="checked"
        >
          <Switch disabled={wasPersonal} />
        </Form.Item>
      )}
      {PERSONAL.includes(kind) || isPersonal ? null : (
        <Form.Item name="is_listed" label={t.listed} valuePropName="checked">
          <Switch />
        </Form.Item>
      )}
      <Form.Item name="description" label={t.description}>
        <Input.TextArea maxLength={200} rows={2} />
      </Form.Item>
    </>
  );
}

function Choices() {
  const t = useT();
  return (
    <Form.Item label={t.fields.choices} required>
      <Form.List name="choices">
        {(items, { add, remove }) => (
          <div className="stack" style={{ gap: 8 }}>
            {items.map(({ key, name }) => (
              <div key={key} className="row" style={{ flexWrap: "nowrap" }}>
                <Form.Item name={[name, "value"]} noStyle rules={[{ required: true }]}>
                  <Input placeholder={t.fields.choiceValue} aria-label={t.fields.choiceValue} />
                </Form.Item>
                <Form.Item name={[name, "zh"]} noStyle rules={[{ required: true }]}>
                  <Input placeholder={t.fields.choiceName} aria-label={t.fields.choiceName} />
                </Form.Item>
                <Form.Item name={[name, "en"]} noStyle>
                  <Input placeholder="English" aria-label="English" />
                </Form.Item>
                <Button
                  type="text"
                  icon={<MinusCircleOutlined />}
                  aria-label={t.kit.remove}
                  onClick={() => remove(name)}
                />
              </div>
            ))}
            <Button
              type="dashed"
              icon={<PlusOutlined />}
              onClick={() => add({ value: "", zh: "", en: "" })}
            >
              {t.fields.addChoice}
            </Button>
          </div>
        )}
      </Form.List>
    </Form.Item>
  );
}
