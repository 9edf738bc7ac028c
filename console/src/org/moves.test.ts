import { expect, test } from "vitest";
import { reasonsOf, rechosen, tally } from "./moves";
import { staffOptions } from "./staff_options";

const group = (remote_id: string, members: number, customers: number) => ({
  remote_id,
  members,
  customers,
});

test("only chosen groups are added up, and none that is not there", () => {
  const groups = [group("a", 10, 7), group("b", 5, 3), group("c", 1, 0)];
  expect(tally(groups, ["a", "c", "gone"])).toEqual({ groups: 2, members: 11, customers: 7 });
  expect(tally(groups, [])).toEqual({ groups: 0, members: 0, customers: 0 });
});

test("reasons are named, the most frequent first; an unknown one is shown as it is", () => {
  const words = { moving: "On the way", today: "Too many today" };
  expect(reasonsOf({ moving: 1, today: 4, odd: 2 }, words)).toBe(
    "Too many today: 4; odd: 2; On the way: 1",
  );
  expect(reasonsOf({}, words)).toBe("");
});

test("a taker works there, at the giver's account; a leaver says that he left", () => {
  const staff = [
    { account: "w:1", staff: "mei", name: "梅", is_active: true },
    { account: "w:1", staff: "old", name: "old", is_active: false },
    { account: "w:2", staff: "zhou", name: "", is_active: true },
  ];
  const labels = (wanted: { account?: string; isPresentOnly: boolean }) =>
    staffOptions(staff, { ...wanted, left: "left" }).map((one) => one.label);
  expect(labels({ isPresentOnly: false })).toEqual(["梅 (mei)", "old · left", "zhou"]);
  expect(labels({ account: "w:1", isPresentOnly: true })).toEqual(["梅 (mei)"]);
  expect(staffOptions(staff, { isPresentOnly: true, left: "" })[0]?.value).toBe("w:1|mei");
});

test("choosing among those shown leaves alone who is not", () => {
  expect(rechosen([1, 2, 9], [1, 2, 3], [2, 3])).toEqual([9, 2, 3]);
  expect(rechosen([1], [], [1, 5])).toEqual([1, 5]);
  expect(rechosen([1, 2], [1, 2], [])).toEqual([]);
});
