import { describe, expect, it } from "vitest";
import { buttonAt, type MenuButton, withButton, withNew, withoutButton } from "./menu";

const MENU: MenuButton[] = [
  { name: "新品", kind: "click", value: "NEW" },
  { name: "服务", kind: "group", buttons: [{ name: "门店", kind: "view", value: "https://a" }] },
];

describe("menu", () => {
  it("finds and changes a button by its place", () => {
    expect(buttonAt(MENU, [1, 0])?.name).toBe("门店");
    const changed = withButton(MENU, [1, 0], { name: "客服", kind: "click", value: "HELP" });
    expect(buttonAt(changed, [1, 0])?.name).toBe("客服");
    expect(buttonAt(MENU, [1, 0])?.name).toBe("门店");
  });

  it("takes buttons away", () => {
    expect(withoutButton(MENU, [0, null]).map((one) => one.name)).toEqual(["服务"]);
    expect(withoutButton(MENU, [1, 0])[1]?.buttons).toEqual([]);
  });

  it("keeps to three buttons with five below each", () => {
    let menu = MENU;
    for (let n = 0; n < 9; n += 1) menu = withNew(menu, null, `b${n}`);
    expect(menu).toHaveLength(3);
    for (let n = 0; n < 9; n += 1) menu = withNew(menu, 0, `s${n}`);
    expect(menu[0]?.kind).toBe("group");
    expect(menu[0]?.buttons).toHaveLength(5);
  });
});
