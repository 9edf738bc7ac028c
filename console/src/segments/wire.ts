/** Between the builder's tree and the definition as the server keeps it. Pure.
 *
 * The builder's "none of" may hold several conditions; the server's `not` holds exactly one, so
 * several are sent as `not (or …)` and read back as one group.
 */
import { isComplete } from "./complete";
import {
  type Definition,
  definitionOf,
  isGroup,
  type Leaf,
  type Node,
  pathKey,
} from "./definition";

export interface Wire {
  /** Null when nothing is finished yet. */
  definition: { version: 1; root: Node } | null;
  /** The server's path in digits (`0.0.1`) → the builder's. */
  keys: Map<string, string>;
}

/** The definition as sent: conditions that are not finished are left out. */
export function toWire(root: Node): Wire {
  const keys = new Map<string, string>();
  const sent = send(root, [], [], keys);
  return { definition: sent ? { version: 1, root: sent } : null, keys };
}

function send(node: Node, at: number[], server: number[], keys: Map<string, string>): Node | null {
  if (!isGroup(node)) {
    if (!isComplete(node)) return null;
    keys.set(pathKey(server), pathKey(at));
    return cleaned(node);
  }
  const whole = node.children.filter(holdsSomething);
  if (whole.length === 0) return null;
  keys.set(pathKey(server), pathKey(at));
  const isSeveral = node.op === "not" && whole.length > 1;
  const inner = isSeveral ? [...server, 0] : server;
  const children: Node[] = [];
  for (const [index, child] of node.children.entries()) {
    const sent = send(child, [...at, index], [...inner, children.length], keys);
    if (sent) children.push(sent);
  }
  if (isSeveral) return { op: "not", children: [{ op: "or", children }] };
  return { op: node.op, children };
}

function holdsSomething(node: Node): boolean {
  return isGroup(node) ? node.children.some(holdsSomething) : isComplete(node);
}

/** Without the builder's key and without what is not said. */
function cleaned(leaf: Leaf): Leaf {
  const { key: _key, ...rest } = leaf;
  const told = Object.entries(rest).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(told) as unknown as Leaf;
}

let made = 0;

/** A key that no other node has. */
export function newKey(): string {
  made += 1;
  return `n${made}`;
}

/** A stored definition as the builder edits it, every node with a key. */
export function fromWire(stored: unknown): Definition {
  return { version: 1, root: receive(definitionOf(stored).root) };
}

function receive(node: Node): Node {
  if (!isGroup(node)) return { ...node, key: newKey() };
  const [only] = node.children;
  const isSeveral =
    node.op === "not" && node.children.length === 1 && only !== undefined && only.op === "or";
  const children = isSeveral && isGroup(only) ? only.children : node.children;
  return { op: node.op, key: newKey(), children: children.map(receive) };
}

/** A pasted text as a definition, or null when it is none. What is inside the server checks. */
export function readPasted(text: string): Definition | null {
  let told: unknown;
  try {
    told = JSON.parse(text);
  } catch {
    return null;
  }
  const { version, root } = (told ?? {}) as { version?: unknown; root?: unknown };
  return version === 1 && isTree(root, 20) ? fromWire(told) : null;
}

function isTree(node: unknown, depth: number): boolean {
  if (typeof node !== "object" || node === null || depth === 0) return false;
  const { op, children } = node as { op?: unknown; children?: unknown };
  if (typeof op !== "string") return false;
  if (!["and", "or", "not"].includes(op)) return children === undefined;
  return Array.isArray(children) && children.every((child) => isTree(child, depth - 1));
}
