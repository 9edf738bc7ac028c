/** Who owns a customer who is a friend of several. */
import { Button, Card, Form, InputNumber, Segmented } from "antd";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";

type Rule = Got<"/api/owner-rule">;

export function OwnerRuleCard() {
  const rule = $api.useQuery("get", "/api/owner-rule");
  return rule.data ? <RuleForm rule={rule.data} /> : null;
}

function RuleForm({ rule }: { rule: Rule }) {
  const words = useT();
  const t = words.org.stores;
  const may = useMay();
  const act = useAct();
  const [form] = Form.useForm<Rule>();
  const save = $api.useMutation("put", "/api/owner-rule", act(["/api/owner-rule"]));
  const submit = async () => {
    const body = await valuesOf(form);
    if (body) save.mutate({ body });
  };
  return (
    <Card title={t.ownerRule}>
      <p className="muted small">{t.ownerHint}</p>
      <Form form={form} layout="vertical" initialValues={rule} disabled={!may("org:write")}>
        <Form.Item name="priority" label={t.priority}>
          <Segmented
            options={Object.entries(t.priorities).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item name="protected_days" label={t.protectedDays}>
          <InputNumber min={0} max={3650} />
        </Form.Item>
        {may("org:write") ? (
          <Button type="primary" onClick={submit} loading={save.isPending}>
            {words.kit.save}
          </Button>
        ) : null}
      </Form>
    </Card>
  );
}
