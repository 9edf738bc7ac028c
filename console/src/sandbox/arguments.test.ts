import { expect, test } from "vitest";
import { argumentsOf } from "./arguments";

test("what is empty is left out, JSON is read, the rest stays", () => {
  const described = [
    { name: "person", kind: "text" },
    { name: "note", kind: "text" },
    { name: "amount_fen", kind: "number" },
    { name: "staff", kind: "json" },
    { name: "free", kind: "json" },
    { name: "on", kind: "flag" },
  ];
  const values = {
    person: "p1",
    note: "",
    amount_fen: 0,
    staff: '[{"a":1}]',
    free: "x",
    on: false,
  };
  expect(argumentsOf(described, values)).toEqual({
    person: "p1",
    amount_fen: 0,
    staff: [{ a: 1 }],
    free: "x",
    on: false,
  });
});
