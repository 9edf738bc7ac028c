import { describe, expect, it } from "vitest";
import {
  type Definition,
  definitionOf,
  editDefinition,
  emptyDefinition,
  isComplete,
  type Node,
  prune,
} from "./definition";
import { type Field, newLeaf } from "./leaves";
import { countsOf } from "./preview";

const BUYERS: Node = { op: "order", measure: "count", cmp: "gte", value: 1 };
const FRIENDS: Node = { op: "platform", platform: "wecom", has: true };

function start(...children: Node[]): Definition {
  return { version: 1, root: { op: "and", children } };
}

describe("editing a definition", () => {
  it("adds to the group at the path and leaves the rest alone", () => {
    const before = start(FRIENDS, { op: "or", children: [] });
    const after = editDefinition(before, { kind: "add", path: [1], node: BUYERS });
    expect(after).toEqual(start(FRIENDS, { op: "or", children: [BUYERS] }));
    expect(before).toEqual(start(FRIENDS, { op: "or", children: [] }));
  });

  it("replaces one condition deep inside", () => {
    const nested = start({ op: "not", children: [{ op: "or", children: [FRIENDS, BUYERS] }] });
    const after = editDefinition(nested, {
      kind: "replace",
      path: [0, 0, 1],
      node: { ...BUYERS, value: 2 },
    });
    expect(after).toEqual(
      start({ op: "not", children: [{ op: "or", children: [FRIENDS, { ...BUYERS, value: 2 }] }] }),
    );
  });

  it("removes a group that loses its last condition, but never the root", () => {
    const nested = start({ op: "or", children: [BUYERS] });
    expect(editDefinition(nested, { kind: "remove", path: [0, 0] })).toEqual(start());
    expect(editDefinition(start(BUYERS), { kind: "remove", path: [0] })).toEqual(emptyDefinition());
  });

  it("undoes an addition by removing it", () => {
    const before = start(FRIENDS);
    const added = editDefinition(before, { kind: "add", path: [], node: BUYERS });
    expect(editDefinition(added, { kind: "remove", path: [1] })).toEqual(before);
  });
});

describe("a definition to count", () => {
  it("leaves unfinished conditions out", () => {
    const unfinished: Node = { op: "trait", field: "stage", cmp: "eq", value: null };
    expect(isComplete(start(BUYERS, unfinished).root)).toBe(false);
    expect(prune(start(BUYERS, unfinished).root)).toEqual(start(BUYERS).root);
    expect(prune(start(unfinished).root)).toBeNull();
  });

  it("takes zero and false as values", () => {
    expect(isComplete({ op: "order", measure: "count", cmp: "eq", value: 0 })).toBe(true);
    expect(isComplete({ op: "trait", field: "owner_staff", cmp: "exists", value: false })).toBe(
      true,
    );
    expect(isComplete({ op: "trait", field: "stage", cmp: "in", value: [] })).toBe(false);
  });

  it("wraps a stored single condition in a group", () => {
    expect(definitionOf({ version: 1, root: BUYERS })).toEqual(start(BUYERS));
    expect(definitionOf(null)).toEqual(emptyDefinition());
  });

  it("finds the server's counts by path", () => {
    const preview = {
      count: 3,
      total: 9,
      took_ms: 1,
      sql: "",
      sample: [],
      conditions: [
        { path: "", label: "", count: 3 },
        { path: "1.0", label: "", count: 7 },
      ],
    };
    const counts = countsOf(preview, start(FRIENDS, { op: "or", children: [BUYERS] }).root);
    expect([...counts]).toEqual([
      ["", 3],
      ["1.0", 7],
    ]);
  });
});

describe("new conditions", () => {
  const field = (part: Partial<Field>): Field => ({
    op: "trait",
    field: "stage",
    zh: "",
    en: "",
    type: "text",
    cmps: ["eq", "in"],
    values: [],
    ...part,
  });

  it("start with a comparison the field knows", () => {
    expect(newLeaf(field({}))).toMatchObject({ op: "trait", field: "stage", cmp: "eq" });
    const orders = field({ op: "order", field: "count", type: "number", cmps: ["eq", "gte"] });
    expect(newLeaf(orders)).toMatchObject({ op: "order", measure: "count", cmp: "gte", value: 1 });
  });

  it("are complete at once where a choice is known", () => {
    const values = [{ value: "wecom", zh: "企业微信", en: "WeCom" }];
    expect(isComplete(newLeaf(field({ op: "platform", field: "platform", values })))).toBe(true);
    expect(isComplete(newLeaf(field({ op: "tag", field: "tag_id" })))).toBe(false);
  });
});
