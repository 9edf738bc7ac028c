"""Names written to WeCom, segments of group members, and codes made elsewhere, in Chromium."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look, Open, settle
from tests.browser.test_pages import overflow_of
from tests.browser.test_segments import ADD, SAVE, choose, photograph, unique, write
from tests.browser.world import account_of, in_sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PHONE = Look("phone", "dark")


def _rename(page: Page, before: str, name: str) -> None:
    page.get_by_role("button", name=f"编辑 {before}", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill(name)
    dialog.get_by_role("button", name=SAVE).click()
    expect(dialog).to_have_count(0)


def test_a_renamed_tag_is_written_and_says_so(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    page.goto("/tags")
    settle(page)
    name = f"高意向{time.time_ns() % 10_000}"
    _rename(page, "高意向", name)
    line = page.get_by_test_id("name-sync").filter(has_text=f"“高意向” 改为 “{name}”")
    expect(line.get_by_text("已写入")).to_be_visible(timeout=30_000)
    photograph(page, "tag-renamed")
    _rename(page, name, "高意向")
    back = page.get_by_test_id("name-sync").filter(has_text=f"“{name}” 改为 “高意向”")
    expect(back.get_by_text("已写入")).to_be_visible(timeout=30_000)
    assert not watch.troubles
    phone, _ = sign_in(PHONE)
    phone.goto("/tags")
    settle(phone)
    photograph(phone, "tag-renamed-phone")
    assert overflow_of(phone) == 0


def test_a_segment_of_group_members_is_built_by_the_groups_name(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    group = page.request.get("/api/groups?limit=1").json()["items"][0]
    page.goto("/segments/new")
    settle(page)
    page.get_by_label("人群名称").fill(unique("在群里"))
    root = page.get_by_test_id("condition-group").first
    root.get_by_role("button", name=ADD).last.click()
    page.locator(".ant-drawer-open [data-field='in_group:group_id']").click()
    row = root.get_by_test_id("condition").last
    expect(page.get_by_test_id("sentence")).to_contain_text("在社群「任一社群」里")
    choose(row.get_by_label("值", exact=True), group["name"])
    expect(page.get_by_test_id("sentence")).to_contain_text(f"在社群「{group['name']}」里")
    expect(page.get_by_test_id("live-count")).to_be_visible()
    photograph(page, "segment-in-group")
    page.get_by_role("button", name=SAVE).click()
    expect(page).to_have_url(re.compile(r"/segments/\d+$"))
    assert not watch.troubles


def test_a_code_made_elsewhere_is_listed_after_a_pull(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    note = f"旧海报{time.time_ns() % 10_000}"
    userid = next(
        staff
        for code in page.request.get("/api/live-codes").json()["items"]
        if code["platform"] == "wecom"
        for staff in code["staff"]
    )
    in_sandbox(page, "wecom", "make_way", userids=[userid], remark=note, state="old")
    account = account_of(page, "wecom")["key"]
    listed = page.get_by_test_id("foreign-codes").get_by_text(note)
    for _ in range(30):
        write(page, f"/api/accounts/{account}/sync", {})
        page.goto("/live-codes")
        settle(page)
        if listed.count():
            break
        page.wait_for_timeout(1000)
    expect(listed).to_be_visible()
    photograph(page, "foreign-codes")
    assert not watch.troubles
    phone, _ = sign_in(PHONE)
    phone.goto("/live-codes")
    settle(phone)
    photograph(phone, "foreign-codes-phone")
    assert overflow_of(phone) == 0
