/** The value of a comparison, by the field's type. Money is typed in yuan, kept in fen. */
import { DatePicker, Input, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { useLanguage, useT } from "../locale";
import type { ControlsProps } from "./ConditionRow";

export function ValueInput({ leaf, field, change }: ControlsProps) {
  const t = useT().segments;
  const language = useLanguage();
  const { value = null, cmp } = leaf;
  if (cmp === "exists" || !field) return null;
  const options = field.values.map((item) => ({
    value: String(item.value),
    label: language === "zh" ? item.zh : item.en,
  }));
  const isChoice = options.length > 0 && leaf.op === "trait";
  if (cmp === "in") {
    const list = Array.isArray(value) ? value : [];
    const isNumber = field.type !== "text";
    return (
      <Select
        size="small"
        mode={isChoice ? "multiple" : "tags"}
        style={{ minWidth: 160 }}
        aria-label={t.value}
        value={list.map(String)}
        options={options}
        onChange={(next: string[]) =>
          change({ value: isNumber ? next.map(Number).filter(Number.isFinite) : next })
        }
      />
    );
  }
  if (isChoice) {
    return (
      <Select
        size="small"
        style={{ minWidth: 120 }}
        aria-label={t.value}
        value={value === null ? null : String(value)}
        options={options}
        onChange={(next: string) => change({ value: next })}
      />
    );
  }
  return <PlainInput leaf={leaf} field={field} change={change} />;
}

function PlainInput({ leaf, field, change }: ControlsProps) {
  const t = useT().segments;
  const { value = null } = leaf;
  if (field?.type === "date") {
    return (
      <DatePicker
        size="small"
        aria-label={t.value}
        value={typeof value === "string" ? dayjs(value) : null}
        onChange={(day) => change({ value: day ? day.format("YYYY-MM-DD") : null })}
      />
    );
  }
  if (field?.type === "number" || field?.type === "days") {
    const isMoney = field.field.endsWith("_fen");
    return (
      <span className="row tight">
        <InputNumber
          size="small"
          min={0}
          precision={isMoney ? 2 : 0}
          style={{ width: 96 }}
          aria-label={t.value}
          value={typeof value === "number" ? (isMoney ? value / 100 : value) : null}
          onChange={(next) =>
            change({ value: next === null ? null : isMoney ? Math.round(next * 100) : next })
          }
        />
        <span className="muted">{isMoney ? t.yuan : field.type === "days" ? t.days : ""}</span>
      </span>
    );
  }
  return (
    <Input
      size="small"
      style={{ width: 160 }}
      aria-label={t.value}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => change({ value: event.target.value })}
    />
  );
}
