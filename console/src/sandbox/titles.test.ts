import { expect, test } from "vitest";
import * as helpEn from "./helps.en";
import * as helpZh from "./helps.zh";
import * as en from "./operations.en";
import * as zh from "./operations.zh";
import { helpOf, named } from "./titles";

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

test("an operation is explained for its platform, for all, or in the sandbox's own words", () => {
  const order = { name: "order", about: "own words" };
  expect(helpOf(helpZh.helps, "wechat_mini", order)).toBe("有人在小店下单。");
  expect(helpOf(helpZh.helps, "wechat_pay", order)).toBe("收银台开一张可以付款的订单。");
  const fresh = { name: "made_tomorrow", about: "own words" };
  expect(helpOf(helpZh.helps, "wecom", fresh)).toBe("own words");
});

test("both languages explain the same operations, and only titled ones", () => {
  expect(Object.keys(helpEn.helps)).toEqual(Object.keys(helpZh.helps));
  const names = Object.keys(helpZh.helps).map((name) => name.slice(name.indexOf("/") + 1));
  expect(names.filter((name) => !Object.hasOwn(zh.operations, name))).toEqual([]);
});
