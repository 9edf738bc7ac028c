import { describe, expect, it } from "vitest";
import { clockOf, minuteOf } from "./shapes";

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
