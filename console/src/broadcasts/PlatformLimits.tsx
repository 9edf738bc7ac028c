/** The platforms' limits as dated rows; the brand may note a newer one. */
import { Button, Card, DatePicker, Form, Input, InputNumber, Modal, Select, Table } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { Answer } from "../kit/States";
import { labelOf, useT } from "../locale";
import { useChannelLabel } from "../reach/looks";

type Limit = Row<"/api/reach/quotas">;

export function PlatformLimits() {
  const t = useT().broadcasts.quotas;
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const label = useChannelLabel();
  const limits = $api.useQuery("get", "/api/reach/quotas");
  return (
    <Card
      title={t.limits}
      extra={may("touch:write") ? <Button onClick={() => setAdding(true)}>{t.add}</Button> : null}
    >
      <p className="muted" style={{ marginTop: 0 }}>
        {t.limitsHint}
      </p>
      <Answer query={limits}>
        {({ items }) => (
          <>
            <Table<Limit & { key: number }>
              size="small"
              rowKey="key"
              dataSource={items.map((one, index) => ({ ...one, key: index }))}
              pagination={false}
              scroll={{ x: 620 }}
              columns={[
                { title: t.from, dataIndex: "valid_from", width: 110 },
                { title: "", key: "channel", render: (_, row) => label(row.channel) },
                {
                  title: t.window,
                  key: "window",
                  width: 110,
                  render: (_, row) => labelOf(t.windows, row.window),
                },
                {
                  title: t.limit,
                  key: "limit",
                  width: 100,
                  render: (_, row) => (row.limit === 0 ? t.days : row.limit),
                },
                {
                  title: t.source,
                  key: "source",
                  className: "muted small",
                  render: (_, row) => (row.is_ours ? `${t.ours}: ${row.source}` : row.source),
                },
              ]}
            />
            {isAdding ? (
              <AddLimit
                counted={new Map(items.map((one) => [one.channel, one.per]))}
                onClose={() => setAdding(false)}
              />
            ) : null}
          </>
        )}
      </Answer>
    </Card>
  );
}

interface Written {
  channel: string;
  window: string;
  limit: number;
  valid_from: Dayjs;
  source: string;
}

interface AddProps {
  /** Channel → whether its platform counts per customer or per account. */
  counted: Map<string, string>;
  onClose: () => void;
}

function AddLimit({ counted, onClose }: AddProps) {
  const words = useT();
  const t = words.broadcasts.quotas;
  const label = useChannelLabel();
  const act = useAct();
  const [form] = Form.useForm<Written>();
  const add = $api.useMutation(
    "post",
    "/api/reach/quotas",
    act(["/api/reach", "/api/customers"], undefined, onClose),
  );
  return (
    <Modal title={t.add} open onCancel={onClose} onOk={() => form.submit()}>
      <Form
        form={form}
        layout="vertical"
        initialValues={{ window: "month", limit: 0 }}
        onFinish={({ valid_from, ...rest }: Written) =>
          add.mutate({
            body: {
              ...rest,
              per: counted.get(rest.channel) ?? "customer",
              valid_from: valid_from.format("YYYY-MM-DD"),
            },
          })
        }
      >
        <Form.Item name="channel" label={words.broadcasts.channel} rules={[{ required: true }]}>
          <Select options={[...counted.keys()].map((value) => ({ value, label: label(value) }))} />
        </Form.Item>
        <Form.Item name="window" label={t.window} rules={[{ required: true }]}>
          <Select
            options={["month", "week", "day"].map((value) => ({
              value,
              label: labelOf(t.windows, value),
            }))}
          />
        </Form.Item>
        <Form.Item name="limit" label={t.limit} rules={[{ required: true }]}>
          <InputNumber min={0} max={1_000_000_000} precision={0} />
        </Form.Item>
        <Form.Item name="valid_from" label={t.from} rules={[{ required: true }]}>
          <DatePicker style={{ width: "100%" }} />
        </Form.Item>
        <Form.Item name="source" label={t.source} rules={[{ required: true }]}>
          <Input />
        </Form.Item>
      </Form>
    </Modal>
  );
}
