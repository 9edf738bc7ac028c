/** Geometry of the flywheel: chevron buckets on a ring, angles in degrees clockwise. */
export const INNER = 92;
export const OUTER = 172;

const GAP = 3;
const POINT = 9;

export function pointAt(radius: number, degrees: number): [x: number, y: number] {
  const radians = (degrees * Math.PI) / 180;
  return [round(radius * Math.cos(radians)), round(radius * Math.sin(radians))];
}

/** A ring sector whose end points forward and whose start is notched. */
export function bucketPath(start: number, end: number): string {
  const [from, to] = [start + GAP / 2, end - GAP / 2];
  const middle = (INNER + OUTER) / 2;
  const at = (radius: number, degrees: number) => pointAt(radius, degrees).join(" ");
  return [
    `M${at(OUTER, from)}`,
    `A${OUTER} ${OUTER} 0 0 1 ${at(OUTER, to)}`,
    `L${at(middle, to + POINT)}`,
    `L${at(INNER, to)}`,
    `A${INNER} ${INNER} 0 0 0 ${at(INNER, from)}`,
    `L${at(middle, from + POINT)}`,
    "Z",
  ].join("");
}

/** How far a bucket is filled: by area, so that half as many look half as full; never empty. */
export function fillRadius(share: number): number {
  const full = Math.min(Math.max(share, 0), 1);
  if (full === 0) return INNER;
  return Math.max(INNER + 6, Math.sqrt(INNER ** 2 + full * (OUTER ** 2 - INNER ** 2)));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
