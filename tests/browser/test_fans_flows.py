"""The official account and the mini program in the console, done in Chromium."""

from __future__ import annotations

import base64
import re
import time

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import Look, Open, follower, settle
from tests.browser.hands import ask_for, drawn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()
SAVE = re.compile("保 ?存")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def choose(page: Page, where: Locator, label: str, option: str) -> None:
    where.get_by_label(label, exact=True).click()
    page.locator(".ant-select-dropdown:visible").get_by_text(option, exact=False).first.click()


def test_a_keyword_reply_is_written_and_tried(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    word = f"暗号{int(time.time())}"
    page.goto("/official-account")
    settle(page)
    page.get_by_role("button", name="新建自动回复").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称").fill(word)
    drawer.get_by_label("关键词").fill(word)
    page.keyboard.press("Enter")
    drawer.get_by_label("内容").fill("接头成功")
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    page.get_by_label("客户会怎么说").fill(f"你好 {word}")
    page.get_by_role("button", name="看看怎么回").click()
    expect(page.get_by_test_id("try-answer")).to_have_text(f"{word}: 接头成功")
    assert watch.troubles == []


def test_a_keyword_is_answered_with_a_picture(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    word = f"看图{int(time.time())}"
    page.goto("/official-account")
    settle(page)
    page.get_by_role("button", name="新建自动回复").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称").fill(word)
    choose(page, drawer, "账号", "山茶记公众号")
    drawer.get_by_label("关键词").fill(word)
    page.keyboard.press("Enter")
    choose(page, drawer, "回复什么", "图片 (仅公众号)")
    picture = FilePayload(name=f"{word}.png", mimeType="image/png", buffer=PICTURE)
    drawer.locator("input[type=file]").set_input_files(picture)
    expect(drawer.get_by_title(f"{word}.png")).to_be_visible()
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    row = page.locator(".record").filter(has_text=word)
    expect(row.get_by_role("img", name="图片")).to_be_visible()
    page.get_by_label("客户会怎么说").fill(word)
    account = page.locator(".ant-card").filter(has_text="试一试")
    choose(page, account, "账号", "山茶记公众号")
    answer = page.get_by_test_id("try-answer")
    button = page.get_by_role("button", name="看看怎么回")
    for _ in range(30):
        button.click()
        expect(answer).to_be_visible()
        if word in (answer.text_content() or ""):
            break
        page.wait_for_timeout(500)
    expect(answer).to_contain_text(f"{word}: [")
    assert watch.troubles == []


def test_a_follow_code_is_made_and_drawn(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name = f"海报{int(time.time())}"
    page.goto("/official-account?tab=codes")
    settle(page)
    page.get_by_role("button", name="新建关注码").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称").fill(name)
    drawer.get_by_role("button", name=SAVE).click()
    expect(drawer).to_be_hidden()
    drawn(page.get_by_role("img", name=name))
    assert watch.troubles == []


def test_the_menu_is_edited_saved_and_published(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    name = f"新{int(time.time()) % 1000}"
    page.goto("/official-account?tab=menu")
    settle(page)
    phone = page.get_by_test_id("menu-phone")
    phone.get_by_role("button", name=re.compile("服 ?务")).click()
    page.get_by_role("button", name="附近门店").click()
    page.get_by_label("菜单名称").fill(name)
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿还没有发布")).to_be_visible()
    page.get_by_role("button", name=re.compile("^发 ?布$")).click()
    expect(page.get_by_text("草稿还没有发布")).to_be_hidden()
    expect(phone.get_by_role("button", name=name)).to_be_visible()
    assert watch.troubles == []


def test_some_fans_get_a_menu_of_their_own(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    fan = follower(page)
    page.goto("/official-account?tab=menu")
    settle(page)
    card = page.get_by_test_id("conditional-menus")
    expect(card.get_by_test_id("conditional-menu").first).to_contain_text("老客")
    rows = card.get_by_test_id("conditional-menu").count()
    card.get_by_role("button", name="新建个性化菜单").click()
    drawer = page.get_by_role("dialog")
    choose(page, drawer, "手机系统", "安卓")
    drawer.get_by_role("button", name="发布给这些粉丝").click()
    expect(drawer).to_be_hidden()
    expect(card.get_by_test_id("conditional-menu")).to_have_count(rows + 1)
    ask_for(page, card, fan)
    card.get_by_role("button", name="看他现在看到哪个").click()
    expect(card.get_by_test_id("matched-menu")).to_contain_text("安卓")
    card.get_by_test_id("conditional-menu").first.get_by_role("button").click()
    page.get_by_role("tooltip").get_by_role("button", name=re.compile("确 ?定")).click()
    expect(card.get_by_test_id("conditional-menu")).to_have_count(rows)
    assert watch.troubles == []


def test_templates_links_and_the_snippet_are_at_hand(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/official-account?tab=templates")
    settle(page)
    expect(page.get_by_text("新品上架提醒")).to_be_visible()
    page.goto("/mini-program")
    settle(page)
    page.get_by_role("button", name="生成链接").first.click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("名称").fill("秋茶短信")
    drawer.get_by_label("页面").fill("pages/autumn/index")
    drawer.get_by_role("button", name="生成链接").click()
    expect(page.get_by_text("https://wxaurl.cn/").first).to_be_visible()
    page.get_by_role("tab", name="接入代码").click()
    expect(page.get_by_text("siyu.start").first).to_be_visible()
    assert page.request.get("/sdk/siyu-mini.js").status == 200
    assert watch.troubles == []
