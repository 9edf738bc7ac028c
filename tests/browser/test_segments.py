"""Audiences in the console: nested conditions, overlap, growth, lists, export, two tabs."""

from __future__ import annotations

import csv
import json
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle
from tests.browser.test_pages import overflow_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()
PHONE = Look("phone")
ADD = re.compile("加条件$")
SAVE = re.compile("保\\s?存")


def unique(name: str) -> str:
    return f"{name} {time.time_ns()}"


def add(group: Locator, field: str) -> Locator:
    """Add a condition to a group; its row."""
    page = group.page
    group.get_by_role("button", name=ADD).last.click()
    page.locator(f".ant-drawer-open [data-field='{field}']").click()
    row = group.get_by_test_id("condition").last
    expect(row).to_be_visible()
    return row


def choose(select: Locator, text: str) -> None:
    """Pick an option of a select by its label."""
    select.click()
    options = select.page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden)")
    options.locator(".ant-select-item-option", has_text=re.compile(f"^{re.escape(text)}$")).click()


def photograph(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


def make(page: Page, name: str, root: dict[str, Any]) -> int:
    """A segment by the API, with the console's own session."""
    answer = write(
        page, "/api/segments", {"name": name, "definition": {"version": 1, "root": root}}
    )
    return int(answer["id"])


def write(page: Page, path: str, body: dict[str, Any]) -> Any:
    token = page.request.get("/api/session").json()["csrf_token"]
    answer = page.request.post(path, data=body, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()
    return answer.json()


def count_of(page: Page, root: dict[str, Any]) -> int:
    body = {"definition": {"version": 1, "root": root}}
    return int(write(page, "/api/segments/preview", body)["count"])


def reads(row: Locator, text: str) -> None:
    expect(row).to_have_attribute("aria-label", text)


def test_a_sequence_with_a_property_is_built_counted_saved_and_explained(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/segments/new")
    settle(page)
    page.get_by_label("人群名称").fill(unique("看了没买"))
    root = page.get_by_test_id("condition-group").first
    steps = add(root, "sequence:steps").get_by_test_id("step")
    steps.first.get_by_role("button", name="加属性要求").click()
    where = steps.first.get_by_test_id("where")
    where.get_by_label("属性", exact=True).fill("sku")
    choose(where.get_by_label("比较"), "有值")
    choose(steps.last.get_by_label("发生", exact=True), "发生")
    choose(steps.last.get_by_role("combobox", name="多久之内"), "不限多久")
    root.get_by_role("button", name="加条件组").click()
    inner = root.get_by_test_id("condition-group")
    add(inner, "platform:platform")
    add(inner, "order:count")
    sentence = page.get_by_test_id("sentence")
    expect(sentence).to_contain_text("近 30 天先「浏览商品」（sku 有值），之后又「下单」，且（")
    count = page.get_by_test_id("live-count")
    expect(count).to_be_visible()
    expect(page.get_by_test_id("funnel")).to_be_visible()
    photograph(page, "flow-segment-nested")
    page.get_by_role("button", name=SAVE).click()
    expect(page).to_have_url(re.compile(r"/segments/\d+$"))
    page.reload()
    settle(page)
    expect(page.get_by_test_id("step")).to_have_count(2)
    expect(page.get_by_test_id("sentence")).to_contain_text("（sku 有值）")
    page.get_by_role("tab", name="成员").click()
    settle(page)
    page.locator(".ant-table-row").first.get_by_role("button", name="为什么").click()
    tree = page.get_by_test_id("explanation")
    expect(tree).to_contain_text("在人群里")
    photograph(page, "flow-segment-why")
    assert not watch.troubles


def test_the_count_is_what_the_server_says_for_the_same_json(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/segments/new")
    settle(page)
    bought = {"op": "order", "measure": "count", "cmp": "gte", "value": 1}
    wecom = {"op": "platform", "platform": "wecom", "has": True}
    root = {"op": "and", "children": [bought, {"op": "not", "children": [wecom]}]}
    page.get_by_role("button", name="JSON").click()
    box = page.get_by_label("人群定义 (JSON)")
    box.last.fill("{}")
    page.get_by_role("button", name="应用到条件").click()
    expect(page.get_by_text("这不是一份人群定义")).to_be_visible()
    box.last.fill(json.dumps({"version": 1, "root": root}))
    page.get_by_role("button", name="应用到条件").click()
    expect(page.get_by_test_id("condition")).to_have_count(2)
    expect(page.get_by_test_id("live-count")).to_have_text(f"{count_of(page, root):,}")
    assert not watch.troubles


def test_conditions_move_by_keyboard_menu_and_drag(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/segments/new")
    settle(page)
    root = page.get_by_test_id("condition-group").first
    add(root, "order:count")
    add(root, "platform:platform")
    rows = page.get_by_test_id("condition")
    order, platform = (str(rows.nth(n).get_attribute("aria-label")) for n in (0, 1))
    rows.nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    reads(rows.nth(0), platform)
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("Alt+ArrowRight")
    inner = page.get_by_test_id("condition-group").nth(1)
    expect(inner.get_by_test_id("condition")).to_have_count(1)
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.get_by_test_id("condition-group")).to_have_count(1)
    reads(rows.nth(0), platform)
    rows.nth(0).get_by_label("移动与复制").click()
    page.get_by_role("menuitem", name="下移").click()
    reads(rows.nth(0), order)
    root.get_by_role("button", name="加条件组").click()
    rows.nth(0).locator(".drag").drag_to(page.get_by_text("这一组还没有条件"))
    expect(page.get_by_test_id("condition-group").nth(1).get_by_test_id("condition")).to_have_count(
        1
    )
    reads(page.get_by_test_id("condition-group").nth(1).get_by_test_id("condition"), order)
    assert not watch.troubles


def test_a_template_starts_a_segment_on_a_phone(sign_in: Open) -> None:
    page, watch = sign_in(PHONE)
    page.goto("/segments/new")
    settle(page)
    page.get_by_test_id("templates").get_by_text("加粉未回复").click()
    expect(page.get_by_label("人群名称")).to_have_value("加粉未回复")
    expect(page.get_by_test_id("step")).to_have_count(2)
    expect(page.get_by_test_id("live-count")).to_be_visible()
    photograph(page, "flow-segment-phone")
    assert not overflow_of(page)
    page.get_by_role("button", name=ADD).last.click()
    page.get_by_placeholder("找条件", exact=False).fill("标签")
    expect(page.locator(".ant-drawer-open [data-field='tag:group']")).to_be_visible()
    photograph(page, "flow-segment-phone-picker")
    assert not watch.troubles


def test_two_tabs_do_not_overwrite_each_other_unseen(sign_in: Open) -> None:
    first, _ = sign_in(DESK)
    bought = {"op": "order", "measure": "count", "cmp": "gte", "value": 1}
    row_id = make(first, unique("两个窗口"), {"op": "and", "children": [bought]})
    second = first.context.new_page()
    for page in (first, second):
        page.goto(f"/segments/{row_id}")
        settle(page)
    first.get_by_test_id("condition").get_by_label("值").fill("2")
    first.get_by_role("button", name=SAVE).click()
    expect(first.get_by_text("人群已保存")).to_be_visible()
    second.get_by_test_id("condition").get_by_label("值").fill("3")
    second.get_by_role("button", name=SAVE).click()
    dialog = second.get_by_role("dialog")
    expect(dialog).to_contain_text("这个人群刚被别处改过")
    expect(dialog).to_contain_text("至少 2 单")
    expect(dialog).to_contain_text("至少 3 单")
    photograph(second, "flow-segment-conflict")
    dialog.get_by_role("button", name="用我的覆盖").click()
    expect(second.get_by_text("人群已保存")).to_be_visible()
    kept = first.request.get(f"/api/segments/{row_id}").json()["definition"]["root"]
    assert kept["children"][0]["value"] == 3


def test_overlap_is_drawn_and_a_difference_saved(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    wecom = {"op": "platform", "platform": "wecom", "has": True}
    bought = {"op": "order", "measure": "count", "cmp": "gte", "value": 1}
    names = unique("企微"), unique("买家")
    one, two = make(page, names[0], wecom), make(page, names[1], bought)
    page.goto(f"/segments/overlap?ids={one},{two}")
    settle(page)
    both = count_of(page, {"op": "and", "children": [wecom, bought]})
    column = page.locator(f"[data-region='{min(one, two)},{max(one, two)}']")
    expect(column).to_contain_text(f"{both:,}")
    page.get_by_role("button", name=f"只在「{names[0]}」").click()
    only = count_of(page, {"op": "and", "children": [wecom, {"op": "not", "children": [bought]}]})
    expect(page.get_by_test_id("chosen")).to_contain_text(f"已选 {only:,} 人")
    photograph(page, "flow-overlap")
    page.get_by_role("button", name="存成新人群").click()
    settle(page)
    expect(page.get_by_test_id("live-count")).to_have_text(f"{only:,}")
    page.get_by_label("人群名称").fill(unique("差集"))
    page.get_by_role("button", name=SAVE).click()
    expect(page).to_have_url(re.compile(r"/segments/\d+$"))
    assert not watch.troubles


def test_a_list_is_uploaded_reported_used_and_exported(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    found = page.request.get("/api/customers?limit=3").json()["items"]
    page.goto("/segments/upload")
    settle(page)
    name = unique("名单")
    page.get_by_label("人群名称").fill(name)
    page.get_by_text("粘贴", exact=True).click()
    numbers = "\n".join(str(row["id"]) for row in found)
    page.get_by_label("粘贴", exact=True).last.fill(f"{numbers}\n99999999")
    expect(page.get_by_test_id("list-columns")).to_contain_text("客户号")
    page.get_by_role("button", name="生成人群").click()
    report = page.get_by_test_id("upload-report")
    expect(report).to_contain_text("用户池里没有")
    expect(report.locator(".kpi", has_text="找到").first).to_contain_text("3")
    photograph(page, "flow-list")
    page.get_by_role("button", name="看这个人群").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    row_id = int(page.url.split("/")[-1].split("?")[0])
    page.get_by_role("tab", name="成员").click()
    settle(page)
    expect(page.locator(".ant-table-row")).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出").click()
    lines = list(csv.DictReader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert {int(line["id"]) for line in lines} == {row["id"] for row in found}
    assert all(re.fullmatch(r"|\d{3}\*+\d+", line["phone_masked"]) for line in lines)
    audit = page.request.get("/api/audit").json()["items"]
    assert any(entry["verb"] == "export_segment" for entry in audit)
    inside = count_of(page, {"op": "segment", "segment_id": row_id})
    assert inside == 3
    page.get_by_role("tab", name="人数变化").click()
    settle(page)
    expect(page.get_by_text("为什么进出")).to_be_visible()
    assert not watch.troubles
