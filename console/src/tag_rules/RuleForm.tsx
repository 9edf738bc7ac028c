/** A new tag rule, with how many it would begin with. */
import { App, Form, Input, Modal, Select } from "antd";
import { $api } from "../api/client";
import { problemOf } from "../api/problem";
import { formatInt } from "../kit/format";
import { labelOf, useLanguage, useT } from "../locale";
import { useTagOptions } from "../pool/FilterSelects";

type Action = "add" | "remove" | "both";
const ACTIONS: Action[] = ["both", "add", "remove"];

interface Values {
  name: string;
  segment_id: number;
  tag_id: number;
  action: Action;
}

export function RuleForm({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const list = $api.useQuery("get", "/api/tag-rules");
  const create = $api.useMutation("post", "/api/tag-rules");
  const submit = async (body: Values) => {
    try {
      await create.mutateAsync({ body });
      message.success(t.kit.saved);
      await list.refetch();
      onClose();
    } catch (error) {
      const problem = problemOf(error);
      const isOurs = problem.field && problem.field in body;
      if (isOurs)
        form.setFields([{ name: problem.field as keyof Values, errors: [problem.title] }]);
      else message.error(t.kit.failed(problem.title));
    }
  };
  return (
    <Modal
      title={t.tagRules.add}
      open
      onCancel={onClose}
      onOk={() => form.submit()}
      confirmLoading={create.isPending}
    >
      <Form form={form} layout="vertical" initialValues={{ action: "both" }} onFinish={submit}>
        <Fields />
        <Count />
      </Form>
    </Modal>
  );
}

function Fields() {
  const t = useT().tagRules;
  const segments = $api.useQuery("get", "/api/segments");
  const tags = useTagOptions();
  return (
    <>
      <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="segment_id" label={t.segment} rules={[{ required: true }]}>
        <Select
          showSearch={{ optionFilterProp: "label" }}
          options={(segments.data?.items ?? []).map((item) => ({
            value: item.id,
            label: item.name,
          }))}
        />
      </Form.Item>
      <Form.Item name="tag_id" label={t.tag} rules={[{ required: true }]}>
        <Select showSearch={{ optionFilterProp: "label" }} options={tags} />
      </Form.Item>
      <Form.Item name="action" label={t.action}>
        <Select options={ACTIONS.map((value) => ({ value, label: labelOf(t.actions, value) }))} />
      </Form.Item>
    </>
  );
}

function Count() {
  const t = useT().tagRules;
  const language = useLanguage();
  const segment_id = Form.useWatch("segment_id");
  const tag_id = Form.useWatch("tag_id");
  const action = Form.useWatch("action");
  const preview = $api.useQuery(
    "post",
    "/api/tag-rules/preview",
    { body: { segment_id, tag_id } },
    { enabled: Boolean(segment_id && tag_id) },
  );
  if (!preview.data) return null;
  const members = formatInt(preview.data.members, language);
  return (
    <div className="strong" data-testid="rule-count">
      {action === "remove"
        ? t.removePreview(members)
        : t.preview(members, formatInt(preview.data.adding, language))}
    </div>
  );
}
