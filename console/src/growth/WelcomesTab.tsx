/** Welcome words of companies, departments and guides. */
import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, Card, Drawer, Form, Segmented, Select, Switch, Tag } from "antd";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useAccountsOffering } from "../core/offering";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Answer, EmptyState } from "../kit/States";
import { useAccountLabel } from "../kit/Values";
import { labelOf, useT } from "../locale";
import { useChoices } from "./choices";
import { optionsOf } from "./PlanFields";
import { NEW_SAYS, type Says } from "./shapes";
import { WelcomeFields } from "./WelcomeFields";

type Welcome = Row<"/api/welcomes">;

export function WelcomesTab() {
  const t = useT().growth;
  const may = useMay();
  const rules = $api.useQuery("get", "/api/welcomes");
  const [editing, setEditing] = useState<Welcome | "new" | null>(null);
  const add = may("code:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setEditing("new")}>
      {t.addWelcome}
    </Button>
  ) : null;
  return (
    <div className="stack">
      <div className="spread">
        <span className="muted">{t.welcomesLead}</span>
        {add}
      </div>
      <Answer query={rules} rows={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.noWelcome} hint={t.noWelcomeHint} />
            </Card>
          ) : (
            <div className="grid cards">
              {items.map((rule) => (
                <WelcomeCard key={rule.id} rule={rule} onEdit={() => setEditing(rule)} />
              ))}
            </div>
          )
        }
      </Answer>
      <WelcomeDrawer rule={editing} onClose={() => setEditing(null)} />
    </div>
  );
}

function WelcomeCard({ rule, onEdit }: { rule: Welcome; onEdit: () => void }) {
  const t = useT().growth;
  const may = useMay();
  const act = useAct();
  const label = useAccountLabel();
  const { nameOf, departments } = useChoices(rule.account);
  const { modal } = App.useApp();
  const remove = $api.useMutation("delete", "/api/welcomes/{rule_id}", act(["/api/welcomes"]));
  const ask = () =>
    modal.confirm({
      title: t.removeWelcome,
      content: t.removeWelcomeHint,
      okText: t.remove,
      okButtonProps: { danger: true },
      onOk: () => remove.mutate({ params: { path: { rule_id: rule.id } } }),
    });
  const target =
    rule.scope === "department"
      ? (departments.find((one) => one.value === rule.target)?.label ?? rule.target)
      : nameOf(rule.target);
  return (
    <Card
      style={{ opacity: rule.is_active ? 1 : 0.6 }}
      title={
        <span className="row tight">
          <Tag>{labelOf(t.scopes, rule.scope)}</Tag>
          {rule.target ? target : label(rule.account)}
        </span>
      }
      extra={
        may("code:write") ? (
          <span className="row tight">
            <Button size="small" icon={<EditOutlined />} aria-label={t.edit} onClick={onEdit} />
            <Button size="small" icon={<DeleteOutlined />} aria-label={t.remove} onClick={ask} />
          </span>
        ) : null
      }
    >
      <div className="break" style={{ whiteSpace: "pre-wrap" }}>
        {rule.says.text}
      </div>
      <div className="row tight" style={{ marginTop: 8 }}>
        {(rule.says.attachments ?? []).map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: attachments have no id, only an order
          <Tag key={index}>{labelOf(t.kinds, one.kind)}</Tag>
        ))}
        {(rule.says.times ?? []).length > 0 ? <Tag>{t.timedWords}</Tag> : null}
      </div>
    </Card>
  );
}

interface WelcomeValues {
  account: string;
  scope: "company" | "department" | "staff";
  target: string;
  says: Says;
  is_active: boolean;
}

function WelcomeDrawer({ rule, onClose }: { rule: Welcome | "new" | null; onClose: () => void }) {
  const t = useT();
  const words = t.growth;
  const act = useAct();
  const [form] = Form.useForm<WelcomeValues>();
  const save = $api.useMutation("put", "/api/welcomes", act(["/api/welcomes"], undefined, onClose));
  const submit = () => {
    const values = form.getFieldsValue(true) as WelcomeValues;
    const target = values.scope === "company" ? "" : (values.target ?? "");
    save.mutate({ body: { ...values, target } });
  };
  const initial =
    rule && rule !== "new"
      ? rule
      : { scope: "company", target: "", says: NEW_SAYS, is_active: true };
  return (
    <Drawer
      title={rule === "new" ? words.addWelcome : words.edit}
      open={rule !== null}
      onClose={onClose}
      size={600}
      destroyOnHidden
      footer={
        <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
          {t.kit.save}
        </Button>
      }
    >
      <Form
        form={form}
        layout="vertical"
        preserve={false}
        clearOnDestroy
        initialValues={initial}
        onValuesChange={(changed) => {
          if ("account" in changed || "scope" in changed) form.setFieldValue("target", undefined);
        }}
        onFinish={submit}
      >
        <ScopeFields isNew={rule === "new"} />
        <WelcomeFields hint={words.levelWelcomeHint} />
        <Form.Item name="is_active" label={words.active} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </Drawer>
  );
}

function ScopeFields({ isNew }: { isNew: boolean }) {
  const t = useT().growth;
  const accounts = useAccountsOffering("codes");
  const account = Form.useWatch("account");
  const scope = Form.useWatch("scope");
  const { staff, departments } = useChoices(account);
  return (
    <>
      <Form.Item name="account" label={t.account} rules={[{ required: true }]}>
        <Select disabled={!isNew} options={accounts} />
      </Form.Item>
      <Form.Item name="scope" label={t.scope}>
        <Segmented disabled={!isNew} options={optionsOf(t.scopes)} />
      </Form.Item>
      {scope === "company" ? null : (
        <Form.Item name="target" label={t.target} rules={[{ required: true }]}>
          <Select
            disabled={!isNew}
            options={scope === "department" ? departments : staff}
            showSearch={{ optionFilterProp: "label" }}
          />
        </Form.Item>
      )}
    </>
  );
}
