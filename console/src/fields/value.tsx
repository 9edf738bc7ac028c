/** Values of custom fields: how they read, and the input for each type. */
import { DatePicker, Input, InputNumber, Select } from "antd";
import dayjs from "dayjs";
import type { Got } from "../api/client";
import { formatTime } from "../kit/format";
import { useLanguage, useT } from "../locale";

export type FieldValue = Got<"/api/customers/{customer_id}/fields">["items"][number];
export type Field = FieldValue["field"];

export function useFieldName(): (field: Field) => string {
  const language = useLanguage();
  return (field) => (language === "zh" ? field.zh : field.en);
}

/** A value as text in the reader's language. */
export function useFieldText(): (field: Field, value: unknown) => string {
  const language = useLanguage();
  const t = useT().kit;
  const label = (field: Field, value: unknown) => {
    const found = field.choices.find((choice) => choice.value === value);
    return found ? (language === "zh" ? found.zh : found.en || found.zh) : String(value);
  };
  return (field, value) => {
    if (value === null || value === undefined) return "";
    if (Array.isArray(value)) {
      return value.map((one) => label(field, one)).join(language === "zh" ? "、" : ", ");
    }
    if (typeof value === "boolean") return value ? t.yes : t.no;
    if (field.type === "choice") return label(field, value);
    if (field.type === "datetime" && typeof value === "string") return formatTime(value);
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
}

interface FieldInputProps {
  field: Field;
  value?: unknown;
  onChange?: (value: unknown) => void;
  label: string;
}

/** The input that fits a field's type. */
export function FieldInput({ field, value, onChange, label }: FieldInputProps) {
  const t = useT().kit;
  const language = useLanguage();
  const common = { "aria-label": label, style: { width: "100%" } };
  if (field.type === "number" || field.type === "integer") {
    return (
      <InputNumber
        {...common}
        value={typeof value === "number" ? value : null}
        {...(field.type === "integer" ? { precision: 0 } : {})}
        onChange={(next) => onChange?.(next)}
      />
    );
  }
  if (field.type === "date" || field.type === "datetime") {
    return (
      <DatePicker
        {...common}
        showTime={field.type === "datetime"}
        value={typeof value === "string" ? dayjs(value) : null}
        onChange={(next) => onChange?.(textOfDay(field, next))}
      />
    );
  }
  if (field.type === "bool" || field.type === "choice" || field.type === "choices") {
    const options =
      field.type === "bool"
        ? [
            { value: true, label: t.yes },
            { value: false, label: t.no },
          ]
        : field.choices.map((choice) => ({
            value: choice.value,
            label: language === "zh" ? choice.zh : choice.en || choice.zh,
          }));
    return (
      <Select
        {...common}
        {...(field.type === "choices" ? { mode: "multiple" as const } : {})}
        allowClear
        options={options as { value: string; label: string }[]}
        value={value as string}
        onChange={(next) => onChange?.(next ?? null)}
      />
    );
  }
  return (
    <Input
      {...common}
      maxLength={500}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange?.(event.target.value)}
    />
  );
}

function textOfDay(field: Field, day: dayjs.Dayjs | null): string | null {
  if (!day) return null;
  return field.type === "date" ? day.format("YYYY-MM-DD") : day.toISOString();
}
