/** The value of a comparison, by the field's type. Money is typed in yuan, kept in fen. */
import { DatePicker, Input, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import { useLanguage, useT } from "../locale";
import type { Scalar, Value } from "./definition";
import { type Field, isMoney } from "./leaves";

interface ValueProps {
  cmp: string;
  value: Value;
  field: Field | undefined;
  onChange: (value: Value) => void;
}

/** Comparisons with one of the known values; the others take any text. */
const EQUAL = ["eq", "ne"];
const NUMBERS = ["number", "days", "money"];

export function ValueInput({ cmp, value, field, onChange }: ValueProps) {
  if (!field) return null;
  if (cmp === "exists" || field.type === "bool")
    return <Truth cmp={cmp} value={value} onChange={onChange} />;
  if (cmp === "in" || cmp === "not_in")
    return <Many value={value} field={field} onChange={onChange} />;
  if (cmp === "between") return <Two value={value} field={field} onChange={onChange} />;
  const plain = EQUAL.includes(cmp) ? field : { ...field, values: [] };
  return <One value={Array.isArray(value) ? null : value} field={plain} onChange={onChange} />;
}

interface InputProps {
  value: Value;
  field: Field;
  onChange: (value: Value) => void;
}

function Truth({ cmp, value, onChange }: Omit<ValueProps, "field">) {
  const t = useT().segments;
  const words = cmp === "exists" ? [t.say.hasValue, t.say.noValue] : [t.say.yes, t.say.no];
  return (
    <Select
      size="small"
      style={{ minWidth: 84 }}
      aria-label={t.value}
      value={value !== false}
      options={[
        { value: true, label: words[0] },
        { value: false, label: words[1] },
      ]}
      onChange={(next: boolean) => onChange(next)}
    />
  );
}

function useChoices(field: Field) {
  const language = useLanguage();
  return field.values.map((item) => ({
    value: String(item.value),
    label: language === "zh" ? item.zh : item.en,
  }));
}

/** Whether the field's values are known, so that one chooses. */
function isChoice(field: Field): boolean {
  const isOpen = field.op === "event" || field.op === "order" || field.op === "touch";
  return field.values.length > 0 && !isOpen;
}

function Many({ value, field, onChange }: InputProps) {
  const t = useT().segments;
  const options = useChoices(field);
  const list = Array.isArray(value) ? value : [];
  const isNumber = NUMBERS.includes(field.type);
  const scale = isMoney(field) ? 100 : 1;
  return (
    <Select
      size="small"
      mode={isChoice(field) && field.type !== "text" ? "multiple" : "tags"}
      tokenSeparators={[",", "，", " "]}
      style={{ minWidth: 160, maxWidth: 320 }}
      aria-label={t.value}
      value={list.map((one) => (isNumber ? String(Number(one) / scale) : String(one)))}
      options={isChoice(field) ? options : []}
      onChange={(next: string[]) =>
        onChange(
          isNumber
            ? next.map((one) => Math.round(Number(one) * scale)).filter(Number.isFinite)
            : next,
        )
      }
    />
  );
}

function Two({ value, field, onChange }: InputProps) {
  const t = useT().segments;
  const pair = Array.isArray(value) ? value : [];
  const put = (place: 0 | 1) => (next: Value) => {
    const told: Value[] = [pair[0] ?? null, pair[1] ?? null];
    told[place] = next;
    onChange(told as Scalar[]);
  };
  return (
    <span className="row tight">
      <One value={pair[0] ?? null} field={field} onChange={put(0)} label={t.lowValue} />
      <span className="muted">–</span>
      <One value={pair[1] ?? null} field={field} onChange={put(1)} label={t.highValue} />
    </span>
  );
}

function One({ value, field, onChange, label }: InputProps & { label?: string }) {
  const t = useT().segments;
  const options = useChoices(field);
  const named = label ?? t.value;
  if (isChoice(field)) {
    return (
      <Select
        size="small"
        showSearch={{ optionFilterProp: "label" }}
        style={{ minWidth: 120 }}
        aria-label={named}
        value={value === null ? null : String(value)}
        options={options}
        onChange={(next: string) => onChange(next)}
      />
    );
  }
  if (field.type === "date") {
    return (
      <DatePicker
        size="small"
        aria-label={named}
        value={typeof value === "string" ? dayjs(value) : null}
        onChange={(day) => onChange(day ? day.format("YYYY-MM-DD") : null)}
      />
    );
  }
  if (NUMBERS.includes(field.type))
    return <NumberInput value={value} field={field} onChange={onChange} label={named} />;
  return (
    <Input
      size="small"
      style={{ width: 160 }}
      maxLength={254}
      aria-label={named}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function NumberInput({ value, field, onChange, label }: InputProps & { label: string }) {
  const t = useT().segments;
  const scale = isMoney(field) ? 100 : 1;
  const isWhole = field.type === "days" || field.op === "order" || field.op === "touch";
  const precision = scale === 100 ? { precision: 2 } : isWhole ? { precision: 0 } : {};
  return (
    <span className="row tight">
      <InputNumber
        size="small"
        {...precision}
        style={{ width: 96 }}
        aria-label={label}
        value={typeof value === "number" ? value / scale : null}
        onChange={(next) =>
          onChange(next === null ? null : scale === 100 ? Math.round(next * 100) : next)
        }
      />
      <span className="muted">{scale === 100 ? t.yuan : field.type === "days" ? t.days : ""}</span>
    </span>
  );
}
