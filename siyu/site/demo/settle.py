"""Waits until Siyu has worked off everything that is due."""

from __future__ import annotations

import time
from collections.abc import Callable

from siyu.core.intake import inbox_status
from siyu.core.runtime import runtime
from siyu.guides import queries as guides
from siyu.journeys import queries as journeys
from siyu.kernel.errors import SiyuError
from siyu.reach import queries as reach

LOOK_SECONDS = 0.03
PATIENCE_SECONDS = 60.0


def find_open(sandbox_url: str) -> str:
    """Where work that is due now waits, "" when nowhere; looked at in the order of its flow."""
    now = runtime().clock.now()
    counts: dict[str, Callable[[], int]] = {
        "callbacks": lambda: _count_callbacks(sandbox_url),
        "inbox": lambda: inbox_status().pending,
        "fetches": lambda: guides.count_pending(now),
        "journeys": lambda: journeys.count_due(now),
        "touches": lambda: reach.count_open(now),
    }
    return next((name for name, count in counts.items() if count()), "")


def wait_until_settled(sandbox_url: str) -> None:
    """Return when two looks in a row find nothing due; SiyuError after a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    quiet = 0
    while quiet < 2:
        waiting = find_open(sandbox_url)
        quiet = 0 if waiting else quiet + 1
        if time.monotonic() > deadline:
            raise SiyuError("demo.stuck", f"一分钟内没有处理完: {waiting}")
        if quiet < 2:
            time.sleep(LOOK_SECONDS)


def _count_callbacks(sandbox_url: str) -> int:
    answer = runtime().http.request("GET", f"{sandbox_url}/_sandbox/callbacks", is_safe=True)
    return int(answer.json()["pending"])
