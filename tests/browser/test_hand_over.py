"""Who owns a customer, and groups that get new owners, in Chromium."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle
from tests.browser.hands import customer_of
from tests.browser.world import account_of, in_sandbox, write

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
OK = re.compile("^确\\s?定$")
WECOM = "wecom"
NOTE = "由浏览器测试改归属"


def items(page: Page, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.request.get(path).json()["items"]
    assert found, f"{path} is empty"
    return found


def label_of(staff: dict[str, Any]) -> str:
    """A member of staff as the select shows him."""
    name, own = staff["name"], staff["staff"]
    return f"{name} ({own})" if name and name != own else str(own)


def colleague(page: Page, account: str, *others: str) -> dict[str, Any]:
    """Somebody who works at the account and is none of these."""
    return next(
        one
        for one in items(page, "/api/staff-names")
        if one["account"] == account and one["is_active"] and one["staff"] not in others
    )


def pick(page: Page, box: Locator, text: str) -> None:
    box.click()
    box.fill(text)
    option = page.locator(".ant-select-dropdown:visible .ant-select-item-option", has_text=text)
    expect(option).to_be_visible()
    box.press("Enter")
    expect(option).to_be_hidden()


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark")], ids=lambda look: look.name)
def test_an_owner_is_shown_and_changed_with_a_reason(sign_in: Open, look: Look) -> None:
    page, watch = sign_in(look)
    customer = next(one for one in items(page, "/api/customers") if one["owner_staff"])
    before = page.request.get(f"/api/customers/{customer['id']}/owner").json()["owner"]
    taker = colleague(page, before["account"], before["staff"])
    page.goto(f"/customers/{customer['id']}")
    settle(page)
    card = page.get_by_test_id("owner-card")
    expect(card).to_contain_text("归属变更")
    card.get_by_role("button", name="更改归属").click()
    dialog = page.get_by_role("dialog")
    pick(page, dialog.get_by_role("combobox"), label_of(taker))
    dialog.get_by_label("原因").fill(NOTE)
    page.screenshot(path=SCREENS / f"owner-form-{look.name}.png")
    dialog.get_by_role("button", name=OK).click()
    expect(dialog).to_be_hidden()
    expect(card).to_contain_text(NOTE)
    expect(card).to_contain_text("人工调整")
    expect(card).to_contain_text(taker["name"] or taker["staff"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=SCREENS / f"owner-card-{look.name}.png", full_page=True)
    assert not watch.troubles


def test_no_reason_no_change_of_owner(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    customer = next(one for one in items(page, "/api/customers") if one["owner_staff"])
    path = f"/api/customers/{customer['id']}/owner"
    before = page.request.get(path).json()
    page.goto(f"/customers/{customer['id']}")
    settle(page)
    page.get_by_test_id("owner-card").get_by_role("button", name="更改归属").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=OK).click()
    expect(dialog.locator(".ant-form-item-explain-error")).to_have_count(2)
    assert page.request.get(path).json() == before
    assert not watch.troubles


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark")], ids=lambda look: look.name)
def test_some_of_a_guides_customers_are_handed_over(sign_in: Open, look: Look) -> None:
    page, watch = sign_in(look)
    name = f"交接客{secrets.token_hex(3)}"
    account = account_of(page, WECOM)["key"]
    giver = next(one for one in items(page, "/api/staff-names") if one["staff"] == "zhouqing")
    taker = colleague(page, account, "zhouqing")
    who = {"userid": "zhouqing", "unionid": f"u-{name}", "name": name}
    external = in_sandbox(page, WECOM, "add_friend", **who)["external_userid"]
    tag = write(page, "POST", "/api/tags", {"group": "测试", "name": name})["id"]
    customer = customer_of(page, name)
    write(page, "POST", f"/api/customers/{customer}/tags", {"add": [tag]})
    page.goto("/transfers")
    settle(page)
    page.get_by_role("button", name="开始继承").last.click()
    dialog = page.get_by_role("dialog")
    pick(page, dialog.get_by_role("combobox").first, label_of(giver))
    dialog.get_by_text("挑选客户", exact=True).click()
    expect(dialog.get_by_role("button", name="提交继承")).to_be_disabled()
    choice = dialog.get_by_test_id("customer-choice")
    row = choice.locator("tbody tr.ant-table-row")
    search = choice.get_by_placeholder(re.compile("^姓名或备注"))
    search.fill(name[1:])
    expect(row).to_have_count(1)
    search.fill("没有这个人")
    expect(choice).to_contain_text("没有符合条件的客户")
    search.fill("")
    pick(page, choice.get_by_label("标签"), name)
    expect(row).to_have_count(1)
    expect(row).to_contain_text(name)
    row.get_by_role("checkbox").check()
    expect(choice).to_contain_text("已选 1 位客户")
    expect(dialog).to_contain_text("可以转接 1 位客户")
    pick(page, dialog.get_by_label("接替员工").last, label_of(taker))
    page.screenshot(path=SCREENS / f"transfer-some-{look.name}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dialog.get_by_role("button", name="提交继承").click()
    results = page.locator(".ant-drawer").locator("tbody tr.ant-table-row")
    expect(results).to_have_count(1)
    expect(results).to_contain_text(name)
    expect(results).to_contain_text("等待客户")
    moves = in_sandbox(page, WECOM, "moves")
    assert [one["takeover_userid"] for one in moves if one["external_userid"] == external] == [
        taker["staff"]
    ]
    assert not watch.troubles


def test_a_group_gets_a_new_owner(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    group = items(page, "/api/groups?limit=200")[0]
    giver = next(
        one
        for one in items(page, "/api/staff-names")
        if (one["account"], one["staff"]) == (group["account"], group["owner"])
    )
    taker = colleague(page, group["account"], group["owner"])
    page.goto("/transfers")
    settle(page)
    page.get_by_role("button", name="转接客户群").first.click()
    dialog = page.get_by_role("dialog")
    pick(page, dialog.get_by_role("combobox").first, label_of(giver))
    choice = dialog.get_by_test_id("group-choice")
    only(choice, str(group["name"]))
    expect(choice).to_contain_text("已选 1 个群")
    pick(page, dialog.get_by_role("combobox").last, label_of(taker))
    expect(dialog).to_contain_text("可以转接 1 个客户群")
    expect(dialog).to_contain_text("接替人今天还能接手")
    page.screenshot(path=SCREENS / "group-transfer-form.png")
    dialog.get_by_role("button", name="提交继承").click()
    drawer = page.locator(".ant-drawer")
    result = drawer.get_by_role("row", name=re.compile(re.escape(str(group["name"]))))
    expect(result).to_contain_text("已接替")
    page.screenshot(path=SCREENS / "group-transfer-result.png")
    assert not watch.troubles


def only(choice: Locator, name: str) -> None:
    """Of all groups, which are chosen at first, keep this one."""
    choice.locator("thead").get_by_role("checkbox").uncheck()
    row = choice.locator("tbody tr", has=choice.page.get_by_text(name, exact=True))
    row.get_by_role("checkbox").check()
