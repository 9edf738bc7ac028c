import { describe, expect, it } from "vitest";
import { ALL_WEEK, clockOf, isComplete, minuteOf, NEW_PLAN } from "./shapes";

describe("minutes of a day", () => {
  it("are read as they are written", () => {
    for (const minute of [0, 1, 570, 1439]) {
      expect(minuteOf(clockOf(minute), false)).toBe(minute);
    }
  });
  it("end at midnight", () => {
    expect(clockOf(1440)).toBe("00:00");
    expect(minuteOf("00:00", true)).toBe(1440);
    expect(minuteOf("00:00", false)).toBe(0);
  });
});

describe("a plan being written", () => {
  const shift = { weekdays: ALL_WEEK, start: 540, end: 1080, departments: [] };

  it("is complete once somebody receives at every time", () => {
    expect(isComplete(NEW_PLAN)).toBe(false);
    expect(isComplete({ ...NEW_PLAN, staff: ["a"] })).toBe(true);
    expect(isComplete({ staff: ["a"], shifts: [{ ...shift, staff: [] }] })).toBe(false);
    expect(isComplete({ shifts: [{ ...shift, staff: ["a"] }] })).toBe(true);
  });
  it("needs times to accept within, and a first day before the last", () => {
    expect(isComplete({ staff: ["a"], acceptance: "slots", accept_slots: [] })).toBe(false);
    const special = { ...shift, staff: ["a"], first: "2026-05-02", last: "2026-05-01" };
    expect(isComplete({ ...NEW_PLAN, specials: [special] })).toBe(false);
  });
});
