import { expect, test } from "vitest";
import { whileFound } from "./poll";

const poll = whileFound(3_000);
const failed = (status: number) => ({
  state: { error: { title: "", status, code: "x", field: null } },
});

test("a record that is there is asked for again", () => {
  expect(poll({ state: { error: null } })).toBe(3_000);
});

test("a record that is gone is asked for no more", () => {
  expect(poll(failed(404))).toBe(false);
});

test("a failure of the server or the network does not end the polling", () => {
  expect(poll(failed(503))).toBe(3_000);
  expect(poll({ state: { error: new TypeError("fetch failed") } })).toBe(3_000);
});
