"""Waits until Siyu has worked off everything that is due."""

from __future__ import annotations

import time

from siyu.core.intake import inbox_status
from siyu.core.runtime import runtime
from siyu.guides import queries as guides
from siyu.journeys import queries as journeys
from siyu.kernel.errors import SiyuError
from siyu.reach import queries as reach

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 60.0


def count_open(sandbox_url: str) -> dict[str, int]:
    """Work that is due now, by where it waits, in the order in which it flows."""
    now = runtime().clock.now()
    callbacks = runtime().http.request("GET", f"{sandbox_url}/_sandbox/callbacks", is_safe=True)
    return {
        "callbacks": int(callbacks.json()["pending"]),
        "inbox": inbox_status().pending,
        "fetches": guides.count_pending(now),
        "journeys": journeys.count_due(now),
        "touches": reach.count_open(now),
    }


def wait_until_settled(sandbox_url: str) -> None:
    """Return when two looks in a row find nothing due; SiyuError after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    quiet = 0
    while quiet < 2:
        waiting = count_open(sandbox_url)
        quiet = 0 if any(waiting.values()) else quiet + 1
        if time.monotonic() > deadline:
            raise SiyuError("demo.stuck", f"一分钟内没有处理完: {waiting}")
        if quiet < 2:
            time.sleep(LOOK_SECONDS)
