"""Live codes in a real browser: made with a shift, looked at, printed, opened by a customer."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).first.click()
    page.locator(".ant-select-item-option").filter(has_text=option).first.click()


def test_a_code_with_a_shift_is_made_shown_printed_and_opened(
    sign_in: Open, open_page: Open
) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    name = f"流程测试码{secrets.token_hex(3)}"
    page, watch = sign_in(Look())
    page.goto("/live-codes")
    settle(page)
    page.get_by_role("button", name="新建活码").click()
    drawer = page.locator(".ant-drawer-content-wrapper")
    drawer.get_by_label("名称", exact=True).fill(name)
    choose(page, "账号", "山茶记企业微信")
    choose(page, "接待导购", "linyue")
    page.keyboard.press("Escape")
    drawer.get_by_role("button", name="添加班次").click()
    drawer.get_by_label("接待导购").nth(1).click()
    page.locator(".ant-select-item-option").filter(has_text="chenmo").last.click()
    page.keyboard.press("Escape")
    drawer.get_by_test_id("duty").wait_for()
    drawer.get_by_text("公开页面").click()
    drawer.get_by_label("开放引流页").click()
    page.screenshot(path=SCREENS / "live-code-form.png")
    drawer.get_by_role("button", name=re.compile("保 ?存")).click()
    page.get_by_role("link", name=name).first.click()
    settle(page)
    expect(page.get_by_text("改动记录")).to_be_visible()
    sheet = page.request.get(
        page.get_by_role("link", name="打开打印页").get_attribute("href") or ""
    )
    assert sheet.ok
    assert sheet.text().count("<article>") == 8
    path = page.get_by_role("link", name="打开页面").get_attribute("href") or ""
    assert not watch.troubles
    guest, seen = open_page(Look("phone"))
    guest.goto(path)
    expect(guest.locator("img.qr")).to_be_visible()
    guest.screenshot(path=SCREENS / "live-code-public.png")
    assert guest.evaluate("document.documentElement.scrollWidth") <= 390
    assert not seen.troubles


def test_the_tab_of_who_is_on_duty_fits_a_phone(sign_in: Open) -> None:
    page, watch = sign_in(Look("phone", "dark", "en"))
    page.goto("/live-codes?tab=staff")
    settle(page)
    place = page.get_by_role("tab", name="On duty").bounding_box()
    assert place is not None
    assert place["x"] + place["width"] <= 390
    lead = page.get_by_text("Guides who are away take no new customers")
    assert lead.evaluate("one => one.scrollWidth <= one.clientWidth || !one.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=SCREENS / "presence-phone.png", full_page=True)
    assert watch.troubles == []
