/** One namespace's rule in a form. */
import { Button, Drawer, Form, Input, InputNumber, Radio } from "antd";
import { valuesOf } from "../kit/form";
import { useLanguage, useT } from "../locale";
import { changesOf, type Override, type Rule, readLimit, writeLimit } from "./rules";

interface RuleDrawerProps {
  rule: Rule;
  onClose: () => void;
  onReset: () => void;
  onDone: (change: Override) => void;
}

interface Typed {
  strength: string;
  kind: "single" | "limit" | "any";
  count?: number;
  days?: number;
  max_degree: number;
  priority: number;
  patterns?: string;
}

export function RuleDrawer({ rule, onClose, onReset, onDone }: RuleDrawerProps) {
  const words = useT();
  const t = words.oneid.rules;
  const language = useLanguage();
  const [form] = Form.useForm<Typed>();
  const submit = async () => {
    const typed = await valuesOf(form);
    if (typed) onDone(changesOf(rule, ruleOf(typed)));
  };
  return (
    <Drawer
      title={`${t.edit} · ${language === "zh" ? rule.zh : rule.en}`}
      open
      onClose={onClose}
      extra={
        rule.changed.length > 0 ? (
          <Button size="small" onClick={onReset}>
            {t.reset}
          </Button>
        ) : null
      }
      footer={
        <Button type="primary" block onClick={submit}>
          {words.kit.save}
        </Button>
      }
    >
      <RuleForm form={form} rule={rule} />
    </Drawer>
  );
}

function RuleForm({ form, rule }: { form: ReturnType<typeof Form.useForm<Typed>>[0]; rule: Rule }) {
  const t = useT().oneid.rules;
  const kind = Form.useWatch("kind", form);
  return (
    <Form form={form} layout="vertical" initialValues={typedOf(rule)}>
      <Form.Item name="strength" label={t.strength}>
        <Radio.Group
          options={[
            { value: "strong", label: t.strong },
            { value: "weak", label: t.weak },
          ]}
        />
      </Form.Item>
      <Form.Item name="kind" label={t.limit}>
        <Radio.Group
          options={[
            { value: "single", label: t.single },
            { value: "limit", label: t.count },
            { value: "any", label: t.any },
          ]}
        />
      </Form.Item>
      {kind === "limit" ? (
        <div className="row">
          <Form.Item name="count" label={t.count} rules={[{ required: true }]}>
            <InputNumber min={1} max={9999} precision={0} />
          </Form.Item>
          <Form.Item name="days" label={t.days}>
            <InputNumber min={0} max={9999} precision={0} />
          </Form.Item>
        </div>
      ) : null}
      <Form.Item
        name="max_degree"
        label={t.degree}
        extra={t.degreeHint}
        rules={[{ required: true }]}
      >
        <InputNumber min={1} max={10_000} precision={0} />
      </Form.Item>
      <Form.Item
        name="priority"
        label={t.priority}
        extra={t.priorityHint}
        rules={[{ required: true }]}
      >
        <InputNumber min={0} max={1_000} precision={0} />
      </Form.Item>
      <Form.Item name="patterns" label={t.patterns} extra={t.patternsHint}>
        <Input.TextArea rows={3} className="mono" />
      </Form.Item>
    </Form>
  );
}

function typedOf(rule: Rule): Typed {
  const limit = readLimit(rule.limit);
  return {
    strength: rule.strength,
    kind: rule.is_single_valued ? "single" : limit ? "limit" : "any",
    count: limit?.count ?? 5,
    days: limit?.days ?? 0,
    max_degree: rule.max_degree,
    priority: rule.priority,
    patterns: rule.blocked_patterns.join("\n"),
  };
}

function ruleOf(typed: Typed): Required<Override> {
  const limit = { count: typed.count ?? 1, days: typed.days ?? 0 };
  return {
    strength: typed.strength,
    is_single_valued: typed.kind === "single",
    limit: typed.kind === "limit" ? writeLimit(limit) : "",
    max_degree: typed.max_degree,
    priority: typed.priority,
    blocked_patterns: (typed.patterns ?? "")
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
  };
}
