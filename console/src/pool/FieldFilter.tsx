/** Filtering the customer list by the value of one custom field. */
import { Select, Space } from "antd";
import { useEffect, useRef, useState } from "react";
import { $api } from "../api/client";
import { FieldInput, useFieldName } from "../fields/value";
import { useT } from "../locale";
import type { CustomerFilters } from "./filters";

interface FieldFilterProps {
  filters: CustomerFilters;
  onChange: (filters: CustomerFilters) => void;
}

export function FieldFilter({ filters, onChange }: FieldFilterProps) {
  const t = useT().fields;
  const name = useFieldName();
  const list = $api.useQuery("get", "/api/custom-fields");
  const [key, setKey] = useState(filters.field ?? "");
  useEffect(() => setKey(filters.field ?? ""), [filters.field]);
  const usable = (list.data?.items ?? [])
    .map((row) => row.field)
    .filter((field) => !field.is_archived && !field.is_personal);
  const field = usable.find((one) => one.key === key);
  if (usable.length === 0) return null;
  const pick = (next: string | undefined) => {
    setKey(next ?? "");
    if (filters.field) onChange({ ...filters, field: undefined, value: undefined });
  };
  const choose = (value: unknown) => {
    const first = Array.isArray(value) ? value.at(-1) : value;
    const text = first === null || first === undefined || first === "" ? undefined : String(first);
    onChange({ ...filters, field: text === undefined ? undefined : key, value: text });
  };
  return (
    <Space.Compact style={{ flex: "1 1 200px", maxWidth: 340 }}>
      <Select
        allowClear
        style={{ flex: 1, minWidth: 110 }}
        aria-label={t.filter}
        placeholder={t.filter}
        value={key || null}
        options={usable.map((one) => ({ value: one.key, label: name(one) }))}
        onChange={pick}
      />
      {field ? (
        <FilterInput key={key} field={field} start={filters.value} onChange={choose} />
      ) : null}
    </Space.Compact>
  );
}

interface FilterInputProps {
  field: Parameters<typeof FieldInput>[0]["field"];
  start: string | undefined;
  onChange: (value: unknown) => void;
}

const PAUSE_MS = 500;

/** Typed text counts after a pause, so that the list is not asked for every letter. */
function FilterInput({ field, start, onChange }: FilterInputProps) {
  const t = useT().fields;
  const [value, setValue] = useState<unknown>(startValue(field.type, start));
  const [typed, setTyped] = useState<unknown>();
  const isTyped = ["text", "number", "integer"].includes(field.type);
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (typed === undefined) return undefined;
    const timer = setTimeout(() => latest.current(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div style={{ flex: 1, minWidth: 100 }}>
      <FieldInput
        field={field.type === "choices" ? { ...field, type: "choice" } : field}
        label={t.filterValue}
        value={value}
        onChange={(next) => {
          setValue(next);
          if (isTyped) setTyped(next);
          else onChange(next);
        }}
      />
    </div>
  );
}

function startValue(type: string, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (type === "bool") return text === "true";
  return type === "number" || type === "integer" ? Number(text) : text;
}
