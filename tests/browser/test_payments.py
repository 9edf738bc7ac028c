"""Rewards, guide cards and the sandbox's control page, used in Chromium."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look, Open, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()


def test_what_one_asks_for_one_cannot_approve(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    known = page.request.get("/api/rewards").json()["items"][0]
    page.goto("/rewards")
    settle(page)
    page.get_by_role("button", name="申请奖励").click()
    form = page.locator(".ant-drawer")
    form.get_by_label("客户编号").fill(str(known["customer_id"]))
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
