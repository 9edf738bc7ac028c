"""Something breaks at a platform, and the self-check page says what and what to do."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENS, Look, Open, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ADVICE = "把本机出口 IP 加入公众平台的「IP 白名单」"


def sandbox_of(page: Page) -> tuple[str, str]:
    """Where the demo's platforms are, and the id of its official account."""
    items = page.request.get("/api/accounts").json()["items"]
    account = next(one for one in items if one["platform"] == "wechat_oa")
    return account["base_url"].removesuffix("/wechat_oa"), account["remote_id"]


def control(root: str, path: str, **body: Any) -> None:
    """Somebody does something to the platforms."""
    request = Request(f"{root}/_sandbox/{path}", json.dumps(body).encode(), method="POST")
    with urlopen(request, timeout=20) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("look", [Look(), Look("phone", "dark")], ids=lambda look: look.name)
def test_a_blocked_address_is_named_until_it_is_let_in(sign_in: Open, look: Look) -> None:
    page, watch = sign_in(look)
    root, appid = sandbox_of(page)
    control(root, "wechat_oa/knobs", appid=appid, blocked_ip="198.51.100.7")
    try:
        page.goto("/doctor")
        expect(page.get_by_text(ADVICE)).to_be_visible()
        expect(page.get_by_text("198.51.100.7")).to_be_visible()
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=SCREENS / f"self-check-{look.name}.png", full_page=True)
    finally:
        control(root, "wechat_oa/knobs", appid=appid, blocked_ip="")
    page.get_by_role("button", name="重新检查").click()
    expect(page.get_by_text(ADVICE)).to_be_hidden()
    assert watch.troubles == []


def test_a_busy_platform_is_no_matter_of_secrets(sign_in: Open) -> None:
    page, watch = sign_in(Look())
    root, _ = sandbox_of(page)
    control(root, "bad_days", busy=1.0, only="/wechat_oa")
    try:
        page.goto("/doctor")
        expect(page.get_by_text("微信繁忙 (微信 -1)")).to_be_visible()
        expect(page.get_by_text("会自动重试; 持续超过十分钟时请看平台的公告")).to_be_visible()
    finally:
        control(root, "bad_days", busy=0.0, only="")
    page.get_by_role("button", name="重新检查").click()
    expect(page.get_by_text("微信繁忙 (微信 -1)")).to_be_hidden()
    assert watch.troubles == []
