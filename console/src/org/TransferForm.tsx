/** Asks for a take-over: from whom, to whom, checked first. */
import { Alert, Form, Input, Modal } from "antd";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";
import { reasonsOf } from "./moves";
import { StaffSelect, splitStaff } from "./StaffSelect";

interface TransferFormProps {
  initial: string;
  onClose: () => void;
  /** With the number of the take-over that began. */
  onStarted: (id: number) => void;
}

interface Values {
  giver: string;
  taker: string;
  message?: string;
}

export function TransferForm({ initial, onClose, onStarted }: TransferFormProps) {
  const t = useT().org.transfers;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const giver = Form.useWatch("giver", form);
  const start = $api.useMutation("post", "/api/transfers", act(["/api/transfers"], t.submitted));
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    const from = splitStaff(values.giver);
    const body = {
      account: from.account,
      giver: from.staff,
      taker: splitStaff(values.taker).staff,
      customer_ids: null,
      groups: [],
      message: values.message ?? "",
    };
    start.mutate({ body }, { onSuccess: (made) => onStarted(made.id) });
  };
  return (
    <Modal
      open
      title={t.start}
      okText={t.confirm}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={start.isPending}
    >
      <Form form={form} layout="vertical" initialValues={initial ? { giver: initial } : {}}>
        <Form.Item name="giver" label={t.giver} rules={[{ required: true }]}>
          <StaffSelect label={t.giver} />
        </Form.Item>
        <Form.Item name="taker" label={t.taker} rules={[{ required: true }]}>
          <StaffSelect
            label={t.taker}
            account={giver ? splitStaff(giver).account : undefined}
            isPresentOnly
          />
        </Form.Item>
        <Form.Item name="message" label={t.message}>
          <Input.TextArea maxLength={200} showCount autoSize />
        </Form.Item>
      </Form>
      {giver ? <Plan giver={giver} /> : null}
      <p className="muted small">{t.rules}</p>
    </Modal>
  );
}

function Plan({ giver }: { giver: string }) {
  const t = useT().org.transfers;
  const { account, staff } = splitStaff(giver);
  const body = { account, giver: staff, taker: "", customer_ids: null, groups: [], message: "" };
  const plan = $api.useQuery("post", "/api/transfers/plan", { body });
  if (!plan.data) return null;
  return (
    <Alert
      type={plan.data.customers ? "info" : "warning"}
      title={t.planResult(plan.data.customers)}
      description={reasonsOf(plan.data.blocked, t.blocked) || null}
    />
  );
}
