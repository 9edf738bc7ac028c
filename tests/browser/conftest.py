"""A real Chromium against a running demo: `SIYU_E2E_URL`, signed in as its owner."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.demo.running import read_report, start_demo

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {
    "desktop": ViewportSize(width=1440, height=900),
    "phone": ViewportSize(width=390, height=844),
}
SCREENS = Path(__file__).parents[2] / "artifacts" / "screens"
PATIENCE_MS = 30_000
STILL_MS = 200
COUNT_REQUESTS = """(() => {
  const ask = window.fetch.bind(window);
  window.underWay = 0;
  window.fetch = async (...of) => {
    window.underWay += 1;
    try { return await ask(...of); } finally { window.underWay -= 1; }
  };
})()"""
IS_STILL = """([turn, still]) => {
  const at = Date.now();
  const isBusy =
    window.underWay > 0 ||
    !document.querySelector(".content h1") ||
    document.querySelector(".ant-skeleton");
  if (isBusy || window.quiet?.turn !== turn) window.quiet = { turn, at };
  return !isBusy && at - window.quiet.at >= still;
}"""
expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    device: str = "desktop"
    mode: str = "light"
    language: str = "zh"

    @property
    def name(self) -> str:
        return f"{self.device}-{self.mode}-{self.language}"


@dataclass
class Watch:
    """What went wrong on a page while it was watched."""

    troubles: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.troubles.append(f"exception: {error}"))
        page.on(
            "console",
            lambda message: (
                self.troubles.append(f"{message.type}: {message.text}")
                if message.type in {"error", "warning"} and "401" not in message.text
                else None
            ),
        )
        page.on("response", self._heard)

    def _heard(self, response: Response) -> None:
        is_session = response.url.endswith("/api/session")
        if response.status >= 400 and not (is_session and response.status == 401):
            self.troubles.append(f"{response.status} {response.request.method} {response.url}")


@pytest.fixture(scope="session")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo brand of 300 people, or the running one that SIYU_E2E_URL names."""
    given = os.environ.get("SIYU_E2E_URL", "")
    if given:
        yield given.rstrip("/")
        return
    demo = start_demo(tmp_path_factory.mktemp("browser") / "demo", "--customers", "300")
    yield str(read_report(demo)["url"])
    demo.terminate()
    assert demo.wait(60) == 0


@pytest.fixture(scope="session")
def owner() -> tuple[str, str]:
    """Name and password of the demo's owner."""
    return (
        os.environ.get("SIYU_E2E_USER", "owner"),
        os.environ.get("SIYU_E2E_PASSWORD", "camellia-demo"),
    )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("SIYU_E2E_CHROMIUM", "/usr/bin/chromium"),
            args=ARGUMENTS,
        )
        yield browser
        browser.close()


Open = Callable[[Look], tuple[Page, Watch]]


@pytest.fixture
def open_page(chromium: Browser, demo_url: str) -> Iterator[Open]:
    """Opens a browser that nobody signed in to."""
    contexts: list[BrowserContext] = []

    def start(look: Look) -> tuple[Page, Watch]:
        context = chromium.new_context(
            viewport=SIZES[look.device],
            base_url=demo_url,
            locale="zh-CN",
            reduced_motion="reduce",
        )
        contexts.append(context)
        kept = f'{{"language":"{look.language}","mode":"{look.mode}"}}'
        context.add_init_script(COUNT_REQUESTS)
        context.add_init_script(
            f"localStorage.getItem('siyu.preferences') || "
            f"localStorage.setItem('siyu.preferences', '{kept}')"
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        watch = Watch()
        watch.attach(page)
        return page, watch

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pass_of_owner() -> list[Any]:
    """The cookies of the owner's session, once the first test went through the door."""
    return []


@pytest.fixture
def sign_in(open_page: Open, owner: tuple[str, str], pass_of_owner: list[Any]) -> Open:
    """Opens the console as the owner; who signs out opens a session of his own."""

    def start(look: Look) -> tuple[Page, Watch]:
        page, watch = open_page(look)
        if pass_of_owner:
            page.context.add_cookies(pass_of_owner)
            page.goto("/", wait_until="commit")
        else:
            sign_in_as(page, *owner)
            pass_of_owner.extend(page.context.cookies())
        return page, watch

    return start


def sign_in_as(page: Page, username: str, password: str) -> None:
    """Through the door, until the frame stands."""
    page.goto("/")
    page.locator("input[autocomplete=username]").fill(username)
    page.locator("input[autocomplete=current-password]").fill(password)
    page.keyboard.press("Enter")
    page.locator(".topbar").wait_for()


def settle(page: Page) -> None:
    """Until the page has its heading and for `STILL_MS` nothing was being loaded."""
    page.wait_for_function(IS_STILL, arg=[str(time.monotonic_ns()), STILL_MS], polling=30)


def row_id(page: Page, path: str, index: int = 0) -> int:
    """The id of a row of the API's page at `path`: the first, or with -1 the last."""
    answer = page.request.get(path)
    assert answer.ok, f"{path}: {answer.status}"
    items = answer.json()["items"]
    assert items, f"{path} is empty: the tests need a demo that has been lived through"
    return int(items[index]["id"])


def follower(page: Page, channel: str = "wechat_oa") -> int:
    """Somebody who can be reached there: who follows the official account, unless told."""
    token = page.request.get("/api/session").json()["csrf_token"]
    fans = {"op": "reachable", "channel": channel, "has": True}
    body = {"definition": {"version": 1, "root": fans}}
    answer = page.request.post("/api/segments/preview", data=body, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()
    return int(answer.json()["sample"][0]["id"])
