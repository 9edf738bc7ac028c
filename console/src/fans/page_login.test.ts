import { expect, test } from "vitest";
import { loginLink } from "./page_login";

test("what the page is asked for survives in the link", () => {
  const visit = { target: "/g/k/茶?city=上海&x=1", scope: "userinfo" };
  const link = new URL(loginLink("https://siyu.example", "wechat_oa:wx1", visit));
  expect(link.pathname).toBe("/api/visits/wechat_oa:wx1/authorize");
  expect(link.searchParams.get("to")).toBe(visit.target);
  expect(link.searchParams.get("scope")).toBe("userinfo");
});

test("no target comes back to the first page", () => {
  const link = new URL(loginLink("https://siyu.example", "a", { target: "", scope: "base" }));
  expect(link.searchParams.get("to")).toBe("/");
});
