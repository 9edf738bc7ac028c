/** A journey's definition as a picture and back, and the edits one may make. Pure. */
import { groupBy } from "../kit/group";
import { definitionOf as segmentOf } from "../segments/definition";

export type Kind = "welcome" | "send" | "tag" | "wait" | "split" | "exit";
export type Branch = "next" | "yes" | "no";

export interface StepNode {
  id: string;
  kind: Kind;
  next?: string | null;
  yes?: string | null;
  no?: string | null;
  template?: string;
  channel?: string;
  purpose?: string;
  expires_hours?: number;
  group?: string;
  name?: string;
  from?: string;
  seconds?: number | null;
  until_hour?: number | null;
  days?: number;
  condition?: Record<string, unknown>;
  reason?: string;
}

export interface JourneyDefinition {
  version: 1;
  trigger: { kind: "event"; name: string } | { kind: "segment"; segment_id: number };
  goal?: { kind: "event"; name: string } | null;
  exits?: { kind: "event"; name: string }[];
  re_entry?: string;
  nodes: StepNode[];
  start: string;
}

export interface Step {
  id: string;
  node: StepNode;
  column: number;
  row: number;
}

export interface Link {
  from: string;
  to: string;
  branch: Branch;
}

export interface Graph {
  steps: Step[];
  links: Link[];
}

/** The definition as the server keeps it; an unknown shape is an empty journey. */
export function journeyOf(stored: unknown): JourneyDefinition {
  const found = stored as Partial<JourneyDefinition> | null;
  return {
    ...found,
    version: 1,
    trigger: found?.trigger ?? { kind: "event", name: "friend_added" },
    nodes: found?.nodes ?? [],
    start: found?.start ?? "",
  };
}

export function branchesOf(node: StepNode): Branch[] {
  if (node.kind === "exit") return [];
  return node.kind === "split" ? ["yes", "no"] : ["next"];
}

/** Rows by the longest way from the start; a split's "yes" goes left, its "no" right. */
export function graphOf(definition: JourneyDefinition): Graph {
  const byId = new Map(definition.nodes.map((node) => [node.id, node]));
  const links = definition.nodes.flatMap((node) =>
    branchesOf(node).flatMap((branch): Link[] => {
      const to = node[branch];
      return to && byId.has(to) ? [{ from: node.id, to, branch }] : [];
    }),
  );
  const rows = rowsOf(definition, links);
  const columns = columnsOf(definition, byId, rows);
  const steps = definition.nodes.map((node, index) => ({
    id: node.id,
    node,
    row: rows.get(node.id) ?? index,
    column: columns.get(node.id) ?? 0,
  }));
  return { steps, links };
}

function rowsOf(definition: JourneyDefinition, links: Link[]): Map<string, number> {
  const rows = new Map([[definition.start, 0]]);
  for (let round = 0; round < definition.nodes.length; round++) {
    let isSettled = true;
    for (const link of links) {
      const from = rows.get(link.from);
      if (from === undefined || (rows.get(link.to) ?? -1) > from) continue;
      rows.set(link.to, from + 1);
      isSettled = false;
    }
    if (isSettled) break;
  }
  return rows;
}

function columnsOf(
  definition: JourneyDefinition,
  byId: Map<string, StepNode>,
  rows: Map<string, number>,
): Map<string, number> {
  const columns = new Map<string, number>();
  const incoming = groupBy(
    definition.nodes.flatMap((node) => branchesOf(node).flatMap((branch) => node[branch] ?? [])),
    (id) => id,
  );
  const walk = (id: string, column: number) => {
    const node = byId.get(id);
    if (!node || columns.has(id)) return;
    columns.set(id, column);
    for (const branch of branchesOf(node)) {
      const to = node[branch];
      if (!to) continue;
      const shift = branch === "yes" ? -1 : branch === "no" ? 1 : 0;
      const isJoin = (incoming.get(to)?.length ?? 0) > 1;
      walk(to, isJoin ? 0 : column + shift);
    }
  };
  walk(definition.start, 0);
  keepApart(columns, rows);
  return columns;
}

/** Two steps never stand on one place. */
function keepApart(columns: Map<string, number>, rows: Map<string, number>): void {
  const taken = new Set<string>();
  for (const [id, column] of columns) {
    let free = column;
    while (taken.has(`${rows.get(id)}:${free}`)) free += free >= 0 ? 1 : -1;
    taken.add(`${rows.get(id)}:${free}`);
    columns.set(id, free);
  }
}

/** The definition again: nodes of the steps, with the branches that the links say. */
export function definitionFrom(graph: Graph, base: JourneyDefinition): JourneyDefinition {
  const links = groupBy(graph.links, (link) => link.from);
  const nodes = graph.steps.map(({ node }) => {
    const made: StepNode = { ...node };
    for (const branch of branchesOf(node)) {
      const to = links.get(node.id)?.find((link) => link.branch === branch)?.to;
      if (to !== undefined || branch in node) made[branch] = to ?? null;
    }
    return made;
  });
  return { ...base, nodes };
}

export function replaceStep(definition: JourneyDefinition, node: StepNode): JourneyDefinition {
  return { ...definition, nodes: definition.nodes.map((old) => (old.id === node.id ? node : old)) };
}

/** A new step between a step and what came after it. */
export function insertAfter(
  definition: JourneyDefinition,
  at: { id: string; branch: Branch },
  kind: Kind,
): { definition: JourneyDefinition; id: string } {
  const before = definition.nodes.find((node) => node.id === at.id);
  const id = freshId(definition, kind);
  if (!before) return { definition, id: at.id };
  const after = before[at.branch] ?? null;
  const made = newStep(id, kind, after);
  const nodes = definition.nodes.flatMap((node) =>
    node.id === at.id ? [{ ...node, [at.branch]: id }, made] : [node],
  );
  return { definition: { ...definition, nodes }, id };
}

/** Without the step; whoever led to it leads to what came after it. */
export function removeStep(definition: JourneyDefinition, id: string): JourneyDefinition {
  const gone = definition.nodes.find((node) => node.id === id);
  if (!gone || definition.nodes.length === 1) return definition;
  const after = (gone.kind === "split" ? (gone.no ?? gone.yes) : gone.next) ?? null;
  const nodes = definition.nodes
    .filter((node) => node.id !== id)
    .map((node) => {
      const changed = { ...node };
      for (const branch of branchesOf(node)) if (node[branch] === id) changed[branch] = after;
      return changed;
    });
  const start = definition.start === id ? (after ?? nodes[0]?.id ?? "") : definition.start;
  return { ...definition, nodes, start };
}

function freshId(definition: JourneyDefinition, kind: Kind): string {
  const taken = new Set(definition.nodes.map((node) => node.id));
  let number = 1;
  while (taken.has(`${kind}_${number}`)) number++;
  return `${kind}_${number}`;
}

function newStep(id: string, kind: Kind, next: string | null): StepNode {
  switch (kind) {
    case "wait":
      return { id, kind, seconds: 86_400, next };
    case "tag":
      return { id, kind, group: "", name: "", next };
    case "split":
      return { id, kind, condition: buyersCondition(), yes: next, no: next };
    case "exit":
      return { id, kind, reason: "completed" };
    case "welcome":
      return { id, kind, template: "", next };
    default:
      return { id, kind, channel: "best", purpose: "marketing", template: "", next };
  }
}

function buyersCondition(): Record<string, unknown> {
  return { ...segmentOf({ root: { op: "order", measure: "count", cmp: "gte", value: 1 } }) };
}
