/** Reporting that a paid order was shipped, so that WeChat releases its money. */
import { Button, Card, Form, Input, Select } from "antd";
import { $api } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { useT } from "../locale";
import { type Account, accountOptions } from "./accounts";

interface ShipValues {
  account: string;
  transaction_id: string;
  payer: string;
  kind: "express" | "city" | "virtual" | "pick_up";
  item: string;
  express?: string;
  number?: string;
  receiver_contact?: string;
}

export function Shipping({ accounts }: { accounts: Account[] }) {
  const t = useT();
  const words = t.fans.shipping;
  const may = useMay();
  const [form] = Form.useForm<ShipValues>();
  const kind = Form.useWatch("kind", form);
  const report = $api.useMutation(
    "post",
    "/api/shipments",
    useAct()([], words.done, () => form.resetFields()),
  );
  const submit = ({ item, express, number, receiver_contact, ...rest }: ShipValues) =>
    report.mutate({
      body: {
        ...rest,
        is_complete: true,
        parcels: [
          {
            item,
            express: express ?? "",
            number: number ?? "",
            receiver_contact: receiver_contact ?? "",
          },
        ],
      },
    });
  return (
    <Card title={words.title}>
      <p className="muted">{words.lead}</p>
      <Form
        form={form}
        layout="vertical"
        style={{ maxWidth: 520 }}
        disabled={!may("code:write")}
        initialValues={{ account: accounts[0]?.key, kind: "express" }}
        onFinish={submit}
      >
        <Form.Item name="account" label={t.fans.account}>
          <Select options={accountOptions(accounts)} />
        </Form.Item>
        <Form.Item name="transaction_id" label={words.transaction} rules={[{ required: true }]}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="payer" label={words.payer} rules={[{ required: true }]}>
          <Input maxLength={128} />
        </Form.Item>
        <Form.Item name="kind" label={words.kind}>
          <Select
            options={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item name="item" label={words.item} rules={[{ required: true }]}>
          <Input maxLength={120} />
        </Form.Item>
        {kind === "express" ? (
          <>
            <Form.Item name="express" label={words.express} rules={[{ required: true }]}>
              <Input maxLength={32} placeholder="SF" />
            </Form.Item>
            <Form.Item name="number" label={words.number} rules={[{ required: true }]}>
              <Input maxLength={64} />
            </Form.Item>
            <Form.Item name="receiver_contact" label={words.contact}>
              <Input maxLength={64} placeholder="138****5678" />
            </Form.Item>
          </>
        ) : null}
        <Button type="primary" htmlType="submit" loading={report.isPending}>
          {words.report}
        </Button>
      </Form>
    </Card>
  );
}
