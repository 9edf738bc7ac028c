/** Where the identities of one person stand in the evidence picture. */
export interface Point {
  x: number;
  y: number;
}

export interface Ends {
  a: number;
  b: number;
}

export const WHY_WIDTH = 640;

interface Branch {
  id: number;
  children: Branch[];
}

/** The best linked in the middle, the others around it, each behind the one it hangs on. */
export function placeNodes(ids: number[], edges: Ends[]): Map<number, Point> {
  const trees = treesOf(ids, edges);
  const height = heightOf(ids.length);
  const places = new Map<number, Point>();
  if (ids.length <= 2) {
    const step = WHY_WIDTH / (ids.length + 1);
    for (const [index, id] of ids.entries())
      places.set(id, { x: step * (index + 1), y: height / 2 });
    return places;
  }
  const [tree, ...strangers] = trees;
  if (!tree) return places;
  const root = { ...tree, children: [...tree.children, ...strangers] };
  const depth = depthOf(root);
  const put = (branch: Branch, level: number, from: number, to: number) => {
    const turn = (from + to) / 2;
    const share = depth === 0 ? 0 : level / depth;
    places.set(branch.id, {
      x: WHY_WIDTH / 2 + Math.cos(turn) * share * (WHY_WIDTH / 2 - 96),
      y: height / 2 + Math.sin(turn) * share * (height / 2 - 42),
    });
    let start = from;
    for (const child of branch.children) {
      const end = start + ((to - from) * leavesOf(child)) / leavesOf(branch);
      put(child, level + 1, start, end);
      start = end;
    }
  };
  const first = root.children[0];
  const half = first ? (leavesOf(first) / leavesOf(root)) * Math.PI : 0;
  put(root, 0, -half, 2 * Math.PI - half);
  return places;
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

function leavesOf(branch: Branch): number {
  return branch.children.length === 0
    ? 1
    : branch.children.reduce((sum, child) => sum + leavesOf(child), 0);
}

function depthOf(branch: Branch): number {
  return branch.children.length === 0 ? 0 : 1 + Math.max(...branch.children.map(depthOf));
}

export function heightOf(count: number): number {
  return count <= 2 ? 150 : Math.min(520, 240 + count * 24);
}
