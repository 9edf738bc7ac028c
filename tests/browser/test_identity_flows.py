"""Who is who, in Chromium: judge a conflict, block a value, try out a rule, take a link back."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Open, settle
from tests.browser.hands import customer_of, look, named, show

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
OK = re.compile("^确\\s?定$")


POST = """async ([path, body]) => {
  const session = await (await fetch("/api/session")).json();
  const headers = { "content-type": "application/json", "X-CSRFToken": session.csrf_token };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
}"""


def tell(page: Page, *people: dict[str, Any]) -> None:
    """Send identify calls as a shop would, with a write key of its own."""
    name = f"browser-{time.time_ns()}"
    status, made = page.evaluate(POST, ["/api/write-keys", {"name": name}])
    assert status < 300, made
    batch = [
        {"type": "identify", "messageId": f"{time.time_ns()}-{number}", **person}
        for number, person in enumerate(people)
    ]
    status, told = page.evaluate(POST, ["/v1/batch", {"batch": batch, "writeKey": made["key"]}])
    assert status == 200, told


def make_conflict(page: Page) -> str:
    """Two shop accounts told of one phone; the phone's last digits."""
    digits = f"{time.time_ns() // 1000 % 10**8:08d}"
    tell(
        page,
        {"userId": f"a{digits}", "traits": {"phone": f"139{digits}"}},
        {"userId": f"b{digits}", "traits": {"phone": f"139{digits}"}},
    )
    return digits[-4:]


def open_queue(page: Page, digits: str) -> Any:
    entry = page.get_by_test_id("conflict").filter(has_text=f"****{digits}")
    for _ in range(20):
        page.goto("/conflicts")
        settle(page)
        if entry.count():
            break
        page.wait_for_timeout(500)
    expect(entry).to_have_count(1)
    return entry


def give_reason(page: Page, reason: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").last.fill(reason)
    dialog.get_by_role("button", name=OK).click()


def test_a_conflict_is_judged_and_the_judgement_undone(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    entry = open_queue(page, make_conflict(page))
    entry.get_by_role("button", name="是同一人", exact=True).click()
    give_reason(page, "同一人换了账号")
    expect(entry).to_have_count(0)
    page.get_by_role("tab", name="已裁决").click()
    row = page.locator(".ant-table-row").first
    expect(row).to_contain_text("同一人换了账号")
    row.get_by_role("button", name="撤销裁决").click()
    give_reason(page, "看错了")
    expect(row).to_contain_text("已由 owner 撤销")
    page.get_by_role("tab", name="待审冲突").click()
    expect(entry).to_have_count(1)
    assert not watch.troubles


def test_a_value_is_blocked_and_freed(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    page.goto("/conflicts?tab=poison")
    settle(page)
    value = f"hotline-{time.time_ns()}"
    page.get_by_role("button", name=re.compile("列\\s?入")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    page.locator(".ant-select-item-option", has_text="商城用户").click()
    dialog.get_by_label("值", exact=True).fill(value)
    give_reason(page, f"客服共用 {value}")
    row = page.locator(".ant-table-row", has_text=f"客服共用 {value}")
    expect(row).to_be_visible()
    row.get_by_role("button", name=re.compile("移\\s?出")).click()
    give_reason(page, "不再共用")
    expect(row).to_have_count(0)
    assert not watch.troubles


def test_a_rule_is_tried_out_before_it_counts(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    page.goto("/conflicts?tab=rules")
    settle(page)
    page.get_by_role("button", name="修改规则 phone").click()
    page.locator(".ant-drawer").get_by_label("隔离阈值").fill("1")
    page.locator(".ant-drawer").get_by_role("button", name=re.compile("保\\s?存")).click()
    expect(page.locator("main")).to_contain_text("有 1 项改动未生效")
    expect(page.get_by_role("button", name="生效并重算")).to_be_disabled()
    page.get_by_role("button", name=re.compile("^试\\s?算$")).click()
    report = page.get_by_test_id("rebuild-report")
    expect(report).to_contain_text("试算结果（未改写）")
    expect(report).to_contain_text("→")
    expect(page.get_by_role("button", name="生效并重算")).to_be_enabled()
    page.get_by_role("button", name=re.compile("放弃改动")).click()
    expect(page.locator("main")).not_to_contain_text("项改动未生效")
    assert not watch.troubles


def test_the_evidence_is_drawn_with_its_legend(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    loyal = [one["id"] for one in page.request.get("/api/customers?stage=loyal").json()["items"]]
    joined = (one for one in loyal if page.request.get(f"/api/customers/{one}/why").json()["edges"])
    page.goto(f"/customers/{next(joined)}?tab=why")
    settle(page)
    graph = page.get_by_test_id("why-graph")
    expect(graph.locator("svg")).to_be_visible()
    expect(graph).to_contain_text("强身份")
    expect(page.get_by_role("button", name="撤销这条连接").first).to_be_visible()
    assert not watch.troubles


@pytest.mark.parametrize("wanted", [Look(), Look("phone", "dark")], ids=lambda look: look.name)
def test_the_other_one_is_found_by_name_or_phone_and_merged(sign_in: Open, wanted: Look) -> None:
    page, watch = sign_in(wanted)
    digits, name, other = f"{time.time_ns() // 1000 % 10**8:08d}", named("合并客"), named("同一客")
    tell(
        page,
        {"userId": f"m{digits}", "traits": {"name": name}},
        {"userId": f"n{digits}", "traits": {"name": other, "phone": f"137{digits}"}},
    )
    kept, gone = customer_of(page, name), customer_of(page, other)
    show(page, f"/customers/{kept}")
    page.get_by_role("button", name="合并").click()
    dialog = page.get_by_role("dialog")
    box = dialog.get_by_role("combobox", name="另一位客户")
    options = page.locator(".ant-select-dropdown:visible .ant-select-item-option")
    for typed in (other[:5], str(gone), digits[-4:]):
        box.fill(typed)
        expect(options.filter(has_text=other)).to_have_count(1)
        expect(options.filter(has_text=other)).to_contain_text(f"137****{digits[-4:]} · #{gone}")
    look(page, f"customer-asked-for-{wanted.name}")
    box.fill("没有这个人")
    expect(page.get_by_text("没有找到这样的客户")).to_be_visible()
    box.fill(other)
    expect(options).to_have_count(1)
    box.press("Enter")
    give_reason(page, "浏览器测试里的同一人")
    expect(dialog).to_be_hidden()
    assert page.request.get(f"/api/customers/{gone}").json()["id"] == kept
    assert not watch.troubles
