/** Who is told of losses, and when. */
import { Form, InputNumber, Modal, Select } from "antd";
import { $api, type Got } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useStaffIds } from "../kit/staff";
import { useT } from "../locale";

type Rule = Got<"/api/alert-rule">;

export function AlertForm({ onClose }: { onClose: () => void }) {
  // nothing is kept of an earlier look: a form shows what it began with
  const rule = $api.useQuery("get", "/api/alert-rule", {}, { gcTime: 0 });
  return rule.data ? <Filled rule={rule.data} onClose={onClose} /> : null;
}

function Filled({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const t = useT().org.losses;
  const act = useAct();
  const [form] = Form.useForm<Rule>();
  const mode = Form.useWatch("mode", form) ?? rule.mode;
  const staff = useStaffIds();
  const save = $api.useMutation(
    "put",
    "/api/alert-rule",
    act(["/api/alert-rule"], undefined, onClose),
  );
  const submit = async () => {
    const body = await valuesOf(form);
    if (body) save.mutate({ body: { ...rule, ...body } });
  };
  return (
    <Modal open title={t.rule} onCancel={onClose} onOk={submit} confirmLoading={save.isPending}>
      <p className="muted small">{t.ruleHint}</p>
      <Form form={form} layout="vertical" initialValues={rule}>
        <Form.Item name="mode" label={t.mode}>
          <Select options={Object.entries(t.modes).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        {mode === "daily" || mode === "both" ? (
          <Form.Item name="hour" label={t.hour} rules={[{ required: true }]}>
            <InputNumber min={0} max={23} precision={0} />
          </Form.Item>
        ) : null}
        <Form.Item name="managers" label={t.managers}>
          <Select
            mode="multiple"
            options={staff}
            maxCount={100}
            showSearch={{ optionFilterProp: "label" }}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
