/** New conditions from the builder's catalogue, and which entry a condition came from. Pure. */
import type { Leaf } from "./definition";

export interface Choice {
  value: string | number | boolean;
  zh: string;
  en: string;
}

/** A property that may be asked of an event (`event` names it) or of an order. */
export interface Property {
  event?: string | null;
  property: string;
  zh: string;
  en: string;
  type: string;
  values: Choice[];
}

export interface Field {
  op: string;
  field: string;
  zh: string;
  en: string;
  type: string;
  cmps: string[];
  values: Choice[];
  missing?: string;
  windows?: boolean;
  where?: Property[];
  has?: boolean;
}

export interface FieldGroup {
  key: string;
  zh: string;
  en: string;
  fields: Field[];
}

export type Catalogue = FieldGroup[];

export function fieldKey(field: Field): string {
  return `${field.op}:${field.field}`;
}

/** What the catalogue calls the part of a condition that tells fields of one op apart. */
function nameOf(leaf: Leaf): string | undefined {
  if (leaf.op === "trait") return leaf.field;
  if (leaf.op === "tag") return leaf.group ? "group" : "tag_id";
  return leaf.measure;
}

/** The catalogue entry a condition was made of. */
export function fieldOf(catalogue: Catalogue, leaf: Leaf): Field | undefined {
  const fields = catalogue.flatMap((group) => group.fields).filter((field) => field.op === leaf.op);
  const name = nameOf(leaf);
  return fields.find((field) => field.field === name) ?? fields[0];
}

/** The name of a field or group; amounts are shown in yuan, so the name says nothing of fen. */
export function nameOfField(field: { zh: string; en: string }, language: "zh" | "en"): string {
  return (language === "zh" ? field.zh : field.en).replace(/ \((分|fen)\)$/, "");
}

/** Whether a field's numbers are fen. */
export function isMoney(field: Field | undefined): boolean {
  return field?.type === "money" || (field?.field.endsWith("_fen") ?? false);
}

/** An unfinished condition of a kind, with a sensible comparison. */
export function newLeaf(field: Field): Leaf {
  const cmp = field.cmps.includes("gte") ? "gte" : (field.cmps[0] ?? "eq");
  const first = field.values[0]?.value;
  const make = MAKERS[field.op];
  return make ? make(field, cmp, typeof first === "string" ? first : "") : { op: field.op };
}

const MAKERS: Record<string, (field: Field, cmp: string, first: string) => Leaf> = {
  trait: (field, cmp) => ({
    op: "trait",
    field: field.field,
    cmp,
    value: field.type === "bool" ? true : null,
  }),
  order: (field, cmp) => ({ op: "order", measure: field.field, cmp, value: startValue(field) }),
  event: (field, cmp, first) => ({
    op: "event",
    name: first,
    measure: field.field,
    cmp,
    value: startValue(field),
    ...(isDays(field) ? {} : { within_days: 30 }),
    where: [],
  }),
  touch: (field, cmp) => ({
    op: "touch",
    measure: field.field,
    cmp,
    value: startValue(field),
    ...(isDays(field) ? {} : { within_days: 30 }),
  }),
  sequence: () => ({
    op: "sequence",
    steps: [
      { name: "product_viewed", where: [] },
      { name: "order_completed", where: [], absent: true, within: { days: 3 } },
    ],
    within_days: 30,
  }),
  tag: (field) =>
    field.field === "group" ? { op: "tag", group: "", has: true } : { op: "tag", has: true },
  platform: (_field, _cmp, first) => ({ op: "platform", platform: first, has: true }),
  identity: (_field, _cmp, first) => ({ op: "identity", namespace: first, has: true }),
  reachable: (_field, _cmp, first) => ({ op: "reachable", channel: first || "any", has: true }),
  consent: () => ({ op: "consent", purpose: "marketing", channel: "*", state: "granted" }),
  rfm: () => ({ op: "rfm", r: [4, 5], f: [], m: [] }),
  segment: () => ({ op: "segment", has: true }),
  list: () => ({ op: "list", has: true }),
  in_group: () => ({ op: "in_group", group_id: 0, has: true }),
};

function isDays(field: Field): boolean {
  return field.field.startsWith("days_since");
}

function startValue(field: Field): number {
  return isDays(field) ? 30 : isMoney(field) ? 10_000 : 1;
}
