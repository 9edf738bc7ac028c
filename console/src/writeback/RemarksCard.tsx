/** What each of our staff calls a customer; written to the platform. */
import { EditOutlined } from "@ant-design/icons";
import { Button, Card, Form, Input, Modal, Tag } from "antd";
import { useState } from "react";
import { $api, type Got } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { useStaffName } from "../kit/staff";
import { labelOf, useT } from "../locale";

type Remark = Got<"/api/customers/{customer_id}/remarks">["items"][number];
const FAST = 2_000;

export function RemarksCard({ customerId }: { customerId: number }) {
  const t = useT().writeback;
  const [edited, setEdited] = useState<Remark | null>(null);
  const remarks = $api.useQuery(
    "get",
    "/api/customers/{customer_id}/remarks",
    { params: { path: { customer_id: customerId } } },
    {
      refetchInterval: ({ state }) =>
        state.data?.items.some((one) => one.state === "waiting") ? FAST : false,
    },
  );
  const items = remarks.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card size="small" title={t.remarks} data-testid="remarks">
      <div className="stack" style={{ gap: 10 }}>
        {items.map((one) => (
          <One
            key={`${one.account}-${one.staff}-${one.identity_id}`}
            remark={one}
            onEdit={() => setEdited(one)}
          />
        ))}
      </div>
      <EditRemark customerId={customerId} remark={edited} onClose={() => setEdited(null)} />
    </Card>
  );
}

function One({ remark, onEdit }: { remark: Remark; onEdit: () => void }) {
  const t = useT().writeback;
  const may = useMay();
  const staff = useStaffName()(remark.account, remark.staff);
  const more = [remark.description, remark.company, ...remark.mobiles].filter(Boolean);
  return (
    <div className="spread" style={{ flexWrap: "nowrap", alignItems: "flex-start" }}>
      <span style={{ minWidth: 0 }}>
        <span className="muted small">{staff}</span>
        <div className="break">
          {remark.remark || <span className="muted">{t.none}</span>}{" "}
          {remark.state ? (
            <Tag color={remark.state === "refused" ? "error" : "processing"} title={remark.reason}>
              {labelOf(t.states, remark.state)}
            </Tag>
          ) : null}
        </div>
        {more.length ? <div className="muted small break">{more.join(" · ")}</div> : null}
        {remark.state === "refused" ? (
          <div className="down small break">{remark.reason}</div>
        ) : null}
      </span>
      {may("customer:write") ? (
        <Button
          type="text"
          size="small"
          icon={<EditOutlined />}
          aria-label={`${t.edit} ${staff}`}
          onClick={onEdit}
        />
      ) : null}
    </div>
  );
}

interface RemarkForm {
  remark: string;
  description: string;
  company: string;
  mobiles?: string;
}

interface EditRemarkProps {
  customerId: number;
  remark: Remark | null;
  onClose: () => void;
}

function EditRemark({ customerId, remark, onClose }: EditRemarkProps) {
  const t = useT().writeback;
  const act = useAct();
  const [form] = Form.useForm<RemarkForm>();
  const write = $api.useMutation(
    "put",
    "/api/customers/{customer_id}/remarks",
    act([`/api/customers/{customer_id}/remarks`], t.saved, onClose),
  );
  const submit = (values: RemarkForm) => {
    if (!remark) return;
    const mobiles = values.mobiles?.split(/[\s,，]+/).filter(Boolean);
    write.mutate({
      params: { path: { customer_id: customerId } },
      body: {
        account: remark.account,
        staff: remark.staff,
        identity_id: remark.identity_id,
        remark: values.remark,
        description: values.description,
        company: values.company,
        mobiles: mobiles?.length ? mobiles : null,
      },
    });
  };
  return (
    <Modal
      title={t.edit}
      open={remark !== null}
      onCancel={onClose}
      onOk={form.submit}
      confirmLoading={write.isPending}
      destroyOnHidden
    >
      <p className="muted">{t.remarksHint}</p>
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={{
          remark: remark?.remark,
          description: remark?.description,
          company: remark?.company,
          mobiles: "",
        }}
        onFinish={submit}
      >
        <Form.Item name="remark" label={t.remark}>
          <Input maxLength={20} showCount />
        </Form.Item>
        <Form.Item name="description" label={t.description}>
          <Input.TextArea maxLength={150} showCount autoSize={{ minRows: 2, maxRows: 5 }} />
        </Form.Item>
        <Form.Item name="company" label={t.company}>
          <Input maxLength={20} />
        </Form.Item>
        <Form.Item name="mobiles" label={t.mobiles} extra={t.mobilesHint}>
          <Input autoComplete="off" />
        </Form.Item>
      </Form>
    </Modal>
  );
}
