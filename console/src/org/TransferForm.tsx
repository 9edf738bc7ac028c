/** Asks for a take-over: from whom, to whom, checked first. */
import { Alert, Form, Input, Modal, Segmented } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { useT } from "../locale";
import { CustomerChoice } from "./CustomerChoice";
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
  const [chosen, setChosen] = useState<number[]>();
  const people = giver ? splitStaff(giver) : undefined;
  const start = $api.useMutation("post", "/api/transfers", act(["/api/transfers"], t.submitted));
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    const from = splitStaff(values.giver);
    const body = {
      account: from.account,
      giver: from.staff,
      taker: splitStaff(values.taker).staff,
      customer_ids: chosen ?? null,
      groups: [],
      message: values.message ?? "",
    };
    start.mutate({ body }, { onSuccess: (made) => onStarted(made.id) });
  };
  return (
    <Modal
      open
      width={640}
      title={t.start}
      okText={t.confirm}
      okButtonProps={{ disabled: chosen?.length === 0 }}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={start.isPending}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={initial ? { giver: initial } : {}}
        onValuesChange={(changed) => {
          if ("giver" in changed) setChosen(undefined);
        }}
      >
        <Form.Item name="giver" label={t.giver} rules={[{ required: true }]}>
          <StaffSelect label={t.giver} />
        </Form.Item>
        {people ? (
          <Form.Item label={t.scope}>
            <Segmented
              value={chosen ? "some" : "all"}
              options={[
                { value: "all", label: t.allCustomers },
                { value: "some", label: t.someCustomers },
              ]}
              onChange={(value) => setChosen(value === "some" ? [] : undefined)}
            />
            {chosen ? (
              <CustomerChoice
                key={giver}
                account={people.account}
                giver={people.staff}
                chosen={chosen}
                onChange={setChosen}
              />
            ) : null}
          </Form.Item>
        ) : null}
        <Form.Item name="taker" label={t.taker} rules={[{ required: true }]}>
          <StaffSelect label={t.taker} account={people?.account} isPresentOnly />
        </Form.Item>
        <Form.Item name="message" label={t.message}>
          <Input.TextArea maxLength={200} showCount autoSize />
        </Form.Item>
      </Form>
      {giver && chosen?.length !== 0 ? <Plan key={giver} giver={giver} chosen={chosen} /> : null}
      <p className="muted small">{t.rules}</p>
    </Modal>
  );
}

interface PlanProps {
  giver: string;
  /** Undefined: all. */
  chosen: number[] | undefined;
}

function Plan({ giver, chosen }: PlanProps) {
  const t = useT().org.transfers;
  const { account, staff } = splitStaff(giver);
  const body = {
    account,
    giver: staff,
    taker: "",
    customer_ids: chosen ?? null,
    groups: [],
    message: "",
  };
  const plan = $api.useQuery(
    "post",
    "/api/transfers/plan",
    { body },
    { placeholderData: (before) => before },
  );
  if (!plan.data) return null;
  return (
    <Alert
      type={plan.data.customers ? "info" : "warning"}
      title={t.planResult(plan.data.customers)}
      description={reasonsOf(plan.data.blocked, t.blocked) || null}
    />
  );
}
