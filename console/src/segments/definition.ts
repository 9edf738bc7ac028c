/** A segment's definition as the builder edits it: a tree of groups and conditions. Pure. */
export type GroupOp = "and" | "or" | "not";
export type Scalar = string | number | boolean;
export type Value = Scalar | Scalar[] | null;

export interface Group {
  op: GroupOp;
  children: Node[];
  key?: string;
}

export interface Where {
  property: string;
  cmp: string;
  value?: Value;
}

export type Unit = "days" | "hours" | "minutes";

export interface Step {
  name: string;
  where?: Where[];
  absent?: boolean;
  within?: Partial<Record<Unit, number>> | null;
}

/** Any condition; which fields count depends on `op`. `key` is the builder's own and never sent. */
export interface Leaf {
  op: string;
  key?: string;
  field?: string;
  measure?: string;
  name?: string;
  property?: string;
  cmp?: string;
  value?: Value;
  within_days?: number | null;
  between?: [string, string] | null;
  tag_id?: number | null;
  group?: string;
  origin?: string;
  platform?: string;
  namespace?: string;
  channel?: string;
  purpose?: string;
  state?: string;
  campaign?: string;
  states?: string[];
  segment_id?: number;
  list_id?: number;
  group_id?: number;
  has?: boolean;
  where?: Where[];
  steps?: Step[];
  r?: number[];
  f?: number[];
  m?: number[];
}

export type Node = Group | Leaf;

export interface Definition {
  version: 1;
  root: Node;
}

/** Where a node stands: indices of children from the root. */
export type Path = readonly number[];

export function isGroup(node: Node): node is Group {
  return node.op === "and" || node.op === "or" || node.op === "not";
}

/** The path in short: `0.1`, the root being empty. */
export function pathKey(path: Path): string {
  return path.join(".");
}

/** A definition whose root is a group, whatever was stored. */
export function definitionOf(stored: unknown): Definition {
  const root = (stored as Partial<Definition> | null)?.root;
  if (!root) return emptyDefinition();
  return { version: 1, root: isGroup(root) ? root : { op: "and", children: [root] } };
}

export function emptyDefinition(): Definition {
  return { version: 1, root: { op: "and", children: [] } };
}

export function nodeAt(root: Node, path: Path): Node | undefined {
  return path.reduce<Node | undefined>(
    (node, index) => (node && isGroup(node) ? node.children[index] : undefined),
    root,
  );
}

export function replaceAt(root: Node, path: Path, node: Node): Node {
  const [index, ...rest] = path;
  if (index === undefined || !isGroup(root)) return node;
  const children = root.children.map((child, at) =>
    at === index ? replaceAt(child, rest, node) : child,
  );
  return { ...root, children };
}

/** Puts a node into the group at `parent`, before its child `index`, or at the end. */
export function insertAt(root: Node, parent: Path, node: Node, index?: number): Node {
  const group = nodeAt(root, parent);
  if (!group || !isGroup(group)) return root;
  const at = index ?? group.children.length;
  const children = [...group.children.slice(0, at), node, ...group.children.slice(at)];
  return replaceAt(root, parent, { ...group, children });
}

/** Without the nodes for which `isGone`; a group that becomes empty goes too, except the root. */
function without(root: Node, isGone: (node: Node) => boolean): Node {
  if (!isGroup(root)) return root;
  const children = root.children.flatMap((child) => {
    if (isGone(child)) return [];
    const left = without(child, isGone);
    const isEmptied =
      isGroup(child) && isGroup(left) && child.children.length > 0 && left.children.length === 0;
    return isEmptied ? [] : [left];
  });
  return { ...root, children };
}

export function removeAt(root: Node, path: Path): Node {
  const hole: Leaf = { op: "hole" };
  return without(replaceAt(root, path, hole), (node) => node === hole);
}

/** Moves a node into the group at `parent`, before what is its child `index` now. */
export function moveTo(root: Node, from: Path, parent: Path, index?: number): Node {
  const node = nodeAt(root, from);
  const isInside = from.every((step, level) => parent[level] === step);
  if (!node || from.length === 0 || isInside) return root;
  const hole: Leaf = { op: "hole" };
  const filled = insertAt(replaceAt(root, from, hole), parent, node, index);
  return without(filled, (one) => one === hole);
}

export type Direction = "up" | "down" | "in" | "out";

/** One step of the keyboard: among its siblings, into the group beside it, or out of its group. */
export function step(root: Node, path: Path, direction: Direction): Node {
  const index = path.at(-1);
  if (index === undefined) return root;
  const parent = path.slice(0, -1);
  const group = nodeAt(root, parent);
  if (!group || !isGroup(group)) return root;
  const outer = parent.slice(0, -1);
  const place = parent.at(-1);
  if (direction === "in") return stepIn(root, group, path);
  if (direction === "up" && index > 0) return moveTo(root, path, parent, index - 1);
  if (direction === "down" && index < group.children.length - 1)
    return moveTo(root, path, parent, index + 2);
  if (place === undefined) return root;
  return moveTo(root, path, outer, direction === "up" ? place : place + 1);
}

function stepIn(root: Node, group: Group, path: Path): Node {
  const index = path.at(-1) ?? 0;
  const parent = path.slice(0, -1);
  const before = group.children[index - 1];
  const after = group.children[index + 1];
  if (before && isGroup(before)) return moveTo(root, path, [...parent, index - 1]);
  if (after && isGroup(after)) return moveTo(root, path, [...parent, index + 1], 0);
  const node = group.children[index];
  if (!node) return root;
  return replaceAt(root, path, { op: group.op === "or" ? "and" : "or", children: [node] });
}

/** The group's children take its place. */
export function dissolve(root: Node, path: Path): Node {
  const index = path.at(-1);
  const group = nodeAt(root, path);
  const parent = nodeAt(root, path.slice(0, -1));
  if (index === undefined || !group || !isGroup(group) || !parent || !isGroup(parent)) return root;
  const children = parent.children.flatMap((child, at) =>
    at === index ? group.children : [child],
  );
  return replaceAt(root, path.slice(0, -1), { ...parent, children });
}

export type Action =
  | { kind: "replace"; path: Path; node: Node }
  | { kind: "add"; path: Path; node: Node; index?: number }
  | { kind: "remove"; path: Path }
  | { kind: "move"; from: Path; parent: Path; index?: number }
  | { kind: "step"; path: Path; direction: Direction }
  | { kind: "dissolve"; path: Path }
  | { kind: "reset"; definition: Definition };

export function editDefinition(state: Definition, action: Action): Definition {
  const { root } = state;
  switch (action.kind) {
    case "replace":
      return { ...state, root: replaceAt(root, action.path, action.node) };
    case "add":
      return { ...state, root: insertAt(root, action.path, action.node, action.index) };
    case "remove":
      return { ...state, root: removeAt(root, action.path) };
    case "move":
      return { ...state, root: moveTo(root, action.from, action.parent, action.index) };
    case "step":
      return { ...state, root: step(root, action.path, action.direction) };
    case "dissolve":
      return { ...state, root: dissolve(root, action.path) };
    case "reset":
      return action.definition;
  }
}
