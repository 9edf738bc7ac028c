"""Rewards, guide cards and the sandbox's control page, used in Chromium."""

from __future__ import annotations

import re
import secrets
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle, sign_in_as
from tests.browser.hands import ask_for
from tests.browser.world import PASSWORD, hire, in_sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()


def test_what_one_asks_for_one_cannot_approve(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    known = page.request.get("/api/rewards").json()["items"][0]
    page.goto("/rewards")
    settle(page)
    page.get_by_role("button", name="申请奖励").click()
    form = page.locator(".ant-drawer")
    ask_for(page, form, known["customer_id"])
    form.get_by_label("金额（元）").fill("1.88")
    form.get_by_label("活动名称").fill("老带新")
    form.get_by_label("奖励原因").fill(f"介绍朋友 {time.time():.0f}")
    form.get_by_label("给客户看的备注").fill("谢谢您")
    form.locator(".ant-drawer-footer").get_by_role("button").click()
    own = page.locator("tr", has_text="老带新").first
    expect(own.get_by_role("button", name="批准付款")).to_be_disabled()
    own.get_by_role("button", name="撤回申请").click()
    expect(own.get_by_text("已拒绝")).to_be_visible()
    assert watch.troubles == []


def ask(page: Page, customer: int, reason: str) -> None:
    """Somebody asks for 2.34 yuan for a customer."""
    page.goto("/rewards")
    settle(page)
    page.get_by_role("button", name="申请奖励").click()
    form = page.locator(".ant-drawer")
    ask_for(page, form, customer)
    form.get_by_label("金额（元）").fill("2.34")
    form.get_by_label("活动名称").fill("老带新")
    form.get_by_label("奖励原因").fill(reason)
    form.get_by_label("给客户看的备注").fill("谢谢您")
    form.locator(".ant-drawer-footer").get_by_role("button").click()
    expect(form).to_be_hidden()


def books(page: Page) -> dict[str, int]:
    """WeChat Pay's own books in numbers."""
    platforms = page.request.get("/api/sandbox").json()["platforms"]
    found: dict[str, int] = next(one for one in platforms if one["name"] == "wechat_pay")["witness"]
    return found


def test_a_reward_asked_for_by_one_and_approved_by_another_is_paid_once(
    sign_in: Open, open_page: Open
) -> None:
    page, watch = sign_in(DESK)
    customer = page.request.get("/api/rewards").json()["items"][0]["customer_id"]
    reason = f"介绍朋友{secrets.token_hex(3)}"
    before = books(page)
    other, heard = open_page(Look("phone", "dark"))
    sign_in_as(other, hire(page, "operator"), PASSWORD)
    ask(other, customer, reason)
    mine = other.locator(".record", has_text=reason)
    expect(mine).to_contain_text("待审批")
    expect(mine.get_by_role("button", name="批准付款")).to_be_disabled()
    assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
    other.screenshot(path=SCREENS / "reward-asked-phone-dark.png", full_page=True)
    page.goto("/rewards")
    row = page.locator("tr", has_text=reason)
    row.get_by_role("button", name="批准付款").click()
    page.locator(".ant-popconfirm").get_by_role("button", name=re.compile("^确\\s?定$")).click()
    expect(row).to_contain_text("待客户确认")
    bill = re.findall(r"SY[0-9A-F]+", row.inner_text())[0]
    told = in_sandbox(page, "wechat_pay", "confirm_transfers", out_bill_no=bill)
    assert told == {"confirmed": 1}
    expect(row).to_contain_text("已到账")
    expect(page.get_by_text("账已轧平")).to_be_visible()
    page.screenshot(path=SCREENS / "reward-paid.png", full_page=True)
    after = books(page)
    grown = {name: after[name] - before[name] for name in after}
    assert (grown["transfers"], grown["transfers_paid"], grown["transferred_fen"]) == (1, 1, 234)
    assert grown["duplicate_transfers"] == 0
    assert watch.troubles == []
    assert heard.troubles == []


def test_cards_are_counted_and_a_guide_is_switched_off_and_on(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/guide-cards")
    settle(page)
    expect(page.get_by_text("付款后看到名片").first).to_be_visible()
    shown = page.request.get("/api/guide-cards/funnel").json()["shown"]
    assert shown > 0
    switch = page.get_by_role("switch").first
    switch.click()
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    assert watch.troubles == []


def test_the_weather_is_made_bad_and_calm_again(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/sandbox")
    settle(page)
    page.get_by_role("button", name="丢 20% 回调").click()
    lost = page.get_by_role("spinbutton", name="丢回调")
    expect(lost).to_have_value("0.2")
    page.get_by_role("button", name="恢复晴天").click()
    expect(lost).to_have_value("0.0")
    expect(
        page.get_by_text("transferred_fen").or_(page.get_by_text("followers")).first
    ).to_be_visible()
    assert watch.troubles == []
