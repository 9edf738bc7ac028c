/** A segment's definition as the builder edits it: a tree of groups and conditions. Pure. */
export type GroupOp = "and" | "or" | "not";
export type Value = string | number | boolean | (string | number)[] | null;

export interface Group {
  op: GroupOp;
  children: Node[];
}

export interface Leaf {
  op: string;
  field?: string;
  measure?: string;
  name?: string;
  cmp?: string;
  value?: Value;
  within_days?: number | null;
  tag_id?: number;
  platform?: string;
  namespace?: string;
  channel?: string;
  segment_id?: number;
  has?: boolean;
  where?: { property: string; cmp: string; value: Value }[];
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

/** The path as the server names it: `root.children[0].children[1]`-free short form `0.1`. */
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

export function replaceAt(root: Node, path: Path, node: Node): Node {
  const [index, ...rest] = path;
  if (index === undefined || !isGroup(root)) return node;
  const children = root.children.map((child, at) =>
    at === index ? replaceAt(child, rest, node) : child,
  );
  return { ...root, children };
}

export function addTo(root: Node, path: Path, node: Node): Node {
  const [index, ...rest] = path;
  if (!isGroup(root)) return root;
  if (index === undefined) return { ...root, children: [...root.children, node] };
  const children = root.children.map((child, at) =>
    at === index ? addTo(child, rest, node) : child,
  );
  return { ...root, children };
}

/** Without the node; a group that becomes empty goes too, except the root. */
export function removeAt(root: Node, path: Path): Node {
  const [index, ...rest] = path;
  if (index === undefined || !isGroup(root)) return root;
  const children = root.children.flatMap((child, at) => {
    if (at !== index) return [child];
    if (rest.length === 0) return [];
    const left = removeAt(child, rest);
    return isGroup(left) && left.children.length === 0 ? [] : [left];
  });
  return { ...root, children };
}

export type Action =
  | { kind: "replace"; path: Path; node: Node }
  | { kind: "add"; path: Path; node: Node }
  | { kind: "remove"; path: Path }
  | { kind: "reset"; definition: Definition };

export function editDefinition(state: Definition, action: Action): Definition {
  switch (action.kind) {
    case "replace":
      return { ...state, root: replaceAt(state.root, action.path, action.node) };
    case "add":
      return { ...state, root: addTo(state.root, action.path, action.node) };
    case "remove":
      return { ...state, root: removeAt(state.root, action.path) };
    case "reset":
      return action.definition;
  }
}

/** Whether every condition has what it needs, so that it can be counted. */
export function isComplete(node: Node): boolean {
  if (isGroup(node)) return node.children.length > 0 && node.children.every(isComplete);
  switch (node.op) {
    case "trait":
    case "order":
      return hasValue(node);
    case "event":
      return Boolean(node.name) && hasValue(node);
    case "tag":
      return node.tag_id !== undefined;
    case "platform":
      return Boolean(node.platform);
    case "identity":
      return Boolean(node.namespace);
    case "reachable":
      return Boolean(node.channel);
    case "segment":
      return node.segment_id !== undefined;
    case "rfm":
      return [node.r, node.f, node.m].some((scores) => (scores ?? []).length > 0);
    default:
      return false;
  }
}

function hasValue(leaf: Leaf): boolean {
  if (!leaf.cmp) return false;
  if (leaf.cmp === "exists") return true;
  if (Array.isArray(leaf.value)) return leaf.value.length > 0;
  return leaf.value !== undefined && leaf.value !== null && leaf.value !== "";
}

/** The definition as sent: conditions that are not finished are left out. */
export function prune(node: Node): Node | null {
  if (!isGroup(node)) return isComplete(node) ? node : null;
  const children = node.children.flatMap((child) => prune(child) ?? []);
  return children.length > 0 ? { ...node, children } : null;
}
