/** Whom a customer belongs to: by which rule, since when, whom before; and a change of hands. */
import { Button, Card, Form, Input, Modal, Tag } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Answer } from "../kit/States";
import { useStaffName } from "../kit/staff";
import { Time, useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { StaffSelect, splitStaff } from "../org/StaffSelect";
import { byDecision, writtenNote } from "./owner_history";

type Ownership = Got<"/api/customers/{customer_id}/owner">;
type Change = Ownership["items"][number];

const SHOWN = 3;

export function OwnerCard({ customerId }: { customerId: number }) {
  const t = useT().org.owner;
  const may = useMay();
  const [isChanging, setChanging] = useState(false);
  const found = $api.useQuery("get", "/api/customers/{customer_id}/owner", {
    params: { path: { customer_id: customerId } },
  });
  const change = may("transfer:write") ? (
    <Button size="small" type="link" onClick={() => setChanging(true)}>
      {t.change}
    </Button>
  ) : null;
  return (
    <Card size="small" title={t.title} extra={change} data-testid="owner-card">
      <Answer query={found} rows={2}>
        {({ owner, items }) => (
          <div className="stack" style={{ gap: 12 }}>
            <Present owner={owner} />
            <History changes={items} />
          </div>
        )}
      </Answer>
      {isChanging ? (
        <OwnerDialog customerId={customerId} onClose={() => setChanging(false)} />
      ) : null}
    </Card>
  );
}

function Present({ owner }: { owner: Ownership["owner"] }) {
  const t = useT().org.owner;
  const staffName = useStaffName();
  const account = useAccountLabel();
  if (!owner) {
    return (
      <div>
        <div>{t.nobody}</div>
        <div className="muted small">{t.nobodyHint}</div>
      </div>
    );
  }
  return (
    <div className="spread">
      <span style={{ minWidth: 0 }}>
        <span className="strong clip" style={{ display: "block" }}>
          {staffName(owner.account, owner.staff)}
        </span>
        <span className="muted small clip" style={{ display: "block" }}>
          {account(owner.account)}
        </span>
      </span>
      <span style={{ textAlign: "right" }}>
        <Tag style={{ margin: 0 }}>{labelOf(t.reasons, owner.reason)}</Tag>
        <span className="muted small" style={{ display: "block" }}>
          {t.since} <Time at={owner.since} />
        </span>
      </span>
    </div>
  );
}

function History({ changes }: { changes: Change[] }) {
  const t = useT();
  const words = t.org.owner;
  const [isWhole, setWhole] = useState(false);
  const told = byDecision(changes);
  return (
    <div className="stack" style={{ gap: 8 }}>
      <span className="muted small">{words.history}</span>
      {told.length === 0 ? <span className="muted small">{words.none}</span> : null}
      {(isWhole ? told : told.slice(0, SHOWN)).map((change) => (
        <ChangeLine key={change.id} change={change} />
      ))}
      {told.length > SHOWN && !isWhole ? (
        <Button size="small" type="text" onClick={() => setWhole(true)}>
          {t.kit.all} {told.length}
        </Button>
      ) : null}
    </div>
  );
}

function ChangeLine({ change }: { change: Change }) {
  const t = useT().org.owner;
  const staffName = useStaffName();
  const from = change.from_staff ? `${staffName(change.from_account, change.from_staff)} → ` : "";
  const note = writtenNote(change);
  return (
    <div className="small">
      <div className="spread">
        <span className="break">
          {from}
          {staffName(change.account, change.staff)}
        </span>
        <span className="muted">
          <Time at={change.at} />
        </span>
      </div>
      <div className="muted break">
        {labelOf(t.reasons, change.reason)}
        {change.by ? ` · ${t.by(change.by)}` : ""}
        {note ? ` · ${note}` : ""}
      </div>
    </div>
  );
}

interface OwnerDialogProps {
  customerId: number;
  onClose: () => void;
}

function OwnerDialog({ customerId, onClose }: OwnerDialogProps) {
  const t = useT().org.owner;
  const act = useAct();
  const [form] = Form.useForm<{ to: string; note: string }>();
  const assign = $api.useMutation(
    "put",
    "/api/customers/{customer_id}/owner",
    act(["/api/customers"], t.changed, onClose),
  );
  const submit = async () => {
    const values = await valuesOf(form);
    if (!values) return;
    assign.mutate({
      params: { path: { customer_id: customerId } },
      body: { ...splitStaff(values.to), note: values.note },
    });
  };
  return (
    <Modal open title={t.change} onCancel={onClose} onOk={submit} confirmLoading={assign.isPending}>
      <Form form={form} layout="vertical">
        <Form.Item name="to" label={t.to} rules={[{ required: true }]}>
          <StaffSelect label={t.to} isPresentOnly />
        </Form.Item>
        <Form.Item name="note" label={t.note} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={2} maxLength={200} showCount />
        </Form.Item>
      </Form>
      <p className="muted small">{t.changeHint}</p>
    </Modal>
  );
}
