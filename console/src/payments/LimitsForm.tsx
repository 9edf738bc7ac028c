/** How much an account may give. */
import { Form, InputNumber, Modal } from "antd";
import { $api } from "../api/client";
import { useAccountsOffering } from "../core/offering";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";

const FIELDS = [
  ["per_reward_fen", "perReward"],
  ["per_customer_day_fen", "perCustomer"],
  ["per_staff_day_fen", "perStaff"],
  ["per_day_fen", "perDay"],
] as const;

type Limits = Record<(typeof FIELDS)[number][0], number>;

interface LimitsFormProps {
  isOpen: boolean;
  onClose: () => void;
}

export function LimitsForm({ isOpen, onClose }: LimitsFormProps) {
  const t = useT().payments.rewards;
  const act = useAct();
  const [form] = Form.useForm<Limits>();
  const account = useAccountsOffering("rewards")[0]?.value ?? "";
  const query = { params: { query: { account } } };
  const limits = $api.useQuery("get", "/api/rewards/limits", query, { enabled: account !== "" });
  const save = $api.useMutation(
    "put",
    "/api/rewards/limits",
    act(["/api/rewards/limits"], undefined, onClose),
  );
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    const body = { ...values };
    for (const [name] of FIELDS) body[name] = Math.round(values[name] * 100);
    save.mutate({ ...query, body });
  };
  const shown = limits.data
    ? Object.fromEntries(FIELDS.map(([name]) => [name, limits.data[name] / 100]))
    : undefined;
  return (
    <Modal
      title={t.limitsTitle}
      open={isOpen && shown !== undefined}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={save.isPending}
      destroyOnHidden
    >
      <Form form={form} layout="vertical" preserve={false} clearOnDestroy initialValues={shown}>
        {FIELDS.map(([name, word]) => (
          <Form.Item key={name} name={name} label={t[word]} rules={[{ required: true }]}>
            <InputNumber min={0} precision={2} style={{ width: "100%" }} />
          </Form.Item>
        ))}
      </Form>
    </Modal>
  );
}
