import { describe, expect, it } from "vitest";
import {
  definitionFrom,
  graphOf,
  insertAfter,
  type JourneyDefinition,
  journeyOf,
  removeStep,
} from "./graph";

const WELCOME: JourneyDefinition = {
  version: 1,
  trigger: { kind: "event", name: "friend_added" },
  goal: { kind: "event", name: "order_completed" },
  start: "welcome",
  nodes: [
    { id: "welcome", kind: "welcome", template: "您好", next: "wait" },
    { id: "wait", kind: "wait", seconds: 86_400, next: "split" },
    { id: "split", kind: "split", condition: {}, yes: "done", no: "coupon" },
    { id: "coupon", kind: "send", channel: "best", template: "券", next: "done" },
    { id: "done", kind: "exit", reason: "completed" },
  ],
};

describe("the picture of a journey", () => {
  it("comes back as the same definition", () => {
    expect(definitionFrom(graphOf(WELCOME), WELCOME)).toEqual(WELCOME);
  });

  it("puts every step below the steps that lead to it", () => {
    const { steps, links } = graphOf(WELCOME);
    const rows = new Map(steps.map((step) => [step.id, step.row]));
    for (const link of links) expect(rows.get(link.to)).toBeGreaterThan(rows.get(link.from) ?? 99);
  });

  it("never puts two steps on one place", () => {
    const { steps } = graphOf(WELCOME);
    expect(new Set(steps.map((step) => `${step.row}:${step.column}`)).size).toBe(steps.length);
  });

  it("is drawn even when the definition is empty or loops", () => {
    expect(graphOf(journeyOf(null))).toEqual({ steps: [], links: [] });
    const looped = journeyOf({
      start: "a",
      nodes: [
        { id: "a", kind: "send", next: "b" },
        { id: "b", kind: "wait", seconds: 1, next: "a" },
      ],
    });
    expect(graphOf(looped).steps).toHaveLength(2);
  });
});

describe("editing a journey", () => {
  it("puts a new step between two", () => {
    const { definition, id } = insertAfter(WELCOME, { id: "split", branch: "no" }, "wait");
    const byId = new Map(definition.nodes.map((node) => [node.id, node]));
    expect(byId.get("split")?.no).toBe(id);
    expect(byId.get(id)?.next).toBe("coupon");
  });

  it("is undone by removing the new step", () => {
    const { definition, id } = insertAfter(WELCOME, { id: "wait", branch: "next" }, "send");
    expect(removeStep(definition, id)).toEqual(WELCOME);
  });

  it("moves the start when the first step goes", () => {
    expect(removeStep(WELCOME, "welcome").start).toBe("wait");
  });

  it("leads both branches around a removed step", () => {
    const without = removeStep(WELCOME, "coupon");
    expect(without.nodes.find((node) => node.id === "split")).toMatchObject({
      yes: "done",
      no: "done",
    });
  });
});
