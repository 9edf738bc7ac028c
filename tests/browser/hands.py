"""What flows do again and again on a page: open it, choose from a list, keep its picture."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS, SCREENS, settle
from tests.browser.world import write


def answer(page: Page, words: str, customer: int) -> None:
    """Reply in the open conversation, and wait until the ledger says that the customer has it."""
    box = page.get_by_role("textbox", name="回复")
    box.fill(words)
    page.get_by_role("button", name="回复").click()
    expect(box).to_have_value("")
    until_said(page, f"/api/touches?customer_id={customer}&campaign=reply", '"state":"delivered"')


def named(word: str) -> str:
    """A name that no other run of the tests has used."""
    return f"{word}{secrets.token_hex(3)}"


def choose(page: Page, where: Page | Locator, label: str, option: str) -> None:
    """Open the list of that label, look for these words, and take the first choice with them."""
    where.get_by_label(label, exact=True).and_(where.get_by_role("combobox")).click()
    page.keyboard.insert_text(option)
    page.locator(".ant-select-dropdown:visible").get_by_text(option, exact=False).first.click()


def ask_for(page: Page, where: Page | Locator, customer: int, label: str = "客户") -> None:
    """Choose a customer by his number where one is asked for."""
    where.get_by_label(label, exact=True).and_(where.get_by_role("combobox")).click()
    page.keyboard.insert_text(str(customer))
    found = page.locator(".ant-select-dropdown:visible .ant-select-item-option")
    found.filter(has_text=re.compile(rf"#{customer}$")).click()


def look(page: Page, name: str) -> None:
    """Keep the page's picture, and see that it is not wider than the screen."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} overflows"


def drawn(picture: Locator) -> None:
    """Wait until the picture has come and can be looked at."""
    expect(picture).to_be_visible()
    expect(picture).not_to_have_js_property("naturalWidth", 0)


def show(page: Page, path: str) -> None:
    """Open a page of the console and wait until it stands."""
    page.goto(path)
    settle(page)


SEVEN_SECONDS = 7_000
ASKED = """async ([path, words, patience]) => {
  for (const end = Date.now() + patience; Date.now() < end; ) {
    const found = await (await fetch(path)).json();
    if (JSON.stringify(found).includes(words)) return found;
    await new Promise((go) => setTimeout(go, 250));
  }
  return null;
}"""


def until_said(page: Page, path: str, words: str) -> Any:
    """The API's answer at `path` as soon as it has these words: what was done elsewhere came in."""
    found = page.evaluate(ASKED, [path, words, PATIENCE_MS])
    assert found is not None, f"{path} never says {words!r}"
    return found


def assert_asked_for_until_gone(page: Page) -> None:
    """The page of what was deleted elsewhere hears of it when it asks again, and asks no more.

    The page's clock is the test's: seven seconds on it are two rounds of asking at least.
    """
    asked: list[str] = []
    path = f"/api{urlsplit(page.url).path}"
    page.on("request", lambda one: asked.append(one.url) if path in one.url else None)
    page.clock.run_for(SEVEN_SECONDS)
    expect(page.get_by_test_id("gone-state")).to_contain_text("已删除")
    assert asked, "it asked again"
    page.wait_for_load_state("networkidle")
    asked.clear()
    page.clock.run_for(SEVEN_SECONDS)
    page.wait_for_load_state("networkidle")
    assert not asked, "it is asked for no more"


def customer_of(page: Page, name: str) -> int:
    """The customer of that name, once Siyu knows him."""
    return int(until_said(page, f"/api/customers?q={name}", name)["items"][0]["id"])


@contextmanager
def without_quiet_hours(page: Page) -> Iterator[None]:
    """Messages leave at any hour of the day the tests happen to run."""
    kept = page.request.get("/api/reach/policy").json()
    write(page, "PUT", "/api/reach/policy", {**kept, "quiet_start": "00:00", "quiet_end": "00:00"})
    try:
        yield
    finally:
        write(page, "PUT", "/api/reach/policy", kept)
