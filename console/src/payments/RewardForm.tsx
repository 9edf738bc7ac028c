/** Asking for a reward. */
import { Button, Drawer, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useAccountsOffering } from "../core/offering";
import { useAct } from "../kit/act";
import { CustomerSelect } from "../kit/CustomerSelect";
import { useT } from "../locale";

interface RewardValues {
  account: string;
  customer_id: number;
  yuan: number;
  activity: string;
  reason: string;
  remark: string;
}

interface RewardFormProps {
  isOpen: boolean;
  onClose: () => void;
}

export function RewardForm({ isOpen, onClose }: RewardFormProps) {
  const t = useT();
  const words = t.payments.rewards;
  const act = useAct();
  const [form] = Form.useForm<RewardValues>();
  const [key, setKey] = useState(() => crypto.randomUUID());
  const accounts = useAccountsOffering("rewards");
  const close = () => {
    setKey(crypto.randomUUID());
    onClose();
  };
  const request = $api.useMutation(
    "post",
    "/api/rewards",
    act(["/api/rewards"], words.requested, close),
  );
  const submit = ({ yuan, ...rest }: RewardValues) =>
    request.mutate({ body: { ...rest, amount_fen: Math.round(yuan * 100), request_key: key } });
  return (
    <Drawer
      title={words.request}
      open={isOpen}
      onClose={close}
      size={440}
      destroyOnHidden
      footer={
        <Button type="primary" loading={request.isPending} onClick={() => form.submit()}>
          {words.request}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{ account: accounts[0]?.value }}
        onFinish={submit}
      >
        <Form.Item name="account" label={words.account} rules={[{ required: true }]}>
          <Select options={accounts} />
        </Form.Item>
        <Form.Item
          name="customer_id"
          label={words.customerId}
          extra={words.customerHint}
          rules={[{ required: true }]}
        >
          <CustomerSelect />
        </Form.Item>
        <Form.Item name="yuan" label={words.amount} rules={[{ required: true }]}>
          <InputNumber min={0.1} precision={2} style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="activity" label={words.activity} rules={[{ required: true }]}>
          <Input maxLength={32} />
        </Form.Item>
        <Form.Item
          name="reason"
          label={words.reason}
          extra={words.reasonHint}
          rules={[{ required: true }]}
        >
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="remark" label={words.remark} rules={[{ required: true }]}>
          <Input maxLength={32} />
        </Form.Item>
      </Form>
    </Drawer>
  );
}
