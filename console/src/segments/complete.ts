/** Whether a condition has what it needs, so that it can be counted. Pure. */
import { isGroup, type Leaf, type Node, type Step, type Value, type Where } from "./definition";

export function isComplete(node: Node): boolean {
  if (isGroup(node)) return node.children.length > 0 && node.children.every(isComplete);
  const check = CHECKS[node.op];
  return check ? check(node) : false;
}

const OF_PROPERTY = ["sum", "distinct"];

const CHECKS: Record<string, (leaf: Leaf) => boolean> = {
  trait: (leaf) => Boolean(leaf.field) && hasValue(leaf),
  order: (leaf) => hasValue(leaf) && areWhole(leaf.where) && isWindowWhole(leaf),
  touch: (leaf) => hasValue(leaf) && isWindowWhole(leaf),
  event: (leaf) =>
    Boolean(leaf.name) &&
    hasValue(leaf) &&
    areWhole(leaf.where) &&
    isWindowWhole(leaf) &&
    (!OF_PROPERTY.includes(leaf.measure ?? "") || Boolean(leaf.property)),
  sequence: (leaf) => areSteps(leaf.steps ?? []) && isWindowWhole(leaf),
  tag: (leaf) => (Boolean(leaf.tag_id) || Boolean(leaf.group)) && isWindowWhole(leaf),
  platform: (leaf) => Boolean(leaf.platform),
  identity: (leaf) => Boolean(leaf.namespace),
  reachable: (leaf) => Boolean(leaf.channel),
  consent: (leaf) => Boolean(leaf.purpose && leaf.channel && leaf.state),
  segment: (leaf) => Boolean(leaf.segment_id),
  list: (leaf) => Boolean(leaf.list_id),
  in_group: (leaf) => leaf.group_id !== undefined,
  rfm: (leaf) => [leaf.r, leaf.f, leaf.m].some((scores) => (scores ?? []).length > 0),
};

function isWindowWhole(leaf: Leaf): boolean {
  return !leaf.between || leaf.between.every(Boolean);
}

function areSteps(steps: Step[]): boolean {
  return (
    steps.length >= 2 &&
    steps.every(
      (step) =>
        Boolean(step.name) &&
        areWhole(step.where) &&
        (!step.absent || Object.keys(step.within ?? {}).length === 1),
    )
  );
}

function areWhole(where: Where[] | undefined): boolean {
  return (where ?? []).every((one) => Boolean(one.property) && hasValue(one));
}

function hasValue({ cmp, value }: { cmp?: string; value?: Value }): boolean {
  if (!cmp) return false;
  if (cmp === "exists") return true;
  if (cmp === "between")
    return Array.isArray(value) && value.length === 2 && value.every((one) => isTold(one));
  return Array.isArray(value) ? value.length > 0 : isTold(value);
}

function isTold(value: Value | undefined): boolean {
  return value !== undefined && value !== null && value !== "";
}
