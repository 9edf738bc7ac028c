import { expect, test } from "vitest";
import { byDecision, writtenNote } from "./owner_history";

const change = (id: number, at: string, reason: string, note = "") => ({ id, at, reason, note });

test("the last decision comes first, whatever day it counts from", () => {
  const told = [
    change(1, "2026-03-10T00:00:00Z", "first"),
    change(3, "2026-03-09T00:00:00Z", "manual"),
    change(2, "2026-03-01T00:00:00Z", "earlier"),
  ];
  expect(byDecision(told).map((one) => one.id)).toEqual([3, 2, 1]);
  expect(told[0]?.id).toBe(1);
});

test("a person's words are shown, the mark of a take-over is not", () => {
  expect(writtenNote(change(1, "", "manual", "老客户由店长跟进"))).toBe("老客户由店长跟进");
  expect(writtenNote(change(2, "", "transfer", "transfer:12"))).toBe("");
});
