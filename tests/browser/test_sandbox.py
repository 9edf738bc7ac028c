"""The sandbox's control page, used in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SCREENS, Look, Open, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("look", "operation", "sentences"),
    [
        (Look(), "操作", ("顾客关注这个账号。", "顾客在留资卡里留下手机号。")),
        (
            Look("phone", "dark", "en"),
            "Operation",
            ("A customer follows the account.", "A customer leaves a phone number on a card."),
        ),
    ],
    ids=["zh", "en"],
)
def test_an_operation_says_what_it_does(
    sign_in: Open, look: Look, operation: str, sentences: tuple[str, str]
) -> None:
    page, watch = sign_in(look)
    page.goto("/sandbox")
    settle(page)
    expect(page.get_by_text(sentences[0], exact=True)).to_be_visible()
    page.get_by_role("combobox", name=operation).fill("leave_card")
    page.keyboard.press("Enter")
    expect(page.get_by_text(sentences[1], exact=True)).to_be_visible()
    page.screenshot(path=SCREENS / f"sandbox-help-{look.name}.png")
    assert watch.troubles == []
