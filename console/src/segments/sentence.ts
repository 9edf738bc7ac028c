/** A definition as a sentence. Pure: words and names of things come from outside. */
import {
  isGroup,
  type Leaf,
  type Node,
  type Step,
  type Unit,
  type Value,
  type Where,
} from "./definition";
import { type Catalogue, type Choice, type Field, fieldOf, isMoney, nameOfField } from "./leaves";

export interface Say {
  clause: (window: string, subject: string, where: string, test: string) => string;
  and: string;
  or: string;
  not: (inner: string) => string;
  group: (inner: string) => string;
  everybody: string;
  within: (days: number) => string;
  between: (from: string, to: string) => string;
  where: (conditions: string) => string;
  whereAnd: string;
  yes: string;
  no: string;
  hasValue: string;
  noValue: string;
  range: (low: string, high: string) => string;
  list: string;
  yuan: (amount: string) => string;
  eventMeasures: Record<string, (name: string, property: string) => string>;
  measures: Record<string, string>;
  units: Record<string, string>;
  name: (text: string) => string;
  has: Record<string, (what: string) => string>;
  hasNot: Record<string, (what: string) => string>;
  origin: (word: string) => string;
  consent: (purpose: string, channel: string, state: string) => string;
  touchOf: (parts: string) => string;
  firstStep: (name: string) => string;
  nextStep: (span: string, name: string) => string;
  noStep: (span: string, name: string) => string;
  span: Record<Unit, (amount: number) => string>;
  later: string;
  stepGlue: string;
  rfm: (parts: string) => string;
}

export interface Teller {
  say: Say;
  cmps: Record<string, string>;
  catalogue: Catalogue;
  language: "zh" | "en";
  /** The words of codes that the catalogue does not name. */
  words: (kind: "purpose" | "consent" | "state" | "channel" | "origin", code: string) => string;
}

export function sentenceOf(node: Node, teller: Teller): string {
  const { say } = teller;
  if (!isGroup(node)) return leafSentence(node, teller);
  const parts = node.children.map((child) => {
    const text = sentenceOf(child, teller);
    return isGroup(child) && child.op !== "not" && child.children.length > 1
      ? say.group(text)
      : text;
  });
  if (parts.length === 0) return say.everybody;
  if (node.op === "not") return say.not(parts.join(say.or));
  return parts.join(node.op === "and" ? say.and : say.or);
}

export function leafSentence(leaf: Leaf, teller: Teller): string {
  const tell = TELLERS[leaf.op];
  return tell ? tell(leaf, teller) : leaf.op;
}

const TELLERS: Record<string, (leaf: Leaf, teller: Teller) => string> = {
  trait: (leaf, teller) => {
    const field = fieldOf(teller.catalogue, leaf);
    const subject =
      field && field.field === leaf.field
        ? nameOfField(field, teller.language)
        : (leaf.field ?? "");
    return teller.say.clause("", subject, "", test(leaf, field, teller));
  },
  order: (leaf, teller) =>
    measured(leaf, teller, teller.say.measures[`order.${leaf.measure}`] ?? ""),
  event: (leaf, teller) => {
    const field = fieldOf(teller.catalogue, leaf);
    const name = teller.say.name(choiceName(field, leaf.name, teller));
    const make = teller.say.eventMeasures[leaf.measure ?? "count"];
    return measured(leaf, teller, make ? make(name, leaf.property ?? "") : name);
  },
  touch: (leaf, teller) => {
    const { say, words } = teller;
    const parts = [
      ...(leaf.channel ? [words("channel", leaf.channel)] : []),
      ...(leaf.purpose ? [words("purpose", leaf.purpose)] : []),
      ...(leaf.campaign ? [say.name(leaf.campaign)] : []),
      ...(leaf.states ?? []).map((state) => words("state", state)),
    ];
    const of = parts.length > 0 ? say.touchOf(parts.join(say.list)) : "";
    return measured(leaf, teller, `${say.measures[`touch.${leaf.measure}`] ?? ""}${of}`);
  },
  sequence: (leaf, teller) => {
    const steps = (leaf.steps ?? []).map((step, index) => stepSentence(step, index, teller));
    return teller.say.clause(windowOf(leaf, teller), steps.join(teller.say.stepGlue), "", "");
  },
  tag: (leaf, teller) => {
    const { say, words } = teller;
    const field = fieldOf(teller.catalogue, leaf);
    const kind = leaf.group ? "tagGroup" : "tag";
    const what = leaf.group ? leaf.group : choiceName(field, leaf.tag_id ?? undefined, teller);
    const origin = leaf.origin ? say.origin(words("origin", leaf.origin)) : "";
    return say.clause(windowOf(leaf, teller), held(kind, leaf, what, say), origin, "");
  },
  platform: (leaf, teller) => heldChoice("platform", leaf, leaf.platform, teller),
  identity: (leaf, teller) => heldChoice("identity", leaf, leaf.namespace, teller),
  reachable: (leaf, teller) => heldChoice("reachable", leaf, leaf.channel, teller),
  segment: (leaf, teller) => heldChoice("segment", leaf, leaf.segment_id, teller),
  list: (leaf, teller) => heldChoice("list", leaf, leaf.list_id, teller),
  in_group: (leaf, teller) => heldChoice("inGroup", leaf, leaf.group_id, teller),
  consent: (leaf, { say, words }) =>
    say.consent(
      words("purpose", leaf.purpose ?? ""),
      words("channel", leaf.channel ?? "*"),
      words("consent", leaf.state ?? ""),
    ),
  rfm: (leaf, { say }) =>
    say.rfm(
      (["r", "f", "m"] as const)
        .filter((part) => (leaf[part] ?? []).length > 0)
        .map((part) => `${part.toUpperCase()} ${(leaf[part] ?? []).join("/")}`)
        .join(say.list),
    ),
};

function held(kind: string, leaf: Leaf, what: string, say: Say): string {
  const make = (leaf.has === false ? say.hasNot : say.has)[kind];
  return make ? make(what) : what;
}

function heldChoice(
  kind: string,
  leaf: Leaf,
  value: string | number | undefined,
  teller: Teller,
): string {
  const name = choiceName(fieldOf(teller.catalogue, leaf), value, teller);
  return held(kind, leaf, name, teller.say);
}

function measured(leaf: Leaf, teller: Teller, subject: string): string {
  const field = fieldOf(teller.catalogue, leaf);
  const key = `${leaf.op}.${leaf.measure}`;
  const unit = teller.say.units[key] ?? "";
  const where = wheres(leaf.where, teller);
  return teller.say.clause(windowOf(leaf, teller), subject, where, test(leaf, field, teller, unit));
}

function stepSentence(step: Step, index: number, teller: Teller): string {
  const { say } = teller;
  const event = fieldOf(teller.catalogue, { op: "event", measure: "count" });
  const name = `${say.name(choiceName(event, step.name, teller))}${wheres(step.where, teller)}`;
  if (index === 0) return say.firstStep(name);
  const [told] = Object.entries(step.within ?? {});
  const span = told ? say.span[told[0] as Unit](told[1]) : say.later;
  return step.absent ? say.noStep(span, name) : say.nextStep(span, name);
}

export function windowOf(leaf: Leaf, { say }: Pick<Teller, "say">): string {
  if (leaf.between) return say.between(leaf.between[0], leaf.between[1]);
  return leaf.within_days ? say.within(leaf.within_days) : "";
}

function wheres(where: Where[] | undefined, teller: Teller): string {
  const told = (where ?? []).filter((one) => one.property);
  if (told.length === 0) return "";
  const texts = told.map((one) => `${one.property} ${test(one, undefined, teller)}`);
  return teller.say.where(texts.join(teller.say.whereAnd));
}

interface Compared {
  cmp?: string;
  value?: Value;
}

function test(
  { cmp, value = null }: Compared,
  field: Field | undefined,
  teller: Teller,
  unit = "",
): string {
  const { say, cmps } = teller;
  if (cmp === "exists") return value === false ? say.noValue : say.hasValue;
  const show = (one: unknown): string => shown(one, field, teller);
  if (cmp === "between" && Array.isArray(value))
    return `${say.range(show(value[0]), show(value[1]))}${unit}`;
  const text = Array.isArray(value) ? value.map(show).join(say.list) : show(value);
  return `${cmps[cmp ?? ""] ?? cmp ?? ""} ${text}${unit}`;
}

function shown(value: unknown, field: Field | undefined, teller: Teller): string {
  const { say } = teller;
  if (value === null || value === undefined || value === "") return "…";
  if (typeof value === "boolean") return value ? say.yes : say.no;
  if (isMoney(field) && typeof value === "number") return say.yuan(String(value / 100));
  const known = field?.op === "trait" && field.values.find((item) => item.value === value);
  const text = known ? labelOf(known, teller) : String(value);
  return field?.type === "days" && field.op === "trait" ? `${text}${say.units.days}` : text;
}

function choiceName(
  field: Field | undefined,
  value: string | number | undefined,
  teller: Teller,
): string {
  if (value === undefined || value === "") return "…";
  const known = field?.values.find((item) => item.value === value);
  return known ? labelOf(known, teller) : String(value);
}

function labelOf(choice: Choice, { language }: Pick<Teller, "language">): string {
  return language === "zh" ? choice.zh : choice.en;
}
