/** The fields of each kind of step. */
import { AutoComplete, Checkbox, Form, Input, InputNumber, Select, Space } from "antd";
import { useState } from "react";
import { $api } from "../api/client";
import { labelOf, useT } from "../locale";
import { useChannelLabel } from "../reach/looks";
import type { StepNode } from "./graph";

export function StepFields({ node }: { node: StepNode }) {
  switch (node.kind) {
    case "welcome":
      return <Template />;
    case "send":
      return <SendFields />;
    case "tag":
      return <TagFields />;
    case "wait":
      return <WaitFields />;
    default:
      return <ExitFields node={node} />;
  }
}

function Template() {
  const t = useT().journeys;
  return (
    <Form.Item
      name="template"
      label={t.template}
      extra={t.templateHint}
      rules={[{ required: true }]}
    >
      <Input.TextArea autoSize={{ minRows: 4 }} maxLength={1000} showCount />
    </Form.Item>
  );
}

function SendFields() {
  const t = useT();
  const label = useChannelLabel();
  const platforms = $api.useQuery("get", "/api/platforms");
  const channels = (platforms.data?.items ?? []).flatMap((platform) =>
    platform.channels.filter((channel) => channel.is_marketing).map((channel) => channel.name),
  );
  return (
    <>
      <Form.Item name="channel" label={t.journeys.channel} rules={[{ required: true }]}>
        <Select options={["best", ...channels].map((value) => ({ value, label: label(value) }))} />
      </Form.Item>
      <Form.Item name="purpose" label={t.journeys.purpose} rules={[{ required: true }]}>
        <Select
          options={["marketing", "service"].map((value) => ({
            value,
            label: labelOf(t.reach.purposes, value),
          }))}
        />
      </Form.Item>
      <Template />
    </>
  );
}

function TagFields() {
  const t = useT().journeys;
  const tags = $api.useQuery("get", "/api/tags");
  const from = Form.useWatch("from");
  const groups = [...new Set((tags.data?.items ?? []).map((tag) => tag.group))];
  return (
    <>
      <Form.Item name="group" label={t.group} rules={[{ required: true }]}>
        <AutoComplete options={groups.map((value) => ({ value }))} />
      </Form.Item>
      <Form.Item
        name="from"
        valuePropName="checked"
        getValueProps={(value) => ({ checked: value === "source" })}
        getValueFromEvent={(event: { target: { checked: boolean } }) =>
          event.target.checked ? "source" : ""
        }
      >
        <Checkbox>{t.tagSource}</Checkbox>
      </Form.Item>
      {from === "source" ? null : (
        <Form.Item name="name" label={t.tagName} rules={[{ required: true }]}>
          <Input maxLength={30} />
        </Form.Item>
      )}
    </>
  );
}

function WaitFields() {
  const t = useT().journeys;
  return (
    <Form.Item name="seconds" label={t.seconds} rules={[{ required: true }]}>
      <SpanInput />
    </Form.Item>
  );
}

const UNITS = { minutes: 60, hours: 3600, days: 86_400 } as const;
type Unit = keyof typeof UNITS;

interface SpanInputProps {
  value?: number | null;
  onChange?: (seconds: number | null) => void;
}

/** A span typed in the unit that fits it, kept in seconds. */
function SpanInput({ value = null, onChange }: SpanInputProps) {
  const t = useT().journeys;
  const [unit, setUnit] = useState<Unit>(unitOf(value ?? 0));
  return (
    <Space.Compact>
      <InputNumber
        min={1}
        value={value === null ? null : value / UNITS[unit]}
        onChange={(count) => onChange?.(count === null ? null : Math.round(count * UNITS[unit]))}
      />
      <Select<Unit>
        style={{ width: 110 }}
        value={unit}
        options={(Object.keys(UNITS) as Unit[]).map((key) => ({ value: key, label: t.units[key] }))}
        onChange={(next) => {
          if (value !== null) onChange?.(Math.round((value / UNITS[unit]) * UNITS[next]));
          setUnit(next);
        }}
      />
    </Space.Compact>
  );
}

function unitOf(seconds: number): Unit {
  if (seconds > 0 && seconds % UNITS.days === 0) return "days";
  return seconds > 0 && seconds % UNITS.hours === 0 ? "hours" : "minutes";
}

function ExitFields({ node }: { node: StepNode }) {
  const t = useT().journeys;
  return <div className="muted">{labelOf(t.exitWords, node.reason ?? "completed")}</div>;
}
