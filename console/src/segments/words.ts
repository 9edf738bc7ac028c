/** A definition as one line of words. */
import { $api } from "../api/client";
import { labelOf, useLanguage, useT } from "../locale";
import { definitionOf, isGroup, type Leaf, type Node } from "./definition";
import { fieldOf } from "./leaves";

const SIGNS: Record<string, string> = {
  eq: "=",
  ne: "≠",
  gt: ">",
  gte: "≥",
  lt: "<",
  lte: "≤",
  in: "∈",
};

export function useConditionText(): (stored: unknown) => string {
  const t = useT();
  const language = useLanguage();
  const fields = $api.useQuery("get", "/api/segments/fields");
  const catalogue = fields.data?.groups ?? [];
  const leafText = (leaf: Leaf): string => {
    const field = fieldOf(catalogue, leaf);
    const name = field ? (language === "zh" ? field.zh : field.en) : leaf.op;
    const chosen =
      leaf.tag_id ??
      leaf.platform ??
      leaf.namespace ??
      leaf.channel ??
      leaf.segment_id ??
      leaf.name;
    const known = field?.values.find((item) => item.value === chosen);
    const label = known ? (language === "zh" ? known.zh : known.en) : (chosen ?? "");
    const prefix = leaf.op === "order" ? `${t.commerce.title} ` : "";
    const cmp = leaf.cmp
      ? ` ${SIGNS[leaf.cmp] ?? labelOf(t.kit.cmps, leaf.cmp)} ${valueText(leaf)}`
      : "";
    const not = leaf.has === false ? `${t.segments.hasNot} ` : "";
    return `${prefix}${name} ${not}${label}${cmp}`.replace(/\s+/g, " ").trim();
  };
  const nodeText = (node: Node): string => {
    if (!isGroup(node)) return leafText(node);
    const texts = node.children.map(nodeText);
    if (node.op === "not") return `${labelOf(t.segments.group, "not")} (${texts.join(" / ")})`;
    return texts.join(node.op === "or" ? " / " : " + ");
  };
  return (stored) => nodeText(definitionOf(stored).root);
}

function valueText(leaf: Leaf): string {
  if (leaf.cmp === "exists") return "";
  const { value } = leaf;
  const isMoney = (leaf.measure ?? leaf.field ?? "").endsWith("_fen");
  if (isMoney && typeof value === "number") return `¥${value / 100}`;
  return Array.isArray(value) ? value.join(", ") : String(value ?? "");
}
