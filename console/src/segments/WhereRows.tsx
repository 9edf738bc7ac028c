/** Demands on the properties of an event or an order, all of them. */
import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { AutoComplete, Button, Select } from "antd";
import { labelOf, useLanguage, useT } from "../locale";
import type { Where } from "./definition";
import type { Field, Property } from "./leaves";
import { ValueInput } from "./ValueInput";
import { valueFor } from "./values";

interface WhereProps {
  where: Where[];
  properties: Property[];
  onChange: (where: Where[]) => void;
}

type ValueKind = "text" | "number" | "bool";

const CMPS: Record<ValueKind, string[]> = {
  text: [
    "eq",
    "ne",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "exists",
  ],
  number: ["eq", "ne", "in", "not_in", "gt", "gte", "lt", "lte", "between", "exists"],
  bool: ["eq", "exists"],
};

export function WhereRows({ where, properties, onChange }: WhereProps) {
  const t = useT().segments;
  const first = properties[0]?.property ?? "";
  return (
    <div className="row" style={{ flexBasis: "100%" }}>
      {where.map((one, index) => (
        <WhereRow
          // biome-ignore lint/suspicious/noArrayIndexKey: a demand is its place in the list
          key={index}
          one={one}
          properties={properties}
          onChange={(next) => onChange(where.map((old, at) => (at === index ? next : old)))}
          onRemove={() => onChange(where.filter((_, at) => at !== index))}
        />
      ))}
      <Button
        size="small"
        type="text"
        className="muted"
        icon={<PlusOutlined />}
        onClick={() => onChange([...where, { property: first, cmp: "eq", value: null }])}
      >
        {t.addWhere}
      </Button>
    </div>
  );
}

interface RowProps {
  one: Where;
  properties: Property[];
  onChange: (one: Where) => void;
  onRemove: () => void;
}

function WhereRow({ one, properties, onChange, onRemove }: RowProps) {
  const t = useT();
  const words = t.segments;
  const language = useLanguage();
  const known = properties.find((item) => item.property === one.property);
  const kind = kindOf(one, known);
  const field = fieldOfProperty(one.property, kind, known);
  const options = properties.map((item) => ({
    value: item.property,
    label: labelOfProperty(item, language),
  }));
  return (
    <div className="where" data-testid="where">
      <span className="muted">{words.where}</span>
      <AutoComplete
        size="small"
        style={{ width: 130 }}
        aria-label={words.property}
        placeholder={words.property}
        value={one.property}
        options={options}
        onChange={(property: string) => onChange({ ...one, property })}
      />
      <Select<ValueKind>
        size="small"
        aria-label={words.valueKind}
        value={kind}
        options={(["text", "number", "bool"] as const).map((value) => ({
          value,
          label: labelOf(words.valueKinds, value),
        }))}
        onChange={(next) => onChange({ ...one, cmp: "eq", value: START[next] })}
      />
      <Select
        size="small"
        style={{ minWidth: 92 }}
        aria-label={words.comparison}
        value={one.cmp}
        options={CMPS[kind].map((cmp) => ({ value: cmp, label: labelOf(t.kit.cmps, cmp) }))}
        onChange={(cmp: string) =>
          onChange({ ...one, cmp, value: valueFor(cmp, one.value ?? null) })
        }
      />
      <ValueInput
        cmp={one.cmp}
        value={one.value ?? null}
        field={field}
        onChange={(value) => onChange({ ...one, value })}
      />
      <Button
        type="text"
        size="small"
        icon={<CloseOutlined />}
        aria-label={words.removeWhere}
        onClick={onRemove}
      />
    </div>
  );
}

const START: Record<ValueKind, string | number | boolean> = { text: "", number: 0, bool: true };

/** By the value typed so far, else as the property is known. */
function kindOf(one: Where, known: Property | undefined): ValueKind {
  const first = Array.isArray(one.value) ? one.value[0] : one.value;
  if (typeof first === "string") return "text";
  if (typeof first === "number") return "number";
  if (typeof first === "boolean" && one.cmp !== "exists") return "bool";
  return known?.type === "number" || known?.type === "bool" ? known.type : "text";
}

function fieldOfProperty(property: string, kind: ValueKind, known: Property | undefined): Field {
  const values = known?.values ?? [];
  return { op: "where", field: property, zh: "", en: "", type: kind, cmps: CMPS[kind], values };
}

function labelOfProperty(item: Property, language: "zh" | "en"): string {
  const name = language === "zh" ? item.zh : item.en;
  return name && name !== item.property ? `${item.property} ${name}` : item.property;
}
