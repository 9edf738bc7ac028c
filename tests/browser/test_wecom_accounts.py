"""Connecting a second corp step by step, its pull, tags that are kept equal, and a remark."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle
from tests.browser.world import account_of, control

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CORP = f"ww{uuid.uuid4().hex[:12]}"
FIELDS = {
    "agent_id": "1000002",
    "secret": "s" * 43,
    "token": "tokentoken",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}


def at_wecom(base_url: str, operation: str, **arguments: Any) -> Any:
    return control(base_url.removesuffix("/wecom"), "wecom", operation, **arguments)


def shot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


def test_a_second_corp_is_connected_step_by_step(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    page.goto("/accounts")
    settle(page)
    base = account_of(page, "wecom")["base_url"]
    app = {key: FIELDS[key] for key in ("secret", "token", "aes_key")}
    at_wecom(base, "configure", corp_id=CORP, is_default=False, **app)
    at_wecom(base, "populate", corp_id=CORP, customers=250, staff=5, departments=2, mark="b")
    page.get_by_role("button", name="连接账号").click()
    fill_in(page, base)
    at_wecom(base, "knobs", corp_id=CORP, blocked_ip="198.51.100.7")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("在应用的「企业可信 IP」里加入该地址")).to_be_visible()
    shot(page, "account-check-failed")
    at_wecom(base, "knobs", corp_id=CORP, blocked_ip="")
    page.get_by_role("button", name="再检查一次").click()
    page.get_by_role("button", name="下一步").click()
    steps = page.get_by_role("dialog")
    expect(steps.get_by_text(f"/callbacks/wecom/{CORP}")).to_be_visible()
    shot(page, "account-callback")
    steps.get_by_role("button", name="先跳过").click()
    progress = steps.get_by_test_id("sync-progress")
    start = steps.get_by_role("button", name="开始同步")
    expect(start.or_(progress).first).to_be_visible()
    if start.is_visible():
        start.click()
    expect(progress.get_by_text("上次同步")).to_be_visible(timeout=60_000)
    expect(progress.get_by_text(re.compile("客户与好友关系 · 读到 250"))).to_be_visible()
    shot(page, "account-synced")
    steps.get_by_role("button", name=re.compile(r"完\s*成")).click()
    settle(page)
    shot(page, "accounts-two")
    assert not watch.troubles


def fill_in(page: Page, base: str) -> None:
    """The credentials of the second corp."""
    page.get_by_label("选择平台").click()
    page.locator(".ant-select-item-option[title='企业微信']").click()
    page.get_by_label("企业 ID", exact=True).wait_for()
    for label, value in {
        "名称": "第二家企业",
        "企业 ID": CORP,
        "应用 AgentId": FIELDS["agent_id"],
        "应用 Secret": FIELDS["secret"],
        "回调 Token": FIELDS["token"],
        "回调 EncodingAESKey": FIELDS["aes_key"],
        "接口地址": base,
    }.items():
        page.get_by_label(label, exact=True).fill(value)


def test_a_tag_group_is_kept_equal_and_a_remark_is_written(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    someone = find_friend(page)
    page.goto(f"/customers/{someone}")
    settle(page)
    card = page.get_by_test_id("remarks")
    card.get_by_role("button", name=re.compile("修改备注")).first.click()
    page.get_by_label("备注名").fill("王姐")
    page.get_by_label("描述").fill("爱喝红茶")
    page.get_by_role("dialog").get_by_role("button", name=re.compile(r"确\s*定")).click()
    expect(card.get_by_text("王姐")).to_be_visible()
    assert not watch.troubles
    expect(card.get_by_text("正在写入")).to_have_count(0, timeout=30_000)
    shot(page, "customer-remark")
    page.goto("/tags")
    settle(page)
    switch = page.get_by_test_id("group-sync").first.get_by_role("switch").first
    if switch.get_attribute("aria-checked") == "false":
        switch.click()
    row = page.get_by_test_id("group-sync").first
    expect(row.get_by_text(re.compile("已写入"))).to_be_visible()
    shot(page, "tags-synced")
    assert not watch.troubles


def find_friend(page: Page) -> int:
    """A customer whom a member of the demo's own staff may give a remark."""
    cursor = ""
    while True:
        found = page.request.get(f"/api/customers?platform=wecom&limit=100&cursor={cursor}").json()
        own = [one for one in found["items"] if not one["owner_staff"].startswith("bstaff")]
        for one in own:
            if page.request.get(f"/api/customers/{one['id']}/remarks").json()["items"]:
                return int(one["id"])
        cursor = found["next_cursor"]
        assert cursor, "the demo has no friends"


@pytest.mark.parametrize("path", ["accounts", "tags"])
def test_on_a_phone_and_in_the_dark(sign_in: Open, path: str) -> None:
    page, watch = sign_in(Look("phone", "dark"))
    page.goto(f"/{path}")
    settle(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    shot(page, f"{path}-phone-dark")
    assert width <= 390
    assert not watch.troubles
