/** Asks for new owners of groups: from whom, which, to whom, checked first. */
import { Alert, Form, Modal, Table } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { Answer } from "../kit/States";
import { useT } from "../locale";
import { reasonsOf, tally } from "./moves";
import { StaffSelect, splitStaff } from "./StaffSelect";

type Group = Row<"/api/groups">;

const AT_ONCE = 200;

interface GroupTransferFormProps {
  initial: string;
  onClose: () => void;
  /** With the number of the take-over that began. */
  onStarted: (id: number) => void;
}

interface Values {
  giver: string;
  taker: string;
}

export function GroupTransferForm({ initial, onClose, onStarted }: GroupTransferFormProps) {
  const t = useT().org.transfers;
  const act = useAct();
  const [form] = Form.useForm<Values>();
  const giver = Form.useWatch("giver", form) ?? initial;
  const taker = Form.useWatch("taker", form) ?? "";
  const [chosen, setChosen] = useState<string[]>();
  const { account, staff } = splitStaff(giver);
  const groups = $api.useQuery(
    "get",
    "/api/groups",
    { params: { query: { account, owner: staff, limit: AT_ONCE } } },
    { enabled: Boolean(giver) },
  );
  const known = groups.data?.items ?? [];
  const wanted = chosen ?? known.map((one) => one.remote_id);
  const order = {
    account,
    giver: staff,
    taker: splitStaff(taker).staff,
    customer_ids: [],
    groups: wanted,
    message: "",
  };
  const start = $api.useMutation("post", "/api/transfers", act(["/api/transfers"], t.submitted));
  const submit = async () => {
    if (!(await valuesOf(form))) return;
    start.mutate({ body: order }, { onSuccess: (made) => onStarted(made.id) });
  };
  const change = (changed: Partial<Values>) => {
    if (!("giver" in changed)) return;
    setChosen(undefined);
    form.resetFields(["taker"]);
  };
  return (
    <Modal
      open
      title={t.startGroups}
      okText={t.confirm}
      okButtonProps={{ disabled: wanted.length === 0 }}
      onCancel={onClose}
      onOk={submit}
      confirmLoading={start.isPending}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={initial ? { giver: initial } : {}}
        onValuesChange={change}
      >
        <Form.Item name="giver" label={t.giver} rules={[{ required: true }]}>
          <StaffSelect label={t.giver} />
        </Form.Item>
        {giver ? (
          <Form.Item label={t.pickGroups}>
            <Answer query={groups} rows={3}>
              {({ items, total }) => (
                <GroupChoice groups={items} total={total} chosen={wanted} onChange={setChosen} />
              )}
            </Answer>
          </Form.Item>
        ) : null}
        <Form.Item name="taker" label={t.taker} rules={[{ required: true }]}>
          <StaffSelect label={t.taker} account={account} isPresentOnly />
        </Form.Item>
      </Form>
      {giver && taker && wanted.length > 0 ? <GroupPlan order={order} /> : null}
      <p className="muted small">{t.groupRules}</p>
    </Modal>
  );
}

interface GroupChoiceProps {
  groups: Group[];
  total: number;
  chosen: string[];
  onChange: (chosen: string[]) => void;
}

function GroupChoice({ groups, total, chosen, onChange }: GroupChoiceProps) {
  const t = useT().org.transfers;
  if (groups.length === 0) return <span className="muted">{t.noGroups}</span>;
  const sum = tally(groups, chosen);
  return (
    <div className="stack" style={{ gap: 8 }} data-testid="group-choice">
      <Table<Group>
        size="small"
        rowKey="remote_id"
        dataSource={groups}
        pagination={{ pageSize: 8, hideOnSinglePage: true, showSizeChanger: false }}
        rowSelection={{
          selectedRowKeys: chosen,
          onChange: (keys) => onChange(keys.map(String)),
        }}
        columns={[
          { title: t.group, key: "name", render: (_, row) => row.name || row.remote_id },
          { title: t.members, dataIndex: "members", align: "right", width: 88 },
          { title: t.customer, dataIndex: "customers", align: "right", width: 88 },
        ]}
      />
      <span className="small">{t.chosenGroups(sum.groups, sum.members, sum.customers)}</span>
      {total > groups.length ? (
        <span className="muted small">{t.firstGroups(groups.length, total)}</span>
      ) : null}
    </div>
  );
}

interface Order {
  account: string;
  giver: string;
  taker: string;
  customer_ids: number[];
  groups: string[];
  message: string;
}

function GroupPlan({ order }: { order: Order }) {
  const t = useT().org.transfers;
  const plan = $api.useQuery("post", "/api/transfers/plan", { body: order });
  return (
    <Answer query={plan} rows={1}>
      {(found) => (
        <Alert
          type={found.groups ? "info" : "warning"}
          title={t.groupPlan(found.groups)}
          description={
            <>
              <div>{t.leftToday(found.groups_left_today)}</div>
              <div>{reasonsOf(found.blocked_groups, t.blockedGroups)}</div>
            </>
          }
        />
      )}
    </Answer>
  );
}
