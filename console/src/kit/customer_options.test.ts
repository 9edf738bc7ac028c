import { describe, expect, it } from "vitest";
import { customerLabel, customerOptions, numberOption } from "./customer_options";

const wang = { id: 5678, name: "王", phone_masked: "" };
const li = { id: 12, name: "李", phone_masked: "138****5678" };

describe("customers as choices", () => {
  it("puts the typed number before a phone that ends so", () => {
    expect(customerOptions([li, wang], "5678").map((one) => one.value)).toEqual([5678, 12]);
    expect(customerOptions([li, wang], "李").map((one) => one.value)).toEqual([12, 5678]);
  });

  it("tells apart who has the same name", () => {
    expect(customerLabel(li)).toBe("李 · 138****5678 · #12");
    expect(customerLabel({ ...wang, name: "" })).toBe("#5678");
  });

  it("takes a number as it is from who may not look", () => {
    expect(numberOption("12")).toEqual([{ value: 12, label: "#12" }]);
    for (const typed of ["", "0", "1.5", "王", "-3", "1e3"])
      expect(numberOption(typed)).toEqual([]);
  });
});
