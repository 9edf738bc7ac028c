"""Groups: what operators see and customers do, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle
from tests.browser.hands import drawn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK, PHONE = Look(), Look(device="phone")


def first(page: Page, path: str) -> dict[str, object]:
    items = page.request.get(path).json()["items"]
    assert items, f"{path} is empty: the demo's part gives some"
    found: dict[str, object] = items[0]
    return found


def test_a_group_shows_its_days_and_members(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    group = max(
        page.request.get("/api/groups").json()["items"], key=lambda one: int(one["customers"])
    )
    page.goto(f"/groups/{group['id']}")
    settle(page)
    expect(page.get_by_role("heading", name=group["name"])).to_be_visible()
    expect(page.get_by_role("img", name="每日进群与退群")).to_be_visible()
    page.screenshot(path=str(SCREENS / "group-flow.png"), full_page=True)
    assert not watch.troubles


def test_customers_find_a_group_by_a_word_on_a_phone(open_page: Open, sign_in: Open) -> None:
    owner, _ = sign_in(DESK)
    address = str(first(owner, "/api/keyword-pages")["page_path"])
    page, watch = open_page(PHONE)
    page.goto(address)
    page.get_by_label("关键词").fill("福利")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("img.qr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=str(SCREENS / "keyword-page-phone.png"), full_page=True)
    page.get_by_label("关键词").fill("没有这个词")
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_text("没有找到")).to_be_visible()
    assert not watch.troubles


def test_a_group_code_s_page_fits_a_phone(open_page: Open, sign_in: Open) -> None:
    owner, _ = sign_in(DESK)
    code = first(owner, "/api/group-codes")
    page, watch = open_page(PHONE)
    page.goto(str(code["page_path"]))
    expect(page.get_by_text("长按识别二维码, 加入群聊").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drawn(page.locator("img.qr").first)
    page.screenshot(path=str(SCREENS / "group-code-phone.png"), full_page=True)
    assert not watch.troubles
