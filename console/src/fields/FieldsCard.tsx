/** The custom fields of a customer: read, change, and see where each value came from. */
import { EyeOutlined, HistoryOutlined } from "@ant-design/icons";
import { App, Button, Card, Form, Modal, Tooltip } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { $api, client } from "../api/client";
import { problemOf } from "../api/problem";
import { useMay } from "../core/session";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { FieldHistory } from "./FieldHistory";
import { type Field, FieldInput, type FieldValue, useFieldName, useFieldText } from "./value";

export function FieldsCard({ customerId }: { customerId: number }) {
  const t = useT().fields;
  const may = useMay();
  const [shown, setShown] = useState<Field | null>(null);
  const [isEditing, setEditing] = useState(false);
  const values = $api.useQuery("get", "/api/customers/{customer_id}/fields", {
    params: { path: { customer_id: customerId } },
  });
  const items = values.data?.items ?? [];
  const change = (
    <Button size="small" onClick={() => setEditing(true)}>
      {t.change}
    </Button>
  );
  return (
    <Card
      size="small"
      title={t.card}
      extra={may("customer:write") && items.length > 0 ? change : null}
      data-testid="customer-fields"
    >
      <Answer query={values} rows={3}>
        {() =>
          items.length === 0 ? (
            <NoFields />
          ) : (
            <div className="stack" style={{ gap: 6 }}>
              {items.map((item) => (
                <Line
                  key={item.field.key}
                  customerId={customerId}
                  item={item}
                  onHistory={() => setShown(item.field)}
                />
              ))}
            </div>
          )
        }
      </Answer>
      <FieldHistory customerId={customerId} field={shown} onClose={() => setShown(null)} />
      {isEditing ? (
        <EditDialog customerId={customerId} items={items} onClose={() => setEditing(false)} />
      ) : null}
    </Card>
  );
}

function NoFields() {
  const t = useT().fields;
  const may = useMay();
  return (
    <EmptyState
      title={t.cardEmpty}
      action={may("field:write") ? <Link to="/custom-fields">{t.define}</Link> : null}
    />
  );
}

interface LineProps {
  customerId: number;
  item: FieldValue;
  onHistory: () => void;
}

function Line({ customerId, item, onHistory }: LineProps) {
  const t = useT().fields;
  const name = useFieldName()(item.field);
  const text = useFieldText();
  const [plain, setPlain] = useState<unknown>();
  const value = plain ?? item.value;
  return (
    <div className="spread" style={{ flexWrap: "nowrap", alignItems: "flex-start", gap: 8 }}>
      <span className="muted" style={{ flex: "none", maxWidth: "45%" }}>
        {name}
      </span>
      <span className="row tight" style={{ justifyContent: "flex-end", minWidth: 0 }}>
        {value === null || value === undefined ? (
          <span className="muted">{t.unset}</span>
        ) : (
          <span className="break">{text(item.field, value)}</span>
        )}
        <Reveal customerId={customerId} item={item} onShow={setPlain} />
        <Tooltip title={t.history}>
          <Button
            size="small"
            type="text"
            icon={<HistoryOutlined />}
            aria-label={`${t.history} ${name}`}
            onClick={onHistory}
          />
        </Tooltip>
      </span>
    </div>
  );
}

interface RevealProps {
  customerId: number;
  item: FieldValue;
  onShow: (value: unknown) => void;
}

function Reveal({ customerId, item, onShow }: RevealProps) {
  const t = useT();
  const may = useMay();
  const { message } = App.useApp();
  if (!item.field.is_personal || item.value === null || !may("customer:reveal")) return null;
  const show = async () => {
    const { data, error } = await client.GET("/api/customers/{customer_id}/fields/{key}/reveal", {
      params: { path: { customer_id: customerId, key: item.field.key } },
    });
    if (error) message.error(t.kit.failed(problemOf(error).title));
    else onShow(data.value);
  };
  return (
    <Tooltip title={t.fields.reveal}>
      <Button
        size="small"
        type="text"
        icon={<EyeOutlined />}
        aria-label={t.fields.reveal}
        onClick={show}
      />
    </Tooltip>
  );
}

interface EditDialogProps {
  customerId: number;
  items: FieldValue[];
  onClose: () => void;
}

/** Only what was changed is sent: masked values stay as they are. */
function EditDialog({ customerId, items, onClose }: EditDialogProps) {
  const t = useT();
  const { message } = App.useApp();
  const [form] = Form.useForm<Record<string, unknown>>();
  const name = useFieldName();
  const queries = $api.useQuery("get", "/api/customers/{customer_id}/fields", {
    params: { path: { customer_id: customerId } },
  });
  const save = $api.useMutation("post", "/api/customers/{customer_id}/fields");
  const submit = async (values: Record<string, unknown>) => {
    const changed = Object.fromEntries(
      Object.entries(values).filter(([key, value]) => isChanged(items, key, value)),
    );
    if (Object.keys(changed).length === 0) return onClose();
    try {
      const answer = await save.mutateAsync({
        params: { path: { customer_id: customerId } },
        body: { values: changed },
      });
      const same = answer.items.filter(
        (item) =>
          item.field.key in changed &&
          !item.field.is_personal &&
          JSON.stringify(item.value) === JSON.stringify(fieldValue(items, item.field.key)),
      );
      if (same.length > 0) message.info(t.fields.overruled);
      else message.success(t.kit.saved);
      await queries.refetch();
      onClose();
    } catch (error) {
      const problem = problemOf(error);
      if (problem.field) form.setFields([{ name: problem.field, errors: [problem.title] }]);
      else message.error(t.kit.failed(problem.title));
    }
  };
  return (
    <Modal
      title={t.fields.card}
      open
      onCancel={onClose}
      onOk={() => form.submit()}
      okText={t.kit.save}
      confirmLoading={save.isPending}
    >
      <Form form={form} layout="vertical" onFinish={submit} initialValues={startOf(items)}>
        {items.map(({ field }) => (
          <Form.Item key={field.key} name={field.key} label={name(field)} extra={field.description}>
            <FieldInput field={field} label={name(field)} />
          </Form.Item>
        ))}
      </Form>
    </Modal>
  );
}

function startOf(items: FieldValue[]): Record<string, unknown> {
  return Object.fromEntries(
    items.filter((item) => !item.field.is_personal).map((item) => [item.field.key, item.value]),
  );
}

function fieldValue(items: FieldValue[], key: string): unknown {
  return items.find((item) => item.field.key === key)?.value;
}

function isChanged(items: FieldValue[], key: string, value: unknown): boolean {
  const before = startOf(items)[key] ?? null;
  const isEmpty = value === undefined || value === "" || value === null;
  return isEmpty ? before !== null : JSON.stringify(value) !== JSON.stringify(before);
}
