import { describe, expect, it } from "vitest";
import { choicesOf, columnsOf, spell } from "./meanings";

const words = { leaveOut: "out", asProperty: "property", asTrait: "trait" };
const column = { name: "城市", samples: [], field: "" };

describe("choices of a column", () => {
  it("offers the column's own trait for customers", () => {
    const values = choicesOf("customers", column, [], words).map(({ value }) => value);
    expect(values).toEqual(["", "trait:城市"]);
  });
  it("offers no open field where there is none", () => {
    const found = choicesOf("tags", column, [{ field: "tag", name: "标签" }], words);
    expect(found.map(({ value }) => value)).toEqual(["", "tag"]);
  });
  it("does not offer a known field twice", () => {
    const fields = [{ field: "trait:城市", name: "城市" }];
    expect(choicesOf("customers", column, fields, words)).toHaveLength(2);
  });
});

describe("what is sent", () => {
  it("leaves out what is not imported", () => {
    expect(columnsOf({ a: "at", b: "" })).toEqual({ a: "at" });
  });
  it("spells long waits in minutes", () => {
    const told = { seconds: (n: number) => `${n}s`, minutes: (n: number) => `${n}m` };
    expect([spell(89, told), spell(180, told)]).toEqual(["89s", "3m"]);
  });
});
