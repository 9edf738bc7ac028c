/** What the page shows of one customer, in five tabs. */
import { isWhole, sendScript } from "./client";
import { day, h, say, yuan } from "./dom";
import { filesView } from "./files";
import {
  addTag,
  type Face,
  getFace,
  getScripts,
  type Me,
  noteSent,
  type Script,
  type Scripts,
  writeRemark,
} from "./server";
import { events, t } from "./words";

type Tab = keyof typeof t.tabs;

export function showCustomer(root: HTMLElement, customer: string, face: Face, me: Me): void {
  const body = h("section", { class: "body" });
  const views: Record<Tab, () => HTMLElement> = {
    face: () => faceView(customer, face, me, (next) => showCustomer(root, customer, next, me)),
    scripts: () => scriptsView(customer),
    files: () => filesView(customer),
    orders: () => ordersView(face),
    timeline: () => timelineView(face),
  };
  const buttons = (Object.keys(t.tabs) as Tab[]).map((tab) => {
    const button = h("button", { type: "button", onclick: () => open(tab) }, t.tabs[tab]);
    button.setAttribute("role", "tab");
    return { tab, button };
  });
  const open = (tab: Tab) => {
    for (const one of buttons) {
      one.button.setAttribute("aria-selected", String(one.tab === tab));
    }
    body.replaceChildren(views[tab]());
  };
  const tabs = h("nav", { class: "tabs" }, ...buttons.map((one) => one.button));
  tabs.setAttribute("role", "tablist");
  root.replaceChildren(headView(face), tabs, body);
  open("face");
}

function headView(face: Face): HTMLElement {
  return h(
    "header",
    {},
    h("span", { class: "avatar" }, (face.name || "?").slice(0, 1)),
    h(
      "div",
      {},
      h("h1", {}, face.name || "—"),
      h(
        "p",
        {},
        [t.stages[face.stage] ?? face.stage, face.friend_since && t.since(day(face.friend_since))]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
  );
}

function pair(name: string, value: string): HTMLElement | null {
  return value ? h("div", { class: "pair" }, h("span", {}, name), h("b", {}, value)) : null;
}

function faceView(customer: string, face: Face, me: Me, again: (face: Face) => void): HTMLElement {
  return h(
    "div",
    {},
    tasksCard(face),
    h(
      "div",
      { class: "card" },
      pair(t.tabs.orders, t.spent(face.order_count, yuan(face.revenue_fen))),
      pair(t.owner, face.owner),
      pair(t.phone, face.phone_masked),
      ...Object.entries(face.fields).map(([name, value]) => pair(name, value)),
    ),
    tagsCard(customer, face, me, again),
    remarkCard(customer, face),
  );
}

function tasksCard(face: Face): HTMLElement | null {
  if (face.tasks.length === 0) return null;
  const rows = face.tasks.map((task) => h("li", {}, task.text_preview));
  return h("div", { class: "card warm" }, h("h2", {}, t.tasks), h("ul", {}, ...rows));
}

function tagsCard(customer: string, face: Face, me: Me, again: (face: Face) => void): HTMLElement {
  const worn = new Set(face.tags.map((tag) => tag.id));
  const choose = h(
    "select",
    {
      onchange: async () => {
        try {
          await addTag(customer, Number(choose.value));
          say(t.tagged);
          again(await getFace(customer));
        } catch (error) {
          say(String((error as Error).message), true);
        }
      },
    },
    h("option", { value: "" }, t.addTag),
    ...me.tags
      .filter((tag) => !worn.has(tag.id))
      .map((tag) => h("option", { value: String(tag.id) }, `${tag.group} / ${tag.name}`)),
  );
  choose.setAttribute("aria-label", t.addTag);
  const chips = face.tags.map((tag) => h("span", { class: "chip" }, tag.name));
  return h(
    "div",
    { class: "card" },
    h("h2", {}, t.tags),
    h("p", { class: "chips" }, ...(chips.length ? chips : [t.noTags])),
    choose,
  );
}

function remarkCard(customer: string, face: Face): HTMLElement {
  const remark = h("input", { maxLength: 20, value: face.remark });
  const description = h("textarea", { maxLength: 150, rows: 2, value: face.description });
  remark.setAttribute("aria-label", t.remark);
  description.setAttribute("aria-label", t.description);
  description.placeholder = t.description;
  remark.placeholder = t.remark;
  const save = h(
    "button",
    {
      type: "button",
      class: "main",
      onclick: async () => {
        save.disabled = true;
        try {
          await writeRemark(customer, remark.value, description.value);
          face.remark = remark.value;
          face.description = description.value;
          say(t.saved);
        } catch (error) {
          say(String((error as Error).message), true);
        }
        save.disabled = false;
      },
    },
    t.save,
  );
  return h("div", { class: "card" }, h("h2", {}, t.remark), remark, description, save);
}

function scriptsView(customer: string): HTMLElement {
  const list = h("div", {});
  const search = h("input", { type: "search", placeholder: t.search });
  search.setAttribute("aria-label", t.search);
  const groups = h("nav", { class: "chips" });
  let turn = 0;
  let group: number | undefined;
  const find = async () => {
    turn += 1;
    const mine = turn;
    const found = await getScripts(search.value.trim(), group);
    if (mine !== turn) return;
    groups.replaceChildren(...groupChips(found.groups, group, choose));
    const rows = found.items.map((script) => scriptView(customer, script, find));
    list.replaceChildren(...(rows.length ? rows : [h("p", { class: "note" }, t.noScripts)]));
  };
  const choose = (id: number | undefined) => {
    group = id;
    void find();
  };
  search.oninput = () => void find();
  void find();
  return h("div", {}, search, groups, list);
}

/** The company's groups and one's own; nothing to choose where there is one. */
function groupChips(
  groups: Scripts["groups"],
  chosen: number | undefined,
  choose: (id: number | undefined) => void,
): HTMLElement[] {
  if (groups.length < 2) return [];
  const chip = (name: string, id: number | undefined) => {
    const button = h("button", { type: "button", class: "chip", onclick: () => choose(id) }, name);
    button.setAttribute("aria-pressed", String(id === chosen));
    return button;
  };
  return [
    chip(t.allGroups, undefined),
    ...groups.map((one) => chip(one.is_mine ? t.mine(one.name) : one.name, one.id)),
  ];
}

/** again: reads the list anew, so that the count is right also when a search came in between. */
function scriptView(customer: string, script: Script, again: () => Promise<void>): HTMLElement {
  const times = h("span", { class: "small" }, t.times(script.sent));
  const send = h(
    "button",
    {
      type: "button",
      class: "main",
      onclick: async () => {
        send.disabled = true;
        try {
          await sendScript(script);
          await noteSent(customer, script.id);
          say(isWhole(script) ? t.sent : t.sentInPart);
          void again();
        } catch {
          say(t.cannotSend, true);
        }
        send.disabled = false;
      },
    },
    t.send,
  );
  const links = script.attachments.map((one) =>
    h("p", { class: "small" }, one.title ?? one.url ?? ""),
  );
  return h(
    "article",
    { class: "card" },
    h("h2", {}, script.title),
    h("p", { class: "text" }, script.text),
    ...links,
    h("div", { class: "pair" }, times, send),
  );
}

function ordersView(face: Face): HTMLElement {
  const rows = face.orders.map((order) =>
    h(
      "div",
      { class: "card pair" },
      h("span", {}, order.order_no, h("br"), h("small", {}, day(order.placed_at))),
      h("b", {}, yuan(order.net_fen)),
    ),
  );
  return h("div", {}, ...(rows.length ? rows : [h("p", { class: "note" }, t.noOrders)]));
}

function timelineView(face: Face): HTMLElement {
  const rows = face.events.map((event) =>
    h(
      "li",
      {},
      h("b", {}, events[event.name] ?? event.name),
      h("small", {}, `${day(event.at)} · ${event.platform}`),
    ),
  );
  if (rows.length === 0) return h("p", { class: "note" }, t.noEvents);
  return h("ul", { class: "card line" }, ...rows);
}
