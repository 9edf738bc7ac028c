"""A corp pulled in full, and what its guides' pages take then."""

from __future__ import annotations

import json
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from ingest import BATCH, batches, make_requests, post_all, wait_until, worked_off
from wecom_brand import PASSWORD
from wecom_place import Place, spread

PULL_PATIENCE = 3_600.0
PER_DEPARTMENT = 20
BUYERS = 5
"""Every fifth customer bought something."""
SCOPES = ("all", "region", "store", "self")
SORTS = ("revenue_fen", "customers", "added", "lost", "replied_percent", "conversion")
PULLED = "SELECT COUNT(*) FROM guides_sync WHERE state = 'done'"
FRIENDS = "SELECT COUNT(*) FROM pool_relation WHERE is_friend"
UNIONIDS = (
    "SELECT i.value, COUNT(*) FROM pool_relation r"
    " JOIN pool_identity i ON i.customer_id = r.customer_id AND i.namespace = 'wx_unionid'"
    " WHERE r.is_friend GROUP BY 1"
)


def settle(place: Place, customers: int, guides: int) -> None:
    """A corp that lived before we came."""
    departments = max(2, guides // PER_DEPARTMENT)
    place.control("populate", customers=customers, staff=guides, departments=departments)


def pull(place: Place, customers: int) -> dict[str, Any]:
    """The first pull, which the worker begins by itself, until everybody is in the pool."""
    started = time.monotonic()
    wait_until(lambda: place.number(PULLED) > 0, "the pull", 0.1, PULL_PATIENCE)
    pulled, calls = time.monotonic() - started, place.witness()["calls"]
    wait_until(lambda: place.number(FRIENDS) >= customers, "the pool", 0.1, PULL_PATIENCE)
    seconds, peak = time.monotonic() - started, place.peak_mb()
    found = dict(place.rows(UNIONIDS))
    wanted = {f"p-union-{number}" for number in range(customers)}
    people = place.number("SELECT COUNT(*) FROM pool_customer")
    twice = sum(count - 1 for count in found.values())
    return {
        "calls": calls,
        "pulled_s": round(pulled, 1),
        "seconds": round(seconds, 1),
        "customers_per_s": round(customers / seconds),
        "missing": len(wanted - found.keys()),
        "duplicates": twice + max(0, people - customers),
        "peak_mb": peak,
    }


def buy(place: Place, customers: int, key: str) -> int:
    """Orders of the last days through the front door; returns how many."""
    buyers = range(0, customers // BATCH * BATCH, BUYERS)
    now = datetime.now(UTC)
    events = [
        {
            "type": "track",
            "event": "Order Completed",
            "messageId": f"order-{buyer}",
            "userId": f"buyer-{buyer}",
            "timestamp": (now - timedelta(minutes=buyer % 40_000)).isoformat(),
            "context": {
                "externalIds": [
                    {
                        "id": f"p-union-{buyer}",
                        "type": "wx_unionid",
                        "collection": "users",
                        "encoding": "none",
                    }
                ]
            },
            "properties": {"order_id": f"order-{buyer}", "revenue": 19.9 + buyer % 300},
        }
        for buyer in buyers
    ]
    before = worked_off(place.home)
    post_all(place.port, make_requests(batches(events), "/v1/batch", key), 2)
    wait_until(lambda: worked_off(place.home) >= before + len(events), "the orders")
    return len(events)


def look(place: Place, times: int) -> dict[str, Any]:
    """The guides' figures and the customer list over HTTP, for every data scope."""
    guides, customers, counted = {}, {}, {}
    for scope in SCOPES:
        with closing(sign_in(place, scope)) as person:
            ranked = [{"days": 30, "sort": sort} for sort in SORTS]
            guides[scope] = time_of(person, "/guides/figures", ranked, times)
            pages = [{"limit": 50}, {"limit": 50, "platform": "wecom"}, {"limit": 50, "q": "客户1"}]
            customers[scope] = time_of(person, "/customers", pages, times)
            counted[scope] = time_of(person, "/customers/count", [{}], times)
    with closing(sign_in(place, "all")) as person:
        stores = time_of(person, "/stores/figures", [{"days": 30}], times)
    return {
        "guides_ms": guides,
        "stores_ms": stores,
        "customers_ms": customers,
        "count_ms": counted,
    }


def sign_in(place: Place, username: str) -> httpx.Client:
    """A session of the person of that scope."""
    base = f"http://127.0.0.1:{place.port}/api"
    person = httpx.Client(base_url=base, timeout=60, trust_env=False)
    answer = person.post("/session", json={"username": username, "password": PASSWORD})
    answer.raise_for_status()
    return person


def time_of(
    person: httpx.Client, path: str, queries: list[dict[str, Any]], times: int
) -> dict[str, float]:
    """Milliseconds of each whole answer, queries in turn; the first of each warms up."""
    took = []
    for number in range(-len(queries), times):
        started = time.perf_counter()
        answer = person.get(path, params=queries[number % len(queries)])
        answer.raise_for_status()
        json.loads(answer.content)
        if number >= 0:
            took.append(1000 * (time.perf_counter() - started))
    return spread(took)
