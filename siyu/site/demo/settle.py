"""Waits until Siyu has worked off everything that is due."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from siyu.core.intake import inbox_status
from siyu.core.runtime import runtime
from siyu.fans import orders as store_orders
from siyu.groups import reading as groups
from siyu.guides import queries as guides
from siyu.journeys import queries as journeys
from siyu.kernel.errors import SiyuError
from siyu.moments import queries as moments
from siyu.payments import queries as payments
from siyu.reach import queries as reach

Count = Callable[[], int]
LOOK_SECONDS = 0.025
PATIENCE_SECONDS = 120.0


def wait_until_settled(
    sandbox_url: str, *, is_last: bool = False, is_patient: bool = False
) -> None:
    """Return when two looks in a row find nothing due; SiyuError when for two minutes nothing moved.

    While work waits in one place only that place is looked at again. is_last: wait also for
    what may as well be done in the next step, for there is none. is_patient: wait also for what
    the platform takes its time with, which costs seconds of a step and is given up after a day.
    """
    counts = _counts(sandbox_url) | (_last_counts() if is_last else {})
    if is_patient:
        clock = runtime().clock
        counts["moments"] = lambda: moments.count_making(clock.now())
    quiet = 0
    while quiet < 2:
        waiting = next((name for name, count in counts.items() if count()), "")
        quiet = 0 if waiting else quiet + 1
        if waiting:
            _wait_for(waiting, counts[waiting])


def _wait_for(name: str, count: Count) -> None:
    fewest, deadline = math.inf, 0.0
    while left := count():
        if left < fewest:
            fewest, deadline = left, time.monotonic() + PATIENCE_SECONDS
        if time.monotonic() > deadline:
            raise SiyuError("demo.stuck", f"两分钟内没有进展: {name} 还有 {left}")
        time.sleep(LOOK_SECONDS)


def _counts(sandbox_url: str) -> dict[str, Count]:
    """How much of what is due waits where, in the order in which work flows."""
    clock = runtime().clock
    return {
        "callbacks": lambda: _count_callbacks(sandbox_url),
        "inbox": lambda: inbox_status().pending,
        "fetches": lambda: guides.count_pending(clock.now()),
        "store orders": lambda: store_orders.count_due(clock.now()),
        "guide cards": lambda: payments.count_unassigned(clock.now()),
        "journeys": lambda: journeys.count_due(clock.now()),
        "touches": lambda: reach.count_open(clock.now()),
    }


def _last_counts() -> dict[str, Count]:
    clock = runtime().clock
    return {
        "pulls": lambda: guides.count_pulls(clock.now()),
        "take-overs": lambda: guides.count_take_overs(clock.now()),
        "groups": lambda: groups.count_due(clock.now()),
    }


def _count_callbacks(sandbox_url: str) -> int:
    answer = runtime().http.request("GET", f"{sandbox_url}/_sandbox/callbacks", is_safe=True)
    return int(answer.json()["pending"])
