import { describe, expect, it } from "vitest";
import { changesOf, type Rule, readLimit, ruleWith, writeLimit } from "./rules";

const rule: Rule = {
  name: "phone",
  zh: "手机号",
  en: "Phone",
  scope: "global",
  strength: "strong",
  is_single_valued: false,
  limit: "",
  priority: 20,
  max_degree: 20,
  normaliser: "phone",
  blocked_patterns: [],
  identities: 3,
  changed: [],
};

describe("limits", () => {
  it("are read and written alike", () => {
    for (const text of ["1 ever", "5 ever", "5 per 7 days"]) {
      const found = readLimit(text);
      expect(found && writeLimit(found)).toBe(text);
    }
    expect(readLimit("")).toBeNull();
    expect(readLimit("many")).toBeNull();
  });
});

describe("changes", () => {
  it("hold only what differs", () => {
    const after = {
      strength: "strong",
      is_single_valued: false,
      limit: "2 ever",
      max_degree: 20,
      priority: 20,
      blocked_patterns: ["x.*"],
    };
    expect(changesOf(rule, after)).toEqual({ limit: "2 ever", blocked_patterns: ["x.*"] });
    expect(ruleWith(rule, { limit: "2 ever" }).limit).toBe("2 ever");
    expect(ruleWith(rule, undefined)).toBe(rule);
  });
});
