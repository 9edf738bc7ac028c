"""What people do in the console, done in Chromium."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Open, settle, sign_in_as

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()


def test_wrong_password_is_refused_and_right_one_lets_in(
    open_page: Open, owner: tuple[str, str]
) -> None:
    page, _ = open_page(DESK)
    page.goto("/customers")
    page.locator("input[autocomplete=username]").fill(owner[0])
    page.locator("input[autocomplete=current-password]").fill("wrong-password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
    page.locator("input[autocomplete=current-password]").fill(owner[1])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="客户", exact=True)).to_be_visible()


def test_signing_out_closes_the_console(open_page: Open, owner: tuple[str, str]) -> None:
    page, _ = open_page(DESK)
    sign_in_as(page, *owner)
    page.locator(".topbar .ant-avatar").click()
    page.get_by_text("退出登录").click()
    expect(page.locator("input[autocomplete=username]")).to_be_visible()
    page.goto("/customers")
    expect(page.locator("input[autocomplete=username]")).to_be_visible()


def test_slash_finds_a_customer_who_is_then_tagged(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    loyal = page.request.get("/api/customers?stage=loyal").json()["items"]
    someone = next(one for one in loyal if one["name"] and one["phone_masked"])
    name = f"浏览器测试{someone['id']}"
    settle(page)
    page.keyboard.press("/")
    page.keyboard.type(someone["name"])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/customers\\?q="))
    page.get_by_text(someone["phone_masked"]).first.click()
    expect(page.get_by_role("heading", name=someone["name"])).to_be_visible()
    create_tag(page, "测试", name)
    page.goto(f"/customers/{someone['id']}")
    settle(page)
    put_tag_on(page, name)
    page.reload()
    expect(page.get_by_test_id("customer-tags")).to_contain_text(name)
    page.get_by_test_id("customer-tags").locator(".ant-tag", has_text=name).locator(
        ".ant-tag-close-icon"
    ).click()
    expect(page.get_by_test_id("customer-tags")).not_to_contain_text(name)
    assert not watch.troubles


def create_tag(page: Page, group: str, name: str) -> None:
    known = page.request.get("/api/tags").json()["items"]
    if any(tag["name"] == name for tag in known):
        return
    page.goto("/tags")
    page.get_by_role("button", name=re.compile("新建标签$")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").fill(group)
    dialog.get_by_label("名称").fill(name)
    dialog.get_by_role("button", name=re.compile("确\\s?定")).click()
    expect(page.locator("main").get_by_text(name)).to_be_visible()


def put_tag_on(page: Page, name: str) -> None:
    page.get_by_role("button", name="添加标签").click()
    page.keyboard.type(name)
    page.locator(".ant-select-item-option", has_text=name).click()
    expect(page.get_by_test_id("customer-tags")).to_contain_text(name)


def test_segment_counts_while_it_is_built_and_keeps_its_members(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/segments/new")
    settle(page)
    page.get_by_label("人群名称").fill(f"浏览器测试 {time.time_ns()}")
    page.get_by_role("button", name=re.compile("加条件$")).click()
    page.locator("[data-field='order:count']").click()
    count = page.get_by_test_id("live-count")
    expect(count).to_be_visible()
    expect(page.get_by_test_id("condition")).to_contain_text("人")
    buyers = number_of(count.inner_text())
    assert buyers > 0
    page.get_by_test_id("condition").get_by_label("值").fill("2")
    expect(count).not_to_have_text(f"{buyers:,}")
    loyal = number_of(count.inner_text())
    assert 0 < loyal < buyers
    page.get_by_role("button", name=re.compile("保\\s?存")).click()
    expect(page).to_have_url(re.compile(r"/segments/\d+$"))
    page.get_by_role("tab", name="成员").click()
    settle(page)
    rows = page.locator(".ant-table-row")
    expect(rows).to_have_count(min(loyal, 25))
    assert not watch.troubles


def number_of(text: str) -> int:
    return int(text.replace(",", ""))


def test_journey_is_published_from_the_template_and_paused(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/journeys")
    settle(page)
    page.get_by_role("button", name="新建旅程").click()
    page.get_by_label("旅程名称").fill(f"浏览器测试 {time.time_ns()}")
    page.get_by_role("button", name="创建草稿").click()
    expect(page).to_have_url(re.compile(r"/journeys/\d+$"))
    expect(page.get_by_test_id("journey-canvas")).to_contain_text("欢迎语")
    page.get_by_role("button", name=re.compile("发\\s?布")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("发\\s?布")).click()
    expect(page.locator("h1")).to_contain_text("运行中")
    page.get_by_role("button", name=re.compile("暂\\s?停")).click()
    expect(page.locator("h1")).to_contain_text("已暂停")
    assert not watch.troubles


def test_language_and_dark_mode_are_remembered(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    settle(page)
    page.get_by_test_id("language").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.get_by_test_id("mode").click()
    expect(page.locator("html")).to_have_attribute("data-mode", "dark")
    page.reload()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-mode", "dark")
    assert not watch.troubles


def test_two_keys_go_to_a_page(sign_in: Open) -> None:
    page, _ = sign_in(DESK)
    settle(page)
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/customers$"))


def test_number_opens_the_query_behind_it(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    settle(page)
    page.get_by_role("button", name="查看口径 SQL").first.click()
    expect(page.locator(".ant-drawer pre")).to_contain_text(re.compile("select", re.IGNORECASE))
    assert not watch.troubles


def test_phone_menu_opens_and_closes(sign_in: Open) -> None:
    page, _ = sign_in(Look("phone"))
    page.get_by_role("button", name="菜单").click()
    page.locator(".ant-drawer").get_by_text("触达账本").click()
    expect(page).to_have_url(re.compile("/touches$"))
    expect(page.locator(".ant-drawer-content-wrapper")).to_be_hidden()


def test_missing_customer_says_so_with_a_way_out(sign_in: Open) -> None:
    page, _ = sign_in(DESK)
    page.goto("/customers/999999999")
    expect(page.get_by_test_id("error-state")).to_contain_text("没有找到")
    expect(page.get_by_role("button", name=re.compile("重\\s?试"))).to_be_visible()
