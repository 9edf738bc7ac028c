import { describe, expect, it } from "vitest";
import { EVERY_LOSS, fileOf, queryOf } from "./losses";

describe("which losses are asked for", () => {
  it("asks for all without a filter", () => {
    expect(queryOf(EVERY_LOSS)).toEqual({});
    expect(fileOf(EVERY_LOSS)).toBe("/api/losses.csv");
  });
  it("gives the file what the page shows", () => {
    const filter = { direction: "ours", staff: "lin yue", start: "2026-11-01", end: "" };
    expect(queryOf(filter)).toEqual({ direction: "ours", staff: "lin yue", start: "2026-11-01" });
    expect(fileOf(filter)).toBe("/api/losses.csv?direction=ours&staff=lin+yue&start=2026-11-01");
  });
});
