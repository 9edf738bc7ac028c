/** Where the identities of one person stand in the evidence picture. */
export interface Point {
  x: number;
  y: number;
}

const WIDTH = 640;

/** One in the middle when alone; two side by side; more on a flat ring, the best linked on top. */
export function placeNodes(ids: number[], edges: { a: number; b: number }[]): Map<number, Point> {
  const degree = new Map(ids.map((id) => [id, 0]));
  for (const edge of edges) {
    degree.set(edge.a, (degree.get(edge.a) ?? 0) + 1);
    degree.set(edge.b, (degree.get(edge.b) ?? 0) + 1);
  }
  const order = [...ids].sort((a, b) => (degree.get(b) ?? 0) - (degree.get(a) ?? 0) || a - b);
  const height = heightOf(ids.length);
  if (order.length === 1) return new Map(order.map((id) => [id, { x: WIDTH / 2, y: height / 2 }]));
  if (order.length === 2) {
    return new Map(
      order.map((id, index) => [id, { x: WIDTH * (0.22 + 0.56 * index), y: height / 2 }]),
    );
  }
  const [hub, ...rest] = order;
  const isStar = hub !== undefined && (degree.get(hub) ?? 0) >= rest.length;
  const ring = isStar ? rest : order;
  const places = new Map<number, Point>();
  if (isStar && hub !== undefined) places.set(hub, { x: WIDTH / 2, y: height / 2 });
  for (const [index, id] of ring.entries()) {
    const turn = (index / ring.length) * 2 * Math.PI - Math.PI / 2;
    places.set(id, {
      x: WIDTH / 2 + Math.cos(turn) * (WIDTH / 2 - 100),
      y: height / 2 + Math.sin(turn) * (height / 2 - 44),
    });
  }
  return places;
}

export function heightOf(count: number): number {
  return count <= 2 ? 150 : Math.min(520, 260 + count * 20);
}

export { WIDTH as WHY_WIDTH };
