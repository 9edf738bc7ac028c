import { describe, expect, it } from "vitest";
import { filtersOf, hasFilters, paramsOf } from "./filters";
import { placeNodes } from "./layout";

describe("the evidence picture", () => {
  it("keeps boxes apart and inside", () => {
    const edges = [
      { a: 1, b: 2 },
      { a: 2, b: 3 },
      { a: 2, b: 4 },
      { a: 4, b: 5 },
    ];
    const { width, height, places } = placeNodes([1, 2, 3, 4, 5, 6], edges);
    const points = [...places.values()];
    expect(points).toHaveLength(6);
    for (const [index, a] of points.entries()) {
      expect(a.x - 88).toBeGreaterThanOrEqual(0);
      expect(a.x + 88).toBeLessThanOrEqual(width);
      expect(a.y + 28).toBeLessThanOrEqual(height);
      for (const b of points.slice(index + 1)) {
        expect(Math.abs(a.x - b.x) >= 176 || Math.abs(a.y - b.y) >= 56).toBe(true);
      }
    }
  });
});

describe("filters in the address", () => {
  it("come back as they went", () => {
    const filters = { q: "茶", platform: "wecom", tag_id: 3 };
    const back = filtersOf(new URLSearchParams(paramsOf(filters)));
    expect(paramsOf(back)).toEqual(paramsOf(filters));
  });

  it("ignore what is not a filter", () => {
    expect(hasFilters(filtersOf(new URLSearchParams("tag_id=x&foo=1&q=%20")))).toBe(false);
  });
});
