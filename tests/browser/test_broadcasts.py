"""Broadcasts and moments, done in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Open, follower, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DESK = Look()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.locator(".ant-select-dropdown:visible").get_by_text(option, exact=False).first.click()


def save_draft(page: Page, name: str) -> None:
    """What is written so far is kept as a draft, and its page opens."""
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("heading", name=re.compile(name))).to_be_visible()


def test_a_broadcast_is_written_tried_and_submitted(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    segment = page.request.get("/api/segments").json()["items"][0]
    page.goto("/broadcasts/new")
    settle(page)
    page.get_by_label("名称 (只有同事看得到)").fill("浏览器群发")
    page.get_by_label("文案").fill("新茶到店，来喝第一泡")
    expect(page.get_by_test_id("phone")).to_contain_text("新茶到店，来喝第一泡")
    choose(page, "人群", segment["name"])
    page.get_by_role("button", name=re.compile("试.?算")).click()
    expect(page.get_by_test_id("dry-run")).to_contain_text("会收到")
    save_draft(page, "浏览器群发")
    expect(page.get_by_test_id("layers")).to_be_visible()
    page.get_by_role("button", name="删除草稿").click()
    expect(page).to_have_url(re.compile("/broadcasts$"))
    assert not watch.troubles


def test_a_draft_deleted_elsewhere_says_so_and_is_asked_for_no_more(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    segment = page.request.get("/api/segments").json()["items"][0]
    page.goto("/broadcasts/new")
    settle(page)
    page.get_by_label("名称 (只有同事看得到)").fill("别处删除")
    page.get_by_label("文案").fill("新茶到店")
    choose(page, "人群", segment["name"])
    save_draft(page, "别处删除")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="删除草稿").click()
    expect(other).to_have_url(re.compile("/broadcasts$"))
    expect(page.get_by_test_id("gone-state")).to_contain_text("已删除")
    heard = len(watch.troubles)
    page.wait_for_timeout(7_000)
    assert len(watch.troubles) == heard, "it is asked for no more"
    page.get_by_role("button", name="返回群发").click()
    expect(page).to_have_url(re.compile("/broadcasts$"))


def test_an_article_is_shown_to_one_fan_and_kept_for_all(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    segment = page.request.get("/api/segments").json()["items"][0]
    page.goto("/broadcasts/new")
    settle(page)
    page.get_by_label("名称 (只有同事看得到)").fill("图文群发")
    choose(page, "账号与渠道", "公众号群发")
    expect(page.get_by_text("一条消息只能是一段文字")).to_be_visible()
    page.get_by_role("button", name="加附件").click()
    kinds = page.locator(".ant-dropdown:visible").get_by_role("menuitem")
    expect(kinds).to_have_text(["图片", "图文 (草稿箱)"])
    kinds.filter(has_text="图文").click()
    choose(page, "图文", "雾里采茶")
    expect(page.get_by_test_id("phone")).to_contain_text("雾里采茶")
    choose(page, "人群", segment["name"])
    trial = page.get_by_test_id("trial")
    trial.get_by_label("客户编号").fill(str(follower(page)))
    trial.get_by_role("button", name="发给他看").click()
    expect(page.get_by_text("已发到他的手机")).to_be_visible()
    save_draft(page, "图文群发")
    page.get_by_role("button", name="删除草稿").click()
    expect(page).to_have_url(re.compile("/broadcasts$"))
    assert not watch.troubles


def test_the_demos_broadcast_shows_its_layers_and_staff(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/broadcasts")
    page.get_by_text("秋茶上新预告").first.click()
    expect(page.get_by_test_id("layer-delivered")).to_be_visible()
    expect(page.get_by_test_id("senders").locator("tbody tr.ant-table-row").first).to_be_visible()
    assert not watch.troubles


def test_a_moment_is_estimated_and_kept(sign_in: Open) -> None:
    page, watch = sign_in(DESK)
    page.goto("/moments")
    settle(page)
    page.get_by_role("button", name=re.compile("新建朋友圈$")).click()
    page.get_by_label("名称 (只有同事看得到)").fill("浏览器朋友圈")
    page.get_by_label("文案").fill("雾起")
    expect(page.get_by_test_id("moment-estimate")).to_contain_text("预计")
    page.locator(".ant-drawer").get_by_role("button", name=re.compile("保.?存")).click()
    expect(page.get_by_test_id("moment-numbers")).to_be_visible()
    page.get_by_role("button", name="删除草稿").click()
    expect(page).to_have_url(re.compile("/moments$"))
    assert not watch.troubles
