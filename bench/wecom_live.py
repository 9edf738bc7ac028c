"""Callbacks at a rate, and welcome words from the callback to the platform's own books."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ingest import say, wait_until
from wecom_brand import GREETERS
from wecom_place import APP, Place, spread

from siyu.kernel.clock import SystemClock
from siyu.ports.sandbox import Callback
from siyu.sandbox.world import SandboxWorld
from tests.faults.pacing import post_all

STAFF = 20
PATIENCE = 300.0
LIFE = 20.0
"""Seconds a welcome code lives."""
UNREAD = "SELECT COUNT(*) FROM guides_fetch"
"""New friends whose profiles the platform has not been asked for."""
CAME = (
    "SELECT COUNT(*) FROM pool_relation r JOIN pool_identity i ON i.id = r.identity_id"
    " WHERE r.is_friend AND r.staff LIKE ?"
)


def call_back(place: Place, seconds: float, rate: int) -> dict[str, Any]:
    """New friends, each told by a signed and encrypted callback of its own, at a fixed rate."""
    count = round(seconds * rate)
    place.control("populate", customers=count, staff=STAFF, mark="c")
    calls = make_callbacks(count)
    told = asyncio.run(post_all(place.port, place.callback_path, calls, rate))
    posted = time.monotonic()
    wait_until(
        lambda: place.number(CAME, "cstaff%") >= told.statuses[200], "the pool", 0.1, PATIENCE
    )
    through = time.monotonic() - posted
    wait_until(lambda: place.number(UNREAD) == 0, "the profiles", 0.1, PATIENCE)
    return {
        "rate": rate,
        "count": count,
        "answered_ms": spread([1000 * one for one in told.seconds]),
        "not_accepted": count - told.statuses[200],
        "missing": count - place.number(CAME, "cstaff%"),
        "through_after_s": round(through, 1),
        "profiles_after_s": round(time.monotonic() - posted, 1),
    }


def make_callbacks(count: int) -> list[Callback]:
    """What the platform says of customers it already knows, made by a twin of it."""
    world = SandboxWorld(SystemClock(), platforms=["wecom"])
    world.control("wecom", "configure", {**APP, "callback_url": "http://127.0.0.1:9/"})
    staff = [{"userid": f"cstaff{number}"} for number in range(STAFF)]
    world.control("wecom", "add_staff", {"staff": staff})
    for number in range(count):
        who = {"userid": f"cstaff{number % STAFF}", "unionid": f"c-union-{number}"}
        world.control("wecom", "add_friend", {**who, "name": f"客户{number}"})
    return [callback for _, callback in world.outbox]


def welcome(place: Place, seconds: float, rate: int) -> dict[str, Any]:
    """Friends come at a rate; how long each waited for his welcome, by the platform's books."""
    staff = GREETERS
    place.control("add_staff", staff=[{"userid": one, "name": f"导购{one}"} for one in staff])
    count = round(seconds * rate)
    before = len(welcomes(place))
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        who = {"userid": staff[number % len(staff)], "unionid": f"w-union-{number}"}
        place.control("add_friend", **who, name=f"客户{number}")
    deadline = time.monotonic() + LIFE + 1
    while len(welcomes(place)) < before + count and time.monotonic() < deadline:
        time.sleep(0.5)
    got = welcomes(place)[before:]
    say(f"welcomes: {len(got)} of {count}")
    plain = set(staff[::2])
    return {
        "rate": rate,
        "friends": count,
        "share_in_20_s": round(len(got) / count, 4),
        "duplicates": place.witness()["duplicates"],
        "welcome_ms": spread([one["waited_ms"] for one in got]),
        "without_name_ms": spread([o["waited_ms"] for o in got if o["userid"] in plain]),
        "with_name_ms": spread([o["waited_ms"] for o in got if o["userid"] not in plain]),
    }


def welcomes(place: Place) -> list[dict[str, Any]]:
    """Every welcome a customer received."""
    items = place.control("delivered")["items"]
    return [one for one in items if one["kind"] == "welcome"]
