/** The mini program's file against a stand-in for `wx` and the intake's shapes. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import source from "../../public/sdk/siyu-mini.js?raw";

interface Sent {
  url: string;
  data: Record<string, unknown>;
}

type Handler = (sent: Sent) => { statusCode: number; data?: unknown } | null;

function load() {
  const module = { exports: {} as Record<string, CallableFunction> };
  new Function("module", "wx", source)(module, undefined);
  return module.exports.create as (
    wx: unknown,
    globals: unknown,
  ) => Record<string, (...args: unknown[]) => Promise<unknown>>;
}

function world(handler: Handler) {
  const sent: Sent[] = [];
  const stored: Record<string, unknown> = {};
  const listeners: ((state: { isConnected: boolean }) => void)[] = [];
  const wx = {
    getStorageSync: (key: string) => structuredClone(stored[key]) ?? "",
    setStorageSync: (key: string, value: unknown) => {
      stored[key] = structuredClone(value);
    },
    onNetworkStatusChange: (listener: (state: { isConnected: boolean }) => void) =>
      listeners.push(listener),
    login: ({ success }: { success: (answer: { code: string }) => void }) =>
      success({ code: "login-code" }),
    request: ({ url, data, success, fail }: Sent & Record<string, CallableFunction>) => {
      const call = { url, data: structuredClone(data) };
      sent.push(call);
      const answer = handler(call);
      if (answer) success?.(answer);
      else fail?.();
    },
  };
  return { wx, sent, stored, listeners };
}

const OPTIONS = { host: "https://siyu.example/", writeKey: "swk_1", account: "wechat_mini:wx1" };
const batchOf = (sent: Sent) => sent.data.batch as Record<string, unknown>[];

describe("siyu-mini.js", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends events in Segment's shape, in batches", async () => {
    const { wx, sent } = world(() => ({ statusCode: 200 }));
    const siyu = load()(wx, {});
    siyu.start?.({ ...OPTIONS, tracksPages: false });
    siyu.track?.("Product Viewed", { sku: "SC-001" });
    siyu.identify?.("u1", { name: "小满" });
    await vi.advanceTimersByTimeAsync(6000);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe("https://siyu.example/v1/batch");
    expect(sent[0]?.data.writeKey).toBe("swk_1");
    const [first, second] = batchOf(sent[0] as Sent);
    expect(first).toMatchObject({
      type: "track",
      event: "Product Viewed",
      properties: { sku: "SC-001" },
    });
    expect(first?.anonymousId).toMatch(/^mp/);
    expect(first?.messageId).not.toBe(second?.messageId);
    expect(second).toMatchObject({ type: "identify", userId: "u1", traits: { name: "小满" } });
  });

  it("tries again with growing pauses and loses nothing, also over a restart", async () => {
    let isDown = true;
    const { wx, sent, stored } = world(() => (isDown ? null : { statusCode: 200 }));
    const siyu = load()(wx, {});
    siyu.start?.({ ...OPTIONS, tracksPages: false });
    siyu.track?.("A");
    await vi.advanceTimersByTimeAsync(5000 + 1000 + 2000 + 4000);
    expect(sent.length).toBeGreaterThanOrEqual(4);
    const id = batchOf(sent[0] as Sent)[0]?.messageId;
    isDown = false;
    const again = load()(wx, {});
    again.start?.({ ...OPTIONS, tracksPages: false });
    await vi.advanceTimersByTimeAsync(10);
    expect(batchOf(sent.at(-1) as Sent)[0]?.messageId).toBe(id);
    expect(stored["siyu.queue"]).toEqual([]);
  });

  it("gives up on what the server refuses and goes on", async () => {
    const answers = [400, 200];
    const { wx, sent } = world(() => ({ statusCode: answers.shift() ?? 200 }));
    const siyu = load()(wx, {});
    siyu.start?.({ ...OPTIONS, tracksPages: false });
    siyu.track?.("Bad");
    await vi.advanceTimersByTimeAsync(6000);
    siyu.track?.("Good");
    await vi.advanceTimersByTimeAsync(6000);
    expect(sent.map((call) => batchOf(call)[0]?.event)).toEqual(["Bad", "Good"]);
  });

  it("keeps the last thousand events while offline", async () => {
    const { wx, stored } = world(() => null);
    const siyu = load()(wx, {});
    siyu.start?.({ ...OPTIONS, tracksPages: false });
    for (let n = 0; n < 1010; n += 1) siyu.track?.(`e${n}`);
    const queue = stored["siyu.queue"] as { event: string }[];
    expect(queue).toHaveLength(1000);
    expect(queue.at(-1)?.event).toBe("e1009");
  });

  it("logs in without ever seeing an openid and joins what came before", async () => {
    const { wx, sent, stored } = world((call) =>
      call.url.endsWith("/app-session")
        ? { statusCode: 200, data: { session: "sealed", anonymous_id: "wxabc" } }
        : { statusCode: 200 },
    );
    const siyu = load()(wx, {});
    siyu.start?.({ ...OPTIONS, tracksPages: false });
    const before = (siyu.anonymousId as unknown as () => string)();
    await siyu.login?.();
    await vi.advanceTimersByTimeAsync(6000);
    expect(sent[0]?.url).toBe("https://siyu.example/api/visits/wechat_mini:wx1/app-session");
    expect(sent[0]?.data).toEqual({ write_key: "swk_1", code: "login-code" });
    const joined = batchOf(sent[1] as Sent)[0];
    expect(joined).toMatchObject({ type: "identify", previousId: before, anonymousId: "wxabc" });
    expect(stored["siyu.who"]).toMatchObject({ session: "sealed", anonymousId: "wxabc" });
    await siyu.sharePhone?.("phone-code");
    expect(sent.at(-1)?.data).toEqual({ session: "sealed", code: "phone-code" });
  });

  it("counts pages and openings, and runs the brand's own handlers", async () => {
    const { wx, sent } = world(() => ({ statusCode: 200 }));
    const ran: string[] = [];
    const made: Record<string, Record<string, CallableFunction>> = {};
    const globals: Record<string, CallableFunction> = {
      App: (given: Record<string, CallableFunction>) => {
        made.app = given;
      },
      Page: (given: Record<string, CallableFunction>) => {
        made.page = given;
      },
      getCurrentPages: () => [{ route: "pages/index" }],
    };
    const siyu = load()(wx, globals);
    siyu.start?.(OPTIONS);
    globals.App?.({ onShow: () => ran.push("app") });
    globals.Page?.({ onShow: () => ran.push("page") });
    made.app?.onShow?.({ scene: 1047 });
    made.page?.onShow?.();
    await vi.advanceTimersByTimeAsync(6000);
    expect(ran).toEqual(["app", "page"]);
    const events = batchOf(sent[0] as Sent);
    expect(events[0]).toMatchObject({ event: "App Opened", properties: { scene: 1047 } });
    expect(events[1]).toMatchObject({ type: "page", name: "/pages/index" });
  });
});
