import { describe, expect, it } from "vitest";
import {
  changeOf,
  formatCompact,
  formatMoney,
  formatMoneyCompact,
  formatPercent,
  formatRelative,
  formatSpan,
  formatTime,
} from "./format";

const NOW = Date.parse("2026-11-11T02:00:00Z");

describe("numbers", () => {
  it("counts in 万 and 亿 for Chinese, K and M for English", () => {
    expect(formatCompact(9999, "zh")).toBe("9,999");
    expect(formatCompact(12_345, "zh")).toBe("1.23万");
    expect(formatCompact(3_000_000, "zh")).toBe("300万");
    expect(formatCompact(123_456_789, "zh")).toBe("1.23亿");
    expect(formatCompact(12_345, "en")).toBe("12.3K");
    expect(formatCompact(10_000_000, "en")).toBe("10M");
  });

  it("writes fen as yuan, with the sign before the mark", () => {
    expect(formatMoney(123_456, "zh")).toBe("¥1,234.56");
    expect(formatMoney(-5, "zh")).toBe("-¥0.05");
    expect(formatMoneyCompact(5_676_000, "zh")).toBe("¥5.68万");
    expect(formatMoneyCompact(542_300, "zh")).toBe("¥5,423");
    expect(formatMoneyCompact(4596, "en")).toBe("¥45.96");
  });

  it("rounds percentages to what can be read", () => {
    expect(formatPercent(0.18374)).toBe("18.4%");
    expect(formatPercent(0.0481)).toBe("4.81%");
    expect(formatPercent(1)).toBe("100%");
  });

  it("says nothing of a change from nothing", () => {
    expect(changeOf(12, 10)).toBeCloseTo(0.2);
    expect(changeOf(12, 0)).toBeNull();
  });
});

describe("times", () => {
  it("shows Shanghai whatever the browser's zone", () => {
    expect(formatTime("2026-11-11T02:00:00Z")).toBe("2026-11-11 10:00:00");
    expect(formatTime("2026-11-10T16:30:00Z")).toBe("2026-11-11 00:30:00");
  });

  it("tells how long ago, or how long still", () => {
    expect(formatRelative("2026-11-11T01:59:55Z", NOW, "zh")).toBe("刚刚");
    expect(formatRelative("2026-11-11T01:57:00Z", NOW, "zh")).toBe("3 分钟前");
    expect(formatRelative("2026-11-11T04:00:00Z", NOW, "zh")).toBe("2 小时后");
    expect(formatRelative("2026-11-09T02:00:00Z", NOW, "en")).toBe("2 days ago");
    expect(formatRelative("2026-01-01T02:00:00Z", NOW, "zh")).toBe("2026-01-01");
  });

  it("names a span by its two biggest units", () => {
    expect(formatSpan(86_400, "zh")).toBe("1 天");
    expect(formatSpan(90_061, "zh")).toBe("1 天 1 小时");
    expect(formatSpan(65, "en")).toBe("1m 5s");
    expect(formatSpan(-3, "zh")).toBe("0 秒");
  });
});
