/** Regions of compared segments, and the definition of those chosen. Pure. */
import type { Node } from "./definition";

export interface Region {
  segment_ids: number[];
  count: number;
}

export function regionKey(ids: readonly number[]): string {
  return [...ids].sort((a, b) => a - b).join(",");
}

export type Quick = "union" | "intersection" | number;

/** Which regions a shortcut means: all, those in every segment, or those in one alone. */
export function regionsOf(regions: Region[], quick: Quick, compared: number): string[] {
  const keys = regions.filter(({ segment_ids }) => {
    if (quick === "union") return true;
    if (quick === "intersection") return segment_ids.length === compared;
    return segment_ids.length === 1 && segment_ids[0] === quick;
  });
  return keys.map((region) => regionKey(region.segment_ids));
}

/** The definition of the chosen regions, as short as it can be said. */
export function definitionOfRegions(
  chosen: readonly string[],
  regions: Region[],
  compared: number[],
): { version: 1; root: Node } | null {
  const picked = regions.filter((region) => chosen.includes(regionKey(region.segment_ids)));
  if (picked.length === 0) return null;
  const isEverything = picked.length === regions.length;
  const root = isEverything
    ? anyOf(compared.map(inSegment))
    : anyOf(picked.map((region) => nodeOfRegion(region, compared)));
  return { version: 1, root };
}

function nodeOfRegion(region: Region, compared: number[]): Node {
  const outside = compared.filter((id) => !region.segment_ids.includes(id));
  const inside = region.segment_ids.map(inSegment);
  const without: Node[] =
    outside.length > 0 ? [{ op: "not", children: [anyOf(outside.map(inSegment))] }] : [];
  const [first, ...rest] = [...inside, ...without];
  if (!first) return { op: "and", children: [] };
  return rest.length > 0 ? { op: "and", children: [first, ...rest] } : first;
}

function anyOf(nodes: Node[]): Node {
  const [first, ...rest] = nodes;
  return first && rest.length === 0 ? first : { op: "or", children: nodes };
}

function inSegment(id: number): Node {
  return { op: "segment", segment_id: id };
}
