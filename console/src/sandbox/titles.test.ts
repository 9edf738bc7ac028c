import { expect, test } from "vitest";
import * as en from "./operations.en";
import * as zh from "./operations.zh";
import { named } from "./titles";

test("a known name has its title and keeps the raw one beside it", () => {
  expect(named(zh.operations, "add_friend")).toEqual({
    title: "顾客与员工加好友",
    raw: "add_friend",
  });
});

test("an unknown name is its own title, even one that every object has", () => {
  expect(named(zh.operations, "made_tomorrow")).toEqual({ title: "made_tomorrow", raw: "" });
  expect(named(zh.operands, "constructor")).toEqual({ title: "constructor", raw: "" });
});

test("both languages title the same names, and no two operations alike", () => {
  expect(Object.keys(en.operations)).toEqual(Object.keys(zh.operations));
  expect(Object.keys(en.operands)).toEqual(Object.keys(zh.operands));
  const shared = ["expire_token", "expire_tokens"];
  const titles = Object.entries(zh.operations).filter(([name]) => !shared.includes(name));
  expect(new Set(titles.map(([, title]) => title)).size).toBe(titles.length);
});
