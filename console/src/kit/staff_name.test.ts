import { describe, expect, it } from "vitest";
import { shownName } from "./staff_name";

describe("names of staff", () => {
  it("says plainly who left before his name was told", () => {
    const zhang = { staff: "zhangsan", name: "", is_active: false };
    expect(shownName(zhang, "已离职")).toBe("已离职 (zhangsan)");
    expect(shownName({ ...zhang, name: "张三" }, "已离职")).toBe("张三");
    expect(shownName({ ...zhang, is_active: true }, "已离职")).toBe("zhangsan");
  });
});
