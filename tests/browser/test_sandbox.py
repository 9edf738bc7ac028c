"""The sandbox's control page, used in Chromium."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle
from tests.browser.world import in_sandbox, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("look", "operation", "sentences"),
    [
        (Look(), "操作", ("顾客关注这个账号。", "顾客在留资卡里留下手机号。")),
        (
            Look("phone", "dark", "en"),
            "Operation",
            ("A customer follows the account.", "A customer leaves a phone number on a card."),
        ),
    ],
    ids=["zh", "en"],
)
def test_an_operation_says_what_it_does(
    sign_in: Open, look: Look, operation: str, sentences: tuple[str, str]
) -> None:
    page, watch = sign_in(look)
    page.goto("/sandbox")
    settle(page)
    expect(page.get_by_text(sentences[0], exact=True)).to_be_visible()
    page.get_by_role("combobox", name=operation).fill("leave_card")
    page.keyboard.press("Enter")
    expect(page.get_by_text(sentences[1], exact=True)).to_be_visible()
    page.screenshot(path=SCREENS / f"sandbox-help-{look.name}.png")
    assert watch.troubles == []


LOOKS = (Look(), Look("phone", "dark"))


def run(page: Page, platform: str, operation: str, **fields: Any) -> None:
    """Choose an operation of a platform on the control page, fill it in and run it."""
    page.goto("/sandbox")
    settle(page)
    page.locator(".ant-segmented-item", has_text=platform).click()
    page.get_by_role("combobox", name="操作").fill(operation)
    page.keyboard.press("Enter")
    for name, value in fields.items():
        page.get_by_label(re.compile(rf"\b{name}$")).fill(str(value))
    page.get_by_role("button", name=re.compile("^执\\s?行$")).click()
    expect(page.get_by_text("平台的回答")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_a_customer_scans_a_code_and_is_a_friend_with_its_source(sign_in: Open, look: Look) -> None:
    page, watch = sign_in(look)
    name = f"扫码客{secrets.token_hex(3)}"
    codes = page.request.get("/api/live-codes").json()["items"]
    code = next(one for one in codes if one["kind"] == "code" and one["is_active"])
    before = in_sandbox(page, "wecom", "state")
    run(page, "企业微信", "scan", unionid=f"u-{name}", name=name, state=code["state"])
    expect(page.locator("pre")).to_contain_text('"is_new": true')
    page.screenshot(path=SCREENS / f"sandbox-scan-{look.name}.png", full_page=True)
    after = in_sandbox(page, "wecom", "state")
    assert after["relations"] - before["relations"] == 1
    wait_until(page, f"/api/customers?q={name}", name)
    page.goto(f"/customers?q={name}")
    page.locator("main").get_by_text(name).first.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator("main")).to_contain_text(code["channel"] or code["name"])
    page.screenshot(path=SCREENS / f"sandbox-scanned-{look.name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert watch.troubles == []


def test_a_customer_pays_and_the_order_is_on_his_page(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    number = f"E2E{secrets.token_hex(6)}"
    orders = page.request.get("/api/orders?limit=200").json()["items"]
    earlier = next(one for one in orders if one["platform"] == "wechat_pay")
    openid = next(
        one["payer"]
        for one in in_sandbox(page, "wechat_pay", "orders")
        if one["out_trade_no"] == earlier["order_no"]
    )
    run(page, "微信支付", "pay", out_trade_no=number, openid=openid, amount_fen=8765)
    expect(page.locator("pre")).to_contain_text("transaction_id")
    paid = in_sandbox(page, "wechat_pay", "orders")
    assert [one["amount"] for one in paid if one["out_trade_no"] == number] == [8765]
    path = f"/customers/{earlier['customer_id']}"
    wait_until(page, f"/api{path}/orders", number)
    page.goto(f"{path}?tab=orders")
    expect(page.locator("main").get_by_text(number)).to_have_count(1)
    expect(page.locator("main")).to_contain_text("87.65")
    page.screenshot(path=SCREENS / "sandbox-paid.png", full_page=True)
    assert watch.troubles == []
