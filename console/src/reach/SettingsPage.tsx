/** Quiet hours and the frequency cap. */
import { Button, Card, Form, InputNumber, Select } from "antd";
import { $api, type Got } from "../api/client";
import { PlatformLimits } from "../broadcasts/PlatformLimits";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Page } from "../kit/Page";
import { Answer } from "../kit/States";
import { useT } from "../locale";

type Policy = Got<"/api/reach/policy">;

const HALF_HOURS = Array.from({ length: 48 }, (_, index) => {
  const text = `${String(Math.floor(index / 2)).padStart(2, "0")}:${index % 2 ? "30" : "00"}`;
  return { value: text, label: text };
});

export default function SettingsPage() {
  const t = useT().reach.settings;
  const policy = $api.useQuery("get", "/api/reach/policy");
  return (
    <Page title={t.title} lead={t.lead}>
      <Answer query={policy}>{(data) => <PolicyForm policy={data} />}</Answer>
      <PlatformLimits />
    </Page>
  );
}

function PolicyForm({ policy }: { policy: Policy }) {
  const t = useT();
  const words = t.reach.settings;
  const may = useMay();
  const act = useAct();
  const [form] = Form.useForm<Policy>();
  const values = Form.useWatch([], form) ?? policy;
  const save = $api.useMutation("put", "/api/reach/policy", act(["/api/reach"]));
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={policy}
      disabled={!may("touch:write")}
      onFinish={(body: Policy) => save.mutate({ body: { ...policy, ...body } })}
      style={{ maxWidth: 760 }}
    >
      <div className="stack">
        <Card title={words.quiet}>
          <p className="muted" style={{ marginTop: 0 }}>
            {words.quietHint}
          </p>
          <div className="row" style={{ gap: 16 }}>
            <Form.Item name="quiet_start" label={words.start} rules={[{ required: true }]}>
              <Select options={HALF_HOURS} style={{ width: 120 }} showSearch />
            </Form.Item>
            <Form.Item name="quiet_end" label={words.end} rules={[{ required: true }]}>
              <Select options={HALF_HOURS} style={{ width: 120 }} showSearch />
            </Form.Item>
          </div>
        </Card>
        <Card title={words.cap}>
          <p className="muted" style={{ marginTop: 0 }}>
            {words.capHint}
          </p>
          <div className="row" style={{ gap: 16 }}>
            <Form.Item name="cap_count" label={words.count} rules={[{ required: true }]}>
              <InputNumber min={0} max={100} precision={0} style={{ width: 120 }} />
            </Form.Item>
            <Form.Item name="cap_days" label={words.days} rules={[{ required: true }]}>
              <InputNumber min={1} max={90} precision={0} style={{ width: 120 }} />
            </Form.Item>
          </div>
          <div className="strong">
            {words.sentence(
              values.cap_count ?? policy.cap_count,
              values.cap_days ?? policy.cap_days,
            )}
          </div>
        </Card>
        <div>
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {t.kit.save}
          </Button>
        </div>
      </div>
    </Form>
  );
}
