import { describe, expect, it } from "vitest";
import { bendsOf, kindOf, type Node } from "./graph";

const node: Node = {
  id: 1,
  namespace: "phone",
  scope: "",
  value_masked: "139****5678",
  strength: "strong",
  customer_id: 7,
  is_quarantined: false,
  degree: 2,
};

describe("the evidence graph", () => {
  it("tells own, weak, quarantined and foreign identities apart", () => {
    expect(kindOf(node, 7)).toBe("strong");
    expect(kindOf({ ...node, strength: "weak" }, 7)).toBe("weak");
    expect(kindOf({ ...node, is_quarantined: true }, 7)).toBe("quarantined");
    expect(kindOf(node, 8)).toBe("other");
  });

  it("bends parallel lines to both sides", () => {
    const same = { a: 1, b: 2 };
    expect(bendsOf([same, same, same, { a: 2, b: 3 }])).toEqual([0, 0.18, -0.18, 0]);
  });
});
