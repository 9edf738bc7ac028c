"""The customers' pages as text: one style, one script, values escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from string import Template

_HEAD = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title><link rel="stylesheet" href="/p/files/page.css"></head><body>"""
CODE_PAGE = (
    _HEAD
    + """<main><h1>$title</h1><p class="text">$text</p>
<img class="qr" src="$picture" alt="二维码" width="260" height="260">
<p class="hint">$hint</p></main></body></html>"""
)
STORE_PAGE = (
    _HEAD
    + """<main data-slug="$slug"><h1>$title</h1><p class="text">$text</p>
<section id="ask"><button id="near" type="button">查找离我最近的门店</button>
<button id="choose" type="button" class="plain">自己选择门店</button>
<p class="small">位置只用于这一次查找, 不会保存</p></section>
<section id="list" hidden><label>城市<select id="city"></select></label>
<label>门店<select id="store"></select></label>
<button id="go" type="button">查看二维码</button></section>
<section id="found" hidden><h2 id="name"></h2><p id="where" class="text"></p>
<img id="qr" class="qr" alt="二维码" width="260" height="260">
<a id="group" class="button" hidden>加入门店福利群</a>
<p class="hint">长按识别二维码, 添加门店顾问</p>
<button id="again" type="button" class="plain">换一家门店</button></section>
<p id="note" class="note" role="status"></p></main>
<script src="/p/files/store.js" defer></script></body></html>"""
)
GONE_PAGE = (
    _HEAD
    + """<main><h1>$title</h1><p class="text">请向门店索取新的二维码</p></main></body></html>"""
)


def fill(page: str, values: Mapping[str, str]) -> str:
    """The page with its values, escaped."""
    return Template(page).substitute({name: escape(value) for name, value in values.items()})


STYLE = """
:root{color-scheme:light dark;--ink:#1f2421;--soft:#68726c;--paper:#fff;--ground:#f3f5f2;--tea:#2f6b4f}
@media(prefers-color-scheme:dark){:root{--ink:#eef2ee;--soft:#a7b0a9;--paper:#1d221f;--ground:#121513;--tea:#6fbf97}}
*{box-sizing:border-box;margin:0}
[hidden]{display:none!important}
body{background:var(--ground);color:var(--ink);min-height:100vh;display:grid;place-items:center;
font:16px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif;padding:16px}
main,section{display:flex;flex-direction:column;align-items:center;gap:14px;text-align:center;width:100%}
main{background:var(--paper);border-radius:20px;padding:32px 20px;max-width:400px}
h1{font-size:22px;line-height:1.3}h2{font-size:18px}
.text{color:var(--soft);overflow-wrap:anywhere}.text:empty,.note:empty{display:none}
.qr{background:#fff;border-radius:12px;padding:8px;width:260px;height:260px}
.hint{font-weight:600;color:var(--tea)}.small,.note{font-size:13px;color:var(--soft)}
button,.button{font:inherit;font-weight:600;border:0;border-radius:12px;background:var(--tea);color:var(--paper);
width:100%;padding:12px;min-height:48px;cursor:pointer;text-decoration:none}
button.plain{background:transparent;color:var(--tea)}
label{display:flex;flex-direction:column;align-items:stretch;text-align:left;width:100%;font-size:14px;color:var(--soft)}
select{font:inherit;color:inherit;background:var(--ground);border:1px solid #8884;border-radius:10px;padding:10px;min-height:48px}
"""
SCRIPT = """
"use strict";
const main = document.querySelector("main");
const base = "/p/s/" + main.dataset.slug;
const get = (id) => document.getElementById(id);
const show = (id) => ["ask", "list", "found"].forEach((one) => { get(one).hidden = one !== id; });
const note = (text) => { get("note").textContent = text; };
let stores = [];

async function find(body) {
  note("正在查找…");
  const answer = await fetch(base + "/find", { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) return note("暂时查不到, 请稍后再试");
  const found = await answer.json();
  note("");
  if (found.group_path && !found.picture) return location.assign(found.group_path);
  if (!found.picture) {
    note("附近没有门店, 请自己选择");
    return choose();
  }
  get("name").textContent = found.is_far ? "附近暂无门店, 先联系我们的客服" : found.store;
  const far = found.metres === null ? "" : found.metres < 1000
    ? "距您约 " + found.metres + " 米" : "距您约 " + (found.metres / 1000).toFixed(1) + " 公里";
  get("where").textContent = [far, found.address, found.hours].filter(Boolean).join(" · ");
  get("qr").src = found.picture;
  get("group").hidden = !found.group_path;
  if (found.group_path) get("group").href = found.group_path;
  show("found");
}

function options(select, values) {
  select.replaceChildren(...values.map(([value, text]) => new Option(text, value)));
}

function listStores() {
  const city = get("city").value;
  options(get("store"), stores.filter((one) => one.city === city).map((one) => [one.id, one.name]));
}

async function choose() {
  const answer = await fetch(base + "/stores");
  if (!answer.ok) return note("暂时查不到, 请稍后再试");
  stores = (await answer.json()).items.map((one) => ({ ...one, city: one.city || "其他" }));
  if (!stores.length) return note("还没有可以选择的门店");
  options(get("city"), [...new Set(stores.map((one) => one.city))].map((city) => [city, city]));
  listStores();
  show("list");
}

get("near").onclick = () => {
  if (!navigator.geolocation) return choose();
  note("正在获取位置…");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => find({ lat: coords.latitude, lng: coords.longitude }),
    () => { note("没有取得位置, 请选择门店"); choose(); },
    { timeout: 8000, maximumAge: 60000 },
  );
};
get("choose").onclick = choose;
get("again").onclick = choose;
get("city").onchange = listStores;
get("go").onclick = () => find({ store: Number(get("store").value) });
"""
