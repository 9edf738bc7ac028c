/** All journeys, and starting one from a template. */
import { PlusOutlined } from "@ant-design/icons";
import { Button, Card, Form, Input, Modal, Radio, Tag } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { $api, type Row } from "../api/client";
import { useMay } from "../core/session";
import { useAct } from "../kit/act";
import { valuesOf } from "../kit/form";
import { formatInt, formatPercent } from "../kit/format";
import { Page } from "../kit/Page";
import { Answer, EmptyState } from "../kit/States";
import { Time } from "../kit/Values";
import { labelOf, useLanguage, useT } from "../locale";

type Journey = Row<"/api/journeys">;

export default function JourneysPage() {
  const t = useT().journeys;
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const journeys = $api.useQuery("get", "/api/journeys", {}, { refetchInterval: 10_000 });
  const add = may("journey:write") ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
      {t.add}
    </Button>
  ) : null;
  return (
    <Page title={t.title} lead={t.lead} extra={add}>
      <Answer query={journeys} rows={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <EmptyState title={t.empty} hint={t.emptyHint} action={add} />
            </Card>
          ) : (
            <div className="grid cards">
              {items.map((journey) => (
                <JourneyCard key={journey.id} journey={journey} />
              ))}
            </div>
          )
        }
      </Answer>
      <FromTemplate isOpen={isAdding} onClose={() => setAdding(false)} />
    </Page>
  );
}

export function JourneyState({ code }: { code: string }) {
  const t = useT().journeys;
  const color = code === "live" ? "success" : code === "paused" ? "warning" : "default";
  return (
    <Tag color={color} style={{ margin: 0 }}>
      {labelOf(t.states, code)}
    </Tag>
  );
}

function JourneyCard({ journey }: { journey: Journey }) {
  const t = useT().journeys;
  const language = useLanguage();
  const figures: [label: string, value: string][] = [
    [t.entered, formatInt(journey.entered, language)],
    [t.active, formatInt(journey.active, language)],
    [t.goals, formatInt(journey.goals, language)],
    [t.rate, formatPercent(journey.entered ? journey.goals / journey.entered : 0)],
  ];
  return (
    <Link to={`/journeys/${journey.id}`} className="record" style={{ padding: 18 }}>
      <div className="spread">
        <span className="strong clip" style={{ fontSize: 16 }}>
          {journey.name}
        </span>
        <JourneyState code={journey.state} />
      </div>
      <div
        style={{
          display: "grid",
          gridTemplateColumns: "repeat(4, 1fr)",
          margin: "16px 0 12px",
          gap: 8,
        }}
      >
        {figures.map(([label, value]) => (
          <div key={label}>
            <div className="strong num" style={{ fontSize: 19 }}>
              {value}
            </div>
            <div className="muted small clip">{label}</div>
          </div>
        ))}
      </div>
      <div className="muted small">
        {t.version(journey.version)} · {t.updated} <Time at={journey.updated_at} />
      </div>
    </Link>
  );
}

function FromTemplate({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const t = useT().journeys;
  const language = useLanguage();
  const act = useAct();
  const navigate = useNavigate();
  const [form] = Form.useForm<{ key: string; name: string }>();
  const templates = $api.useQuery("get", "/api/journeys/templates");
  const create = $api.useMutation("post", "/api/journeys", act(["/api/journeys", "/api/setup"]));
  const items = templates.data?.items ?? [];
  const first = items[0];
  const nameOf = (item: (typeof items)[number]) => (language === "zh" ? item.zh : item.en);
  const submit = async () => {
    const values = await valuesOf(form);
    const found = items.find((item) => item.key === values?.key);
    if (!values || !found) return;
    create.mutate(
      { body: { name: values.name, definition: found.definition } },
      {
        onSuccess: (made) => {
          onClose();
          navigate(`/journeys/${made.id}`);
        },
      },
    );
  };
  return (
    <Modal
      title={t.fromTemplate}
      open={isOpen}
      onCancel={onClose}
      onOk={submit}
      okText={t.create}
      confirmLoading={create.isPending}
      destroyOnHidden
    >
      {first ? (
        <Form
          form={form}
          layout="vertical"
          preserve={false}
          clearOnDestroy
          initialValues={{ key: first.key, name: nameOf(first) }}
        >
          <Form.Item name="key" label={t.fromTemplate}>
            <Radio.Group
              vertical
              options={items.map((item) => ({ value: item.key, label: nameOf(item) }))}
            />
          </Form.Item>
          <Form.Item name="name" label={t.name} rules={[{ required: true }]}>
            <Input maxLength={64} />
          </Form.Item>
        </Form>
      ) : null}
    </Modal>
  );
}
