/** Where the identities of one person stand in the evidence picture. */
export interface Point {
  x: number;
  y: number;
}

export interface Ends {
  a: number;
  b: number;
}

export interface Layout {
  width: number;
  height: number;
  places: Map<number, Point>;
}

interface Branch {
  id: number;
  children: Branch[];
}

const COLUMN = 222;
const ROW = 78;
const BOX = 184;
const MARGIN = 14;

/** Left to right: the best linked first, behind it what hangs on it; every leaf has its own row. */
export function placeNodes(ids: number[], edges: Ends[]): Layout {
  const places = new Map<number, Point>();
  let row = 0;
  let depth = 0;
  const put = (branch: Branch, level: number): number => {
    depth = Math.max(depth, level);
    const rows = branch.children.map((child) => put(child, level + 1));
    const [first, last] = [rows[0], rows.at(-1)];
    const at = first === undefined || last === undefined ? row++ : (first + last) / 2;
    places.set(branch.id, {
      x: MARGIN + BOX / 2 + level * COLUMN,
      y: MARGIN + ROW / 2 + at * ROW,
    });
    return at;
  };
  for (const tree of treesOf(ids, edges)) put(tree, 0);
  const width = Math.max(640, MARGIN * 2 + BOX + depth * COLUMN);
  const shift = (width - (MARGIN * 2 + BOX + depth * COLUMN)) / 2;
  for (const [id, point] of places) places.set(id, { ...point, x: point.x + shift });
  return { width, height: MARGIN * 2 + Math.max(row, 1) * ROW, places };
}

/** Breadth-first trees, each from its best linked identity; strangers are trees of their own. */
function treesOf(ids: number[], edges: Ends[]): Branch[] {
  const near = new Map(ids.map((id) => [id, new Set<number>()]));
  for (const { a, b } of edges) {
    near.get(a)?.add(b);
    near.get(b)?.add(a);
  }
  const degree = (id: number) => near.get(id)?.size ?? 0;
  const order = [...ids].sort((a, b) => degree(b) - degree(a) || a - b);
  const seen = new Set<number>();
  const trees: Branch[] = [];
  for (const id of order) {
    if (seen.has(id)) continue;
    seen.add(id);
    const root: Branch = { id, children: [] };
    const queue = [root];
    for (let branch = queue.shift(); branch; branch = queue.shift()) {
      for (const next of near.get(branch.id) ?? []) {
        if (seen.has(next) || !near.has(next)) continue;
        seen.add(next);
        const child: Branch = { id: next, children: [] };
        branch.children.push(child);
        queue.push(child);
      }
    }
    trees.push(root);
  }
  return trees;
}
