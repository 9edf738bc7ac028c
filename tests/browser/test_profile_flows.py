"""What a brand knows of people, done in Chromium: own fields, tag groups, bulk tags, rules."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DESK = Look()
PHONE = Look("phone", "dark")
OK = re.compile("^确\\s?定$")
SAVE = re.compile("^保\\s?存$")
POST = """async ([path, body]) => {
  const session = await (await fetch("/api/session")).json();
  const headers = { "content-type": "application/json", "X-CSRFToken": session.csrf_token };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.status, await answer.json()];
}"""


def mark() -> str:
    return f"{time.time_ns() // 1000 % 10**8:08d}"


def post(page: Page, path: str, body: dict[str, Any]) -> dict[str, Any]:
    status, told = page.evaluate(POST, [path, body])
    assert status < 300, told
    return dict(told)


def confirm(page: Page) -> None:
    page.locator(
        ".ant-modal-confirm .ant-btn-primary, .ant-modal-confirm .ant-btn-dangerous"
    ).click()


def test_a_field_of_the_brand_is_made_changed_and_put_away(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name = f"口味{mark()}"
    page.goto("/custom-fields")
    settle(page)
    page.get_by_role("button", name="新建字段").click()
    form = page.get_by_role("dialog")
    form.get_by_label("名称", exact=True).fill(name)
    form.get_by_label("键", exact=True).fill(f"taste_{mark()}")
    page.screenshot(path=SCREENS / "custom-field-form.png")
    form.get_by_role("button", name=SAVE).click()
    line = page.get_by_role("row", name=re.compile(name))
    expect(line).to_be_visible()
    line.get_by_role("button", name=re.compile("^编\\s?辑$")).click()
    form.get_by_label("说明").fill("由浏览器测试写下")
    form.get_by_role("button", name=SAVE).click()
    expect(form).to_be_hidden()
    line.get_by_role("button", name=re.compile("^归\\s?档$")).click()
    confirm(page)
    expect(line.get_by_role("button", name=re.compile("^恢\\s?复$"))).to_be_visible()
    page.screenshot(path=SCREENS / "custom-fields.png", full_page=True)
    assert not watch.troubles


def test_a_group_excludes_and_a_tag_expires(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    group = f"等级{mark()}"
    page.goto("/tags")
    settle(page)
    page.get_by_role("button", name="新建标签组").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("组名").fill(group)
    dialog.get_by_role("switch").click()
    dialog.get_by_role("button", name=OK).click()
    card = page.get_by_test_id("tag-group").filter(has_text=group)
    expect(card.get_by_text("互斥")).to_be_visible()
    gold, silver = f"金{group}", f"银{group}"
    ids = [post(page, "/api/tags", {"group": group, "name": name})["id"] for name in (gold, silver)]
    someone = page.request.get("/api/customers?limit=1").json()["items"][0]["id"]
    for tag in ids:
        post(page, f"/api/customers/{someone}/tags", {"add": [tag]})
    page.goto(f"/customers/{someone}")
    settle(page)
    shown = page.get_by_test_id("customer-tags")
    expect(shown).to_contain_text(silver)
    expect(shown).not_to_contain_text(gold)
    page.goto("/tags")
    settle(page)
    page.get_by_role("button", name=re.compile(f"编\\s?辑 {gold}")).click()
    form = page.get_by_role("dialog")
    form.get_by_label("有效期").click()
    page.locator(".ant-select-item-option", has_text="打上后若干天").click()
    form.get_by_label("打上后若干天").fill("30")
    page.screenshot(path=SCREENS / "tag-expiry.png")
    form.get_by_role("button", name=SAVE).click()
    expect(card).to_contain_text("30 天")
    page.screenshot(path=SCREENS / "tag-groups.png", full_page=True)
    assert not watch.troubles


def test_many_people_are_tagged_at_once_and_it_is_taken_back(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name = f"批量{mark()}"
    tag = post(page, "/api/tags", {"group": "测试", "name": name})["id"]
    page.goto("/customers?stage=loyal")
    settle(page)
    page.get_by_role("button", name="批量标签").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(name)
    page.locator(".ant-select-item-option", has_text=name).click()
    expect(dialog.get_by_text("位已带有所选标签")).to_be_visible()
    page.screenshot(path=SCREENS / "bulk-tags.png")
    dialog.get_by_text("批量标签").first.click()
    dialog.get_by_role("button", name=re.compile("^开\\s?始$")).click()
    carriers = f"/api/customers?tag_id={tag}"
    wait_for(page, lambda: bool(page.request.get(carriers).json()["items"]))
    page.goto("/tags")
    settle(page)
    page.get_by_text("批量记录").click()
    line = page.get_by_role("row", name=re.compile(name))
    undo = line.get_by_role("button", name=re.compile("^撤\\s?销$"))
    expect(undo).to_be_visible(timeout=20_000)
    undo.click()
    with page.expect_response(re.compile("/undo$")) as undone:
        confirm(page)
    assert undone.value.status < 300
    wait_for(page, lambda: not page.request.get(carriers).json()["items"])
    assert not watch.troubles


def test_a_tag_rule_is_counted_applied_paused_and_ended(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name = f"规则{mark()}"
    tag = post(page, "/api/tags", {"group": "测试", "name": name})["id"]
    segment = next(
        item for item in page.request.get("/api/segments").json()["items"] if item["count"]
    )
    page.goto("/tag-rules")
    settle(page)
    page.get_by_role("button", name="新建规则").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill(name)
    for label, text in (("人群", segment["name"]), ("标签", name)):
        dialog.get_by_label(label).fill(text)
        page.locator(".ant-select-item-option", has_text=text).last.click()
    expect(page.get_by_test_id("rule-count")).to_contain_text("将打上这个标签")
    page.screenshot(path=SCREENS / "tag-rule-form.png")
    dialog.get_by_role("button", name=OK).click()
    line = page.get_by_role("row", name=re.compile(name))
    expect(line).to_be_visible()
    wait_for(page, lambda: bool(page.request.get(f"/api/customers?tag_id={tag}").json()["items"]))
    line.get_by_role("button", name=re.compile("^暂\\s?停$")).click()
    expect(line.get_by_text("已暂停")).to_be_visible()
    line.get_by_role("button", name="结束规则").click()
    confirm(page)
    expect(line).to_have_count(0)
    assert page.request.get(f"/api/customers?tag_id={tag}").json()["items"]
    assert not watch.troubles


def test_fields_tags_and_rules_fit_a_phone_in_the_dark(sign_in: Open) -> None:
    page, watch = sign_in(PHONE)
    for path in ("custom-fields", "tags", "tag-rules", "exports"):
        page.goto(f"/{path}")
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.screenshot(path=SCREENS / f"{path}-phone.png", full_page=True)
    assert not watch.troubles


def wait_for(page: Page, is_so: Any, seconds: int = 30) -> None:
    """Wait for what a worker does."""
    for _ in range(seconds * 4):
        if is_so():
            return
        page.wait_for_timeout(250)
    raise AssertionError("it did not come about")
