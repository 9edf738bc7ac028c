import { describe, expect, it } from "vitest";
import { kit } from "../kit/zh";
import { isComplete } from "./complete";
import {
  type Definition,
  definitionOf,
  editDefinition,
  emptyDefinition,
  type Node,
} from "./definition";
import { type Field, newLeaf } from "./leaves";
import { definitionOfRegions, regionsOf } from "./overlap";
import { countsOf } from "./preview";
import { sentenceOf, type Teller } from "./sentence";
import { valueFor } from "./values";
import { fromWire, readPasted, toWire } from "./wire";
import { segments as zh } from "./zh";

const BUYERS: Node = { op: "order", measure: "count", cmp: "gte", value: 1 };
const FRIENDS: Node = { op: "platform", platform: "wecom", has: true };
const REACHABLE: Node = { op: "reachable", channel: "any" };
const UNFINISHED: Node = { op: "trait", field: "stage", cmp: "eq", value: null };

function start(...children: Node[]): Definition {
  return { version: 1, root: { op: "and", children } };
}

function or(...children: Node[]): Node {
  return { op: "or", children };
}

describe("editing a definition", () => {
  it("adds to the group at the path and leaves the rest alone", () => {
    const before = start(FRIENDS, or());
    const after = editDefinition(before, { kind: "add", path: [1], node: BUYERS });
    expect(after).toEqual(start(FRIENDS, or(BUYERS)));
    expect(before).toEqual(start(FRIENDS, or()));
  });

  it("replaces one condition deep inside", () => {
    const nested = start({ op: "not", children: [or(FRIENDS, BUYERS)] });
    const path = [0, 0, 1];
    const after = editDefinition(nested, { kind: "replace", path, node: { ...BUYERS, value: 2 } });
    expect(after).toEqual(start({ op: "not", children: [or(FRIENDS, { ...BUYERS, value: 2 })] }));
  });

  it("removes a group that loses its last condition, but never the root or a group just made", () => {
    const nested = start(or(BUYERS), or());
    expect(editDefinition(nested, { kind: "remove", path: [0, 0] })).toEqual(start(or()));
    expect(editDefinition(start(BUYERS), { kind: "remove", path: [0] })).toEqual(emptyDefinition());
  });

  it("moves a condition wherever it is dropped", () => {
    const before = start(BUYERS, or(FRIENDS), REACHABLE);
    const dropped = editDefinition(before, { kind: "move", from: [0], parent: [1], index: 1 });
    expect(dropped).toEqual(start(or(FRIENDS, BUYERS), REACHABLE));
    const back = editDefinition(dropped, { kind: "move", from: [0, 1], parent: [], index: 0 });
    expect(back).toEqual(before);
  });

  it("never moves a group into itself", () => {
    const before = start(or(or(BUYERS)));
    expect(editDefinition(before, { kind: "move", from: [0], parent: [0, 0] })).toEqual(before);
  });

  it("walks with the keyboard: among siblings, into a group beside it, and out", () => {
    const before = start(BUYERS, FRIENDS, or(REACHABLE));
    const go = (state: Definition, path: number[], direction: "up" | "down" | "in" | "out") =>
      editDefinition(state, { kind: "step", path, direction });
    expect(go(before, [0], "down")).toEqual(start(FRIENDS, BUYERS, or(REACHABLE)));
    const inside = go(before, [1], "in");
    expect(inside).toEqual(start(BUYERS, or(FRIENDS, REACHABLE)));
    expect(go(inside, [1, 0], "up")).toEqual(
      before.root ? start(BUYERS, FRIENDS, or(REACHABLE)) : null,
    );
    expect(go(inside, [1, 1], "out")).toEqual(start(BUYERS, or(FRIENDS), REACHABLE));
    expect(go(start(BUYERS), [0], "in")).toEqual(start(or(BUYERS)));
    expect(go(before, [0], "up")).toEqual(before);
  });

  it("dissolves a group in place", () => {
    const before = start(BUYERS, or(FRIENDS, REACHABLE));
    const after = editDefinition(before, { kind: "dissolve", path: [1] });
    expect(after).toEqual(start(BUYERS, FRIENDS, REACHABLE));
  });
});

describe("a definition as sent", () => {
  it("leaves unfinished conditions out and knows whose count is whose", () => {
    const { definition, keys } = toWire(start(UNFINISHED, BUYERS, or(UNFINISHED, FRIENDS)).root);
    expect(definition).toEqual(start(BUYERS, or(FRIENDS)));
    const told = [
      { path: "root", label: "", count: 1, passed: null },
      { path: "root.children.0", label: "", count: 2, passed: 2 },
      { path: "root.children.1.children.0", label: "", count: 3, passed: null },
    ];
    const counts = countsOf({ conditions: told }, keys);
    expect(counts.get("1")).toEqual({ count: 2, passed: 2 });
    expect(counts.get("2.1")?.count).toBe(3);
    expect(toWire(start(UNFINISHED).root).definition).toBeNull();
  });

  it("says none of several as the server does, and reads it back", () => {
    const none = start({ op: "not", children: [BUYERS, FRIENDS] });
    const { definition, keys } = toWire(none.root);
    expect(definition).toEqual(start({ op: "not", children: [or(BUYERS, FRIENDS)] }));
    expect(keys.get("0.0.1")).toBe("0.1");
    const read = fromWire(definition).root;
    expect(toWire(read).definition).toEqual(definition);
    expect(read).toMatchObject({ children: [{ op: "not", children: [BUYERS, FRIENDS] }] });
  });

  it("never sends the builder's own keys or what is not said", () => {
    const keyed = fromWire(start({ ...BUYERS, within_days: null } as Node));
    expect(JSON.stringify(toWire(keyed.root).definition)).toBe(JSON.stringify(start(BUYERS)));
  });

  it("takes pasted JSON only when it is a definition", () => {
    expect(readPasted(JSON.stringify(start(BUYERS)))).toMatchObject(start(BUYERS));
    for (const bad of [
      "",
      "{",
      "[]",
      '{"version":2,"root":{"op":"and","children":[]}}',
      '{"version":1,"root":{"op":"and"}}',
    ])
      expect(readPasted(bad)).toBeNull();
  });

  it("wraps a stored single condition in a group", () => {
    expect(definitionOf({ version: 1, root: BUYERS })).toEqual(start(BUYERS));
    expect(definitionOf(null)).toEqual(emptyDefinition());
  });
});

describe("whether a condition is finished", () => {
  it("takes zero and false as values", () => {
    expect(isComplete({ op: "order", measure: "count", cmp: "eq", value: 0 })).toBe(true);
    expect(isComplete({ op: "trait", field: "owner_staff", cmp: "exists", value: false })).toBe(
      true,
    );
    expect(isComplete({ op: "trait", field: "stage", cmp: "in", value: [] })).toBe(false);
  });

  it("wants both ends, the property asked for, and the last step's time", () => {
    const between = { op: "order", measure: "count", cmp: "between" };
    expect(isComplete({ ...between, value: [1] })).toBe(false);
    expect(isComplete({ ...between, value: [1, 3] })).toBe(true);
    const sum: Node = { op: "event", name: "x", measure: "sum", cmp: "gte", value: 1 };
    expect(isComplete(sum)).toBe(false);
    expect(isComplete({ ...sum, property: "price" })).toBe(true);
    const steps = [{ name: "a" }, { name: "b", absent: true }];
    expect(isComplete({ op: "sequence", steps })).toBe(false);
    const timed = [{ name: "a" }, { name: "b", absent: true, within: { days: 3 } }];
    expect(isComplete({ op: "sequence", steps: timed })).toBe(true);
  });

  it("keeps what it can of a value when the comparison changes", () => {
    expect(valueFor("in", 3)).toEqual([3]);
    expect(valueFor("eq", [3, 4])).toBe(3);
    expect(valueFor("between", 3)).toEqual([]);
    expect(valueFor("exists", 3)).toBe(true);
    expect(valueFor("in", true)).toEqual([]);
  });
});

const FIELD: Field = {
  op: "trait",
  field: "stage",
  zh: "飞轮阶段",
  en: "Stage",
  type: "text",
  cmps: ["eq", "in"],
  values: [{ value: "loyal", zh: "忠诚", en: "Loyal" }],
};

describe("new conditions", () => {
  it("start with a comparison the field knows", () => {
    expect(newLeaf(FIELD)).toMatchObject({ op: "trait", field: "stage", cmp: "eq" });
    const orders = { ...FIELD, op: "order", field: "count", type: "number", cmps: ["eq", "gte"] };
    expect(newLeaf(orders)).toMatchObject({ op: "order", measure: "count", cmp: "gte", value: 1 });
  });

  it("are complete at once where a choice is known", () => {
    const values = [{ value: "wecom", zh: "企业微信", en: "WeCom" }];
    const of = (op: string, field: string) => newLeaf({ ...FIELD, op, field, values });
    for (const op of ["platform", "reachable", "consent", "sequence", "rfm"])
      expect(isComplete(of(op, "platform")), op).toBe(true);
    expect(isComplete(of("tag", "tag_id"))).toBe(false);
  });
});

describe("a definition in one sentence", () => {
  const events = [
    { value: "product_viewed", zh: "浏览商品", en: "Product viewed" },
    { value: "order_completed", zh: "下单", en: "Order completed" },
  ];
  const teller: Teller = {
    say: zh.say,
    cmps: kit.cmps,
    language: "zh",
    words: (_kind, code) => code,
    catalogue: [
      {
        key: "all",
        zh: "",
        en: "",
        fields: [
          FIELD,
          { ...FIELD, op: "event", field: "count", type: "number", values: events },
          { ...FIELD, op: "order", field: "revenue_fen", type: "money", values: [] },
        ],
      },
    ],
  };
  const told = (...children: Node[]) => sentenceOf(start(...children).root, teller);

  it("reads as an operator would say it", () => {
    const viewed: Node = {
      op: "event",
      name: "product_viewed",
      measure: "count",
      cmp: "gte",
      value: 2,
      within_days: 30,
      where: [{ property: "sku", cmp: "eq", value: "tea-1" }],
    };
    expect(told(viewed)).toBe("近 30 天「浏览商品」（sku 等于 tea-1） 至少 2 次");
    const steps = [
      { name: "product_viewed" },
      { name: "order_completed", absent: true, within: { days: 3 } },
    ];
    expect(told({ op: "sequence", steps })).toBe("先「浏览商品」，3 天内没有「下单」");
    const spent: Node = { op: "order", measure: "revenue_fen", cmp: "gte", value: 10_000 };
    expect(told(spent)).toBe("消费 至少 100 元");
    const stage: Node = { op: "trait", field: "stage", cmp: "eq", value: "loyal" };
    expect(told(stage, { op: "not", children: [FRIENDS, or(spent, FRIENDS)] })).toBe(
      "飞轮阶段 等于 忠诚，且不是（出现在wecom 或 （消费 至少 100 元 或 出现在wecom））",
    );
  });
});

describe("regions of compared segments", () => {
  const regions = [
    { segment_ids: [1], count: 5 },
    { segment_ids: [1, 2], count: 3 },
    { segment_ids: [2], count: 1 },
  ];
  const ref = (id: number) => ({ op: "segment", segment_id: id });

  it("are chosen by shortcuts", () => {
    expect(regionsOf(regions, "union", 2)).toEqual(["1", "1,2", "2"]);
    expect(regionsOf(regions, "intersection", 2)).toEqual(["1,2"]);
    expect(regionsOf(regions, 1, 2)).toEqual(["1"]);
  });

  it("become the definition of union, intersection and difference", () => {
    const root = (chosen: string[]) => definitionOfRegions(chosen, regions, [1, 2])?.root;
    expect(root(["1", "1,2", "2"])).toEqual({ op: "or", children: [ref(1), ref(2)] });
    expect(root(["1,2"])).toEqual({ op: "and", children: [ref(1), ref(2)] });
    expect(root(["1"])).toEqual({
      op: "and",
      children: [ref(1), { op: "not", children: [ref(2)] }],
    });
    expect(root([])).toBeUndefined();
  });
});
