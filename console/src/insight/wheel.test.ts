import { describe, expect, it } from "vitest";
import { bucketPath, fillRadius, INNER, OUTER, pointAt } from "./wheel";

describe("the wheel", () => {
  it("fills by area and is never quite empty when somebody is there", () => {
    expect(fillRadius(0)).toBe(INNER);
    expect(fillRadius(1)).toBe(OUTER);
    const half = fillRadius(0.5);
    expect(half ** 2 - INNER ** 2).toBeCloseTo((OUTER ** 2 - INNER ** 2) / 2);
    expect(fillRadius(0.0001)).toBe(INNER + 6);
  });

  it("turns clockwise from the right", () => {
    expect(pointAt(10, 0)).toEqual([10, 0]);
    expect(pointAt(10, 90)).toEqual([0, 10]);
    expect(bucketPath(-126, -54)).toMatch(/^M.*Z$/);
  });
});
