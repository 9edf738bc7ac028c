"""Every page, on a desk and on a phone, light and dark, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SCREENS, Look, Open, Watch, row_id, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PAGES = {
    "overview": "/",
    "start": "/start",
    "insight": "/insight",
    "customers": "/customers",
    "customer": "/customers/{customer}",
    "customer-why": "/customers/{customer}?tab=why",
    "customer-orders": "/customers/{customer}?tab=orders",
    "customer-touches": "/customers/{customer}?tab=touches",
    "customer-channels": "/customers/{customer}?tab=channels",
    "customer-traits": "/customers/{customer}?tab=traits",
    "conflicts": "/conflicts",
    "decisions": "/conflicts?tab=decided",
    "poison": "/conflicts?tab=poison",
    "identity-rules": "/conflicts?tab=rules",
    "segments": "/segments",
    "segment": "/segments/{segment}",
    "segment-members": "/segments/{segment}?tab=members",
    "segment-growth": "/segments/{segment}?tab=growth",
    "segment-explain": "/segments/{segment}?tab=explain",
    "segment-new": "/segments/new",
    "segment-overlap": "/segments/overlap?ids={segment},{other_segment}",
    "segment-upload": "/segments/upload",
    "tags": "/tags",
    "tag-batches": "/tags?tab=batches",
    "tag-rules": "/tag-rules",
    "custom-fields": "/custom-fields",
    "orders": "/orders",
    "imports": "/imports",
    "exports": "/exports",
    "journeys": "/journeys",
    "journey": "/journeys/{journey}",
    "broadcasts": "/broadcasts",
    "broadcast": "/broadcasts/{broadcast}",
    "broadcast-new": "/broadcasts/new",
    "moments": "/moments",
    "moment": "/moments/{moment}",
    "touches": "/touches",
    "conversations": "/conversations",
    "conversation": "/conversations/{conversation}",
    "live-codes": "/live-codes",
    "groups": "/groups",
    "group": "/groups/{group}",
    "group-codes": "/groups?tab=codes",
    "group-keywords": "/groups?tab=keywords",
    "group-invitations": "/groups?tab=invitations",
    "group-duplicates": "/groups?tab=duplicates",
    "group-welcomes": "/groups?tab=welcomes",
    "desks": "/desks",
    "live-code": "/live-codes/{code}",
    "links": "/live-codes?tab=link",
    "store-codes": "/live-codes?tab=stores",
    "welcomes": "/live-codes?tab=welcomes",
    "presence": "/live-codes?tab=staff",
    "official-account": "/official-account",
    "follow-codes": "/official-account?tab=codes",
    "menu": "/official-account?tab=menu",
    "templates": "/official-account?tab=templates",
    "mini-program": "/mini-program",
    "guides": "/guides",
    "guide-cards": "/guide-cards",
    "rewards": "/rewards",
    "sandbox": "/sandbox",
    "stores": "/stores",
    "transfers": "/transfers",
    "losses": "/losses",
    "scripts": "/scripts",
    "accounts": "/accounts",
    "doctor": "/doctor",
    "write-keys": "/write-keys",
    "users": "/users",
    "audit": "/audit",
    "query": "/query",
    "settings": "/settings",
}
PLACEHOLDERS = re.compile(r"lorem|ipsum|TODO|FIXME|undefined|NaN|\[object Object\]|Invalid Date")
LOOKS = (
    Look("desktop", "light", "zh"),
    Look("desktop", "dark", "en"),
    Look("phone", "light", "zh"),
    Look("phone", "dark", "en"),
)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_page_is_whole(sign_in: Open, look: Look) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page, watch = sign_in(look)
    ids = ids_of(page)
    troubles = [
        f"{name}: {trouble}"
        for name, path in PAGES.items()
        for trouble in look_at(page, watch, name, path.format(**ids), look)
    ]
    assert not troubles, "\n".join(troubles)


def test_login_page_is_whole(open_page: Open) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    for look in LOOKS:
        page, watch = open_page(look)
        page.goto("/")
        page.locator("input[autocomplete=username]").wait_for()
        page.screenshot(path=SCREENS / f"login-{look.name}.png")
        assert not overflow_of(page)
        assert not watch.troubles


def look_at(page: Page, watch: Watch, name: str, path: str, look: Look) -> list[str]:
    """Open a page, keep its picture, and say what is wrong with it."""
    watch.troubles.clear()
    page.goto(path)
    settle(page)
    page.screenshot(path=SCREENS / f"{name}-{look.name}.png", full_page=True)
    found = list(watch.troubles)
    if overflow := overflow_of(page):
        found.append(f"{overflow} px wider than the screen")
    if page.get_by_test_id("error-state").count():
        found.append("shows an error")
    text = page.locator("main").inner_text()
    found += [f"placeholder {word!r}" for word in PLACEHOLDERS.findall(text)]
    if len(text.strip()) < 12:
        found.append("is empty")
    return found


def overflow_of(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


def ids_of(page: Page) -> dict[str, int]:
    """One of each thing that has a page of its own; the customer has bought."""
    return {
        "customer": row_id(page, "/api/customers?stage=loyal"),
        "segment": row_id(page, "/api/segments", -1),
        "other_segment": row_id(page, "/api/segments"),
        "journey": row_id(page, "/api/journeys", -1),
        "broadcast": row_id(page, "/api/broadcasts", -1),
        "moment": row_id(page, "/api/moments", -1),
        "group": row_id(page, "/api/groups"),
        "code": row_id(page, "/api/live-codes", -1),
        "conversation": row_id(page, "/api/conversations"),
    }
