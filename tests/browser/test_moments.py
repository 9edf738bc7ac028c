"""Moments that somebody else deleted, seen in Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SCREENS, Look, Open, settle
from tests.browser.hands import assert_asked_for_until_gone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark")], ids=lambda look: look.name)
def test_a_moment_deleted_elsewhere_says_so_and_is_asked_for_no_more(
    sign_in: Open, look: Look
) -> None:
    page, _ = sign_in(look)
    page.clock.install()
    page.goto("/moments")
    settle(page)
    page.get_by_role("button", name=re.compile("新建朋友圈$")).click()
    page.get_by_label("名称 (只有同事看得到)").fill("别处删除")
    page.get_by_label("文案").fill("雾散")
    page.locator(".ant-drawer").get_by_role("button", name=re.compile("保.?存")).click()
    expect(page.get_by_test_id("moment-numbers")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="删除草稿").click()
    expect(other).to_have_url(re.compile("/moments$"))
    assert_asked_for_until_gone(page)
    page.screenshot(path=SCREENS / f"moment-gone-{look.name}.png")
    page.get_by_role("button", name="返回朋友圈").click()
    expect(page).to_have_url(re.compile("/moments$"))
