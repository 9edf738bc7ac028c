"""A mini program's user and a fan who opens a page, from their phones to the console, in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Open
from tests.browser.hands import answer, ask_for, customer_of, look, named, show, until_said
from tests.browser.world import account_of, in_sandbox, write

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK, PHONE, DARK = Look(), Look("phone"), Look("phone", "dark")
MINI, OFFICIAL = "wechat_mini", "wechat_oa"
SEND = re.compile("发 ?送")
NOTICE = "TPL-NEWTEA-001"
GOODS = {"sku_id": "SC-001", "title": "明前龙井", "sku_cnt": 1, "sale_price": 16800}


def log_in(page: Page, name: str) -> tuple[str, str]:
    """Somebody opens the mini program, which signs in with us: his openid, our session."""
    given = in_sandbox(page, MINI, "log_in", unionid=f"u-{name}", name=name)
    key = write(page, "POST", "/api/write-keys", {"name": name, "platform": "mini"})["key"]
    path = f"/api/visits/{account_of(page, MINI)['key']}/app-session"
    session = write(page, "POST", path, {"write_key": key, "code": given["code"]})["session"]
    return str(given["openid"]), str(session)


def share_phone(page: Page, openid: str, session: str, phone: str) -> None:
    """He presses the phone button and agrees."""
    code = in_sandbox(page, MINI, "share_phone", openid=openid, phone=phone)["code"]
    path = f"/api/visits/{account_of(page, MINI)['key']}/app-phone"
    write(page, "POST", path, {"session": session, "code": code})


def user(page: Page) -> tuple[str, int, str]:
    """A user of the mini program whose phone we know: openid, customer, the phone's end."""
    name = named("")
    phone = f"139{int(name, 16) % 100_000_000:08d}"
    openid, session = log_in(page, name)
    share_phone(page, openid, session, phone)
    found = until_said(page, f"/api/customers?q={phone}", '"id"')["items"]
    return openid, int(found[0]["id"]), phone[-4:]


def heard(page: Page, openid: str, kind: str) -> list[str]:
    """What the platform brought to this person."""
    said = in_sandbox(page, MINI, "delivered")["items"]
    return [one["text"] for one in said if (one["openid"], one["kind"]) == (openid, kind)]


def test_a_verified_phone_is_seen_with_its_evidence(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    _, customer, end = user(page)
    show(page, f"/customers/{customer}")
    expect(page.get_by_text(re.compile(rf"\*{end}")).first).to_be_visible()
    page.get_by_role("tab", name="为何是同一人").click()
    expect(page.get_by_text("小程序手机号 (微信验证)").first).to_be_visible()
    look(page, "mini-phone")
    assert not watch.troubles


def test_a_notice_is_sent_and_the_consent_used_up(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    openid, customer, _ = user(page)
    in_sandbox(page, MINI, "answer_popup", openid=openid, template=NOTICE)
    until_said(page, f"/api/customers/{customer}/permits", NOTICE)
    show(page, f"/customers/{customer}?tab=permits")
    expect(page.get_by_text("还可发 1 条")).to_be_visible()
    show(page, "/mini-program?tab=templates")
    row = page.locator(".record").filter(has_text=NOTICE)
    for left in ("1", "0"):
        row.get_by_role("button", name="发送").click()
        drawer = page.get_by_role("dialog")
        ask_for(page, drawer, customer)
        drawer.get_by_label(re.compile("thing1")).fill(f"白牡丹{left}")
        drawer.get_by_label(re.compile("time2")).fill("2026年12月1日")
        look(page, "mini-notice")
        drawer.get_by_role("button", name=SEND).click()
        expect(drawer).to_be_hidden()
    show(page, f"/customers/{customer}?tab=touches")
    expect(page.get_by_text("已送达", exact=True)).to_be_visible()
    expect(page.get_by_text("已拦截", exact=True)).to_be_visible()
    assert heard(page, openid, "notice") == ["白牡丹1 2026年12月1日"]
    look(page, "mini-notice-touches")
    page.get_by_role("tab", name="订阅授权").click()
    expect(page.get_by_text("还可发 0 条")).to_be_visible()
    assert not watch.troubles


def test_a_user_asks_and_is_answered(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    openid, customer, _ = user(page)
    question = named("能开发票吗")
    in_sandbox(page, MINI, "write", openid=openid, text=question)
    until_said(page, "/api/conversations", question)
    show(page, "/conversations")
    page.get_by_role("link", name=re.compile(question)).click()
    answer(page, "可以, 发到您邮箱", customer)
    look(page, "mini-chat")
    assert heard(page, openid, "custom") == ["可以, 发到您邮箱"]
    assert not watch.troubles


def test_a_shipment_is_reported(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    openid, _, _ = user(page)
    made = in_sandbox(page, MINI, "order", openid=openid, items=[GOODS])
    paid = in_sandbox(page, MINI, "pay", order_id=made["order_id"])
    show(page, "/mini-program?tab=shipping")
    page.get_by_label("微信支付单号").fill("4200000000")
    page.get_by_label("付款人 OpenID").fill(openid)
    page.get_by_label("商品描述").fill("明前龙井 1 罐")
    page.get_by_label("快递公司编码").fill("SF")
    page.get_by_label("快递单号").fill("SF1234567890")
    report = page.get_by_role("button", name=re.compile("上 ?报"))
    report.click()
    expect(page.get_by_text(re.compile("支付单不存在"))).to_be_visible()
    look(page, "mini-shipping-refused")
    page.get_by_label("微信支付单号").fill(paid["transaction_id"])
    report.click()
    expect(page.get_by_label("微信支付单号")).to_have_value("")
    calls = in_sandbox(page, MINI, "calls")
    assert calls["/wxa/sec/order/upload_shipping_info"] >= 2
    assert [trouble for trouble in watch.troubles if "502" not in trouble] == []


def test_a_page_signs_its_visitor_in(sign_in: Open, open_page: Open) -> None:
    page, watch = sign_in(DESK)
    target = page.request.get("/api/keyword-pages").json()["items"][0]["page_path"]
    show(page, "/official-account?tab=login")
    page.get_by_label("登录后回到").fill(target)
    page.get_by_text("昵称头像（要点同意）").click()
    link = page.get_by_test_id("login-link").inner_text().strip()
    look(page, "page-login")
    phone, seen = open_page(PHONE)
    phone.goto(link)
    expect(phone.get_by_label("关键词")).to_be_visible()
    assert phone.url.endswith(target)
    assert phone.request.get("/api/visits/me").json()["is_known"]
    customer = customer_of(page, "沙箱访客")
    show(page, f"/customers/{customer}?tab=why")
    expect(page.get_by_text("登录时微信给出").first).to_be_visible()
    people = in_sandbox(page, OFFICIAL, "people")
    fan = next(one["openid"] for one in people if one["name"] == "沙箱访客")
    left = in_sandbox(page, OFFICIAL, "answer_popup", openid=fan, template=NOTICE)["left"]
    until_said(page, f"/api/customers/{customer}/permits", f'"left":{left}')
    page.get_by_role("tab", name="订阅授权").click()
    permit = page.locator(".record").filter(has_text="山茶记公众号")
    expect(permit.get_by_text(f"还可发 {left} 条")).to_be_visible()
    look(page, "fan-permits")
    assert not watch.troubles
    assert [trouble for trouble in seen.troubles if "exception" in trouble] == []


@pytest.mark.parametrize("path", ["/mini-program?tab=shipping", "/official-account?tab=login"])
def test_forms_fit_a_phone_in_the_dark(sign_in: Open, path: str) -> None:
    page, watch = sign_in(DARK)
    show(page, path)
    look(page, f"{path.rpartition('=')[2]}-phone-dark")
    assert not watch.troubles
