"""From an event over HTTP to the entry into a journey, while half of the full load comes in.

A segment asks for an event, a journey lets in whoever becomes a member. The clock of a person
starts when the event is posted and stops when another connection to the database sees the entry.
"""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

EVENT = "Coupon Claimed"
SHARE = 0.01
"""Of the events let somebody in."""
PATIENCE = 30.0
DEFINITION = {
    "version": 1,
    "root": {"op": "event", "name": "coupon_claimed", "measure": "count", "cmp": "gte", "value": 1},
}
MAKE = f"""
from siyu.site.boot import boot
boot()
from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.journeys import actions as journeys
from siyu.segments import actions as segments
now = runtime().clock.now()
segment = segments.create_segment(SYSTEM, "claimed", {DEFINITION!r}, now=now)
node = {{"id": "mark", "kind": "tag", "group": "bench", "name": "claimed", "next": None}}
trigger = {{"kind": "segment", "segment_id": segment}}
definition = {{"version": 1, "trigger": trigger, "start": "mark", "nodes": [node]}}
journey = journeys.create_journey(SYSTEM, "claimed", definition, now=now)
journeys.publish_journey(SYSTEM, journey, now=now)
"""


def make_journey(environment: dict[str, str], root: Path) -> None:
    """The segment and the journey, in the home of the environment."""
    subprocess.run(
        [sys.executable, "-c", MAKE], env=environment, cwd=root, check=True, stdout=sys.stderr
    )


def mark_claims(events: list[dict[str, Any]]) -> int:
    """Make some of the events claims, each of somebody else; returns how many."""
    step, seen, claims = round(1 / SHARE), set(), 0
    for place in range(0, len(events), step):
        event = events[place]
        if event["type"] == "track" and event["userId"] not in seen:
            seen.add(event["userId"])
            event |= {"event": EVENT, "properties": {}}
            claims += 1
    return claims


class Watcher(threading.Thread):
    """Sees entries as another reader of the database does; `seen` = user id → monotonic time."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self._home = home
        self._done = threading.Event()
        self.seen: dict[str, float] = {}

    def run(self) -> None:
        file = sqlite3.connect(f"file:{self._home / 'siyu.db'}?mode=ro", uri=True, timeout=30)
        last = 0
        while not self._done.wait(0.01):
            rows = file.execute(
                "SELECT e.id, i.value FROM journeys_entry e JOIN pool_identity i"
                " ON i.customer_id = e.customer_id AND i.namespace = 'user_id' WHERE e.id > ?",
                (last,),
            ).fetchall()
            now = time.monotonic()
            for number, user in rows:
                last = max(last, number)
                self.seen.setdefault(user, now)
        file.close()

    def wait_for(self, count: int) -> None:
        """Until so many were seen, but not for ever: who is missing is told by `summarise`."""
        deadline = time.monotonic() + PATIENCE
        while len(self.seen) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        self._done.set()
        self.join()


def post_paced(ask: Any, requests: list[bytes], batches: list[list[str]], rate: float) -> dict:
    """Post batches at `rate` events a second; user id of a claim → when it was posted."""
    posted: dict[str, float] = {}
    started, sent = time.monotonic(), 0
    for request, claimants in zip(requests, batches, strict=True):
        pause = started + sent / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        now = time.monotonic()
        posted |= {user: posted.get(user, now) for user in claimants}
        sent += ask(request)["accepted"]
    return posted


def claimants_of(events: list[dict[str, Any]], batch: int) -> list[list[str]]:
    """Who claims in each batch."""
    return [
        [event["userId"] for event in events[start : start + batch] if event.get("event") == EVENT]
        for start in range(0, len(events), batch)
    ]


def summarise(posted: dict[str, float], seen: dict[str, float]) -> dict[str, float]:
    """Percentiles in milliseconds, and how many never came in."""
    taken = sorted((seen[user] - at) * 1000 for user, at in posted.items() if user in seen)
    if len(taken) < 2:
        raise RuntimeError(f"only {len(taken)} of {len(posted)} came into the journey")
    return {
        "p50": round(statistics.median(taken)),
        "p95": round(taken[int(len(taken) * 0.95)]),
        "max": round(taken[-1]),
        "entries": len(taken),
        "missing": len(posted) - len(taken),
    }
