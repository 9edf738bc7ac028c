/** New conditions from the builder's catalogue, and which entry a condition came from. Pure. */
import type { Got } from "../api/client";
import type { Leaf } from "./definition";

export type Catalogue = Got<"/api/segments/fields">["groups"];
export type Field = Catalogue[number]["fields"][number];

export function fieldKey(field: Field): string {
  return `${field.op}:${field.field}`;
}

/** The catalogue entry a condition was made of. */
export function fieldOf(catalogue: Catalogue, leaf: Leaf): Field | undefined {
  const fields = catalogue.flatMap((group) => group.fields).filter((field) => field.op === leaf.op);
  const name = leaf.op === "trait" ? leaf.field : leaf.measure;
  return fields.find((field) => field.field === name) ?? fields[0];
}

/** An unfinished condition of a kind, with a sensible comparison. */
export function newLeaf(field: Field): Leaf {
  const cmp = field.cmps.includes("gte") ? "gte" : (field.cmps[0] ?? "eq");
  const first = field.values[0]?.value;
  switch (field.op) {
    case "trait":
      return { op: "trait", field: field.field, cmp, value: null };
    case "order":
      return {
        op: "order",
        measure: field.field,
        cmp,
        value: startValue(field),
        within_days: null,
      };
    case "event":
      return {
        op: "event",
        name: textOf(first),
        measure: field.field,
        cmp,
        value: 1,
        within_days: field.field === "count" ? 30 : null,
        where: [],
      };
    case "tag":
      return { op: "tag", has: true };
    case "platform":
      return { op: "platform", platform: textOf(first), has: true };
    case "identity":
      return { op: "identity", namespace: textOf(first), has: true };
    case "reachable":
      return { op: "reachable", channel: textOf(first) || "any" };
    case "rfm":
      return { op: "rfm", r: [4, 5], f: [], m: [] };
    default:
      return { op: field.op };
  }
}

function startValue(field: Field): number {
  return field.field.startsWith("days") ? 30 : field.field.endsWith("_fen") ? 10_000 : 1;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
