"""Live codes in a real browser: made with a shift, looked at, printed, opened by a customer."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle
from tests.browser.hands import choose as choose_in
from tests.browser.hands import look, named, show, until_said
from tests.browser.world import account_of, in_sandbox, write

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


def made_code(page: Page, name: str, staff: list[str]) -> dict[str, Any]:
    """A code made by the API, as the platform has it."""
    account = account_of(page, "wecom")["key"]
    body = {"account": account, "name": name, "staff": staff}
    found: dict[str, Any] = write(page, "POST", "/api/live-codes", body)
    return found


def at_platform(page: Page, name: str) -> dict[str, Any]:
    """The contact way of this name in the sandbox's own books."""
    ways = in_sandbox(page, "wecom", "contact_ways")
    found: dict[str, Any] = next(way for way in ways if way["remark"] == name[:30])
    return found


def test_a_code_is_copied_and_a_guide_replaced_in_several_at_once(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    name, group = named("样板"), named("分组")
    made_code(page, name, ["linyue", "chenmo"])
    show(page, "/live-codes")
    page.get_by_role("button", name="管理分组").click()
    groups = page.get_by_role("dialog")
    groups.get_by_placeholder("新分组名称").fill("打错")
    groups.get_by_placeholder("新分组名称").press("Enter")
    groups.get_by_label("分组 打错").fill(group)
    groups.get_by_label("分组 打错").press("Enter")
    expect(groups.get_by_label(f"分组 {group}")).to_be_visible()
    look(page, "live-code-groups")
    groups.locator(".ant-modal-close").click()
    page.get_by_label("按名称或导购查找").fill(name)
    page.get_by_role("button", name="复制").click()
    drawer = page.locator(".ant-drawer-content-wrapper")
    expect(drawer.get_by_label("名称", exact=True)).to_have_value(f"{name} 副本")
    choose_in(page, drawer, "分组", group)
    drawer.get_by_role("button", name="添加一位").click()
    drawer.get_by_label("每日上限", exact=True).last.fill("7")
    look(page, "live-code-copy")
    drawer.get_by_role("button", name=re.compile("保 ?存")).click()
    expect(page.get_by_role("link", name=f"{name} 副本")).to_be_visible()
    assert set(at_platform(page, f"{name} 副本")["user"]) == {"linyue", "chenmo"}
    for one in (name, f"{name} 副本"):
        page.get_by_label(f"选择 {one}", exact=True).check()
    page.get_by_role("button", name="换导购").click()
    choose_in(page, page, "换下", "陈默 (chenmo)")
    choose_in(page, page, "换上", "周晴 (zhouqing)")
    look(page, "live-code-swap")
    page.get_by_role("button", name=re.compile("应 ?用")).last.click()
    expect(page.get_by_text("已选 2 个")).to_be_hidden()
    for one in (name, f"{name} 副本"):
        assert set(at_platform(page, one)["user"]) == {"linyue", "zhouqing"}
    page.get_by_role("link", name=f"{name} 副本").click()
    settle(page)
    expect(page.get_by_text("接待安排")).to_be_visible()
    look(page, "live-code-log")
    assert watch.troubles == []


@pytest.mark.parametrize("seen", [Look(), Look("phone", "dark")])
def test_figures_of_all_codes_are_told_by_name_and_for_one_guide(sign_in: Open, seen: Look) -> None:
    page, watch = sign_in(seen)
    name = named("统计码")
    made = made_code(page, name, ["linyue"])
    in_sandbox(page, "wecom", "scan", state=made["state"], unionid=named("u"), name="统计客")
    until_said(page, f"/api/live-codes/{made['id']}", '"added":1')
    show(page, "/live-codes?tab=figures")
    page.get_by_text("按码", exact=True).click()
    expect(page.get_by_role("link", name="门店海报")).to_be_visible()
    choose_in(page, page, "只看一位导购", "林悦 (linyue)")
    expect(page.get_by_role("link", name=name)).to_be_visible()
    href = page.get_by_role("link", name="导出 CSV").get_attribute("href") or ""
    lines = page.request.get(href).text().splitlines()
    assert "名称" in lines[0]
    assert any(name in line for line in lines[1:])
    look(page, f"code-figures-{seen.name}")
    assert watch.troubles == []
