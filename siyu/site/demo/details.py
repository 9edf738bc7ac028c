"""All that is known of a simulation, for a file: what happened on each platform, by both sides."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import connection

from siyu.core.runtime import runtime
from siyu.sandbox.simulator import Witness
from siyu.site.demo.memory import MemoryWatch
from siyu.site.demo.report import Report

_COUNTS = {
    "people": "SELECT platform, count(DISTINCT customer_id) FROM pool_identity GROUP BY platform",
    "adds": "SELECT platform, count(*) FROM pool_relation GROUP BY platform",
    "losses": "SELECT platform, count(*) FROM pool_relation WHERE NOT is_friend GROUP BY platform",
    "messages": (
        "SELECT account, count(*) FROM talk_message"
        " JOIN talk_conversation ON talk_conversation.id = conversation_id GROUP BY account"
    ),
    "orders": "SELECT platform, count(*) FROM commerce_order GROUP BY platform",
}
_SENDS = "SELECT channel, state, count(*) FROM reach_touch GROUP BY channel, state ORDER BY 1, 2"


class PlatformBooks(msgspec.Struct, kw_only=True):
    """What Siyu holds of a platform. adds: friendships and followings ever seen; losses: of them,
    over at the end; messages: of conversations, both ways; sends: touches by final state."""

    people: int = 0
    adds: int = 0
    losses: int = 0
    messages: int = 0
    orders: int = 0
    sends: dict[str, int] = {}


class Details(msgspec.Struct, kw_only=True):
    """siyu: Siyu's own books by platform ("" = sends that never got a channel). platforms: the
    platforms' books. callbacks: how they fared, with those that bad days dropped, doubled or held
    back. calls: by platform and path, with the refusals by code. memory_mb: of all processes, at
    the peak, at the quarters, at the end by process."""

    report: Report
    witness: Witness
    bad_days: dict[str, float | str]
    siyu: dict[str, PlatformBooks]
    callbacks: dict[str, int]
    calls: dict[str, dict[str, dict[str, int]]]
    memory_mb: dict[str, Any]


def make_details(
    report: Report,
    witness: Witness,
    *,
    sandbox_url: str,
    memory: MemoryWatch,
    bad_days: dict[str, float | str],
) -> Details:
    """Ask everybody; run it when Siyu has settled."""
    return Details(
        report=report,
        witness=witness,
        bad_days=bad_days,
        siyu=_siyu(),
        callbacks=_ask(sandbox_url, "callbacks"),
        calls=_ask(sandbox_url, "tally"),
        memory_mb={
            "peak": max(memory.looks, default=0),
            "quarters": memory.at_quarters(),
            "processes": memory.by_process,
        },
    )


def _siyu() -> dict[str, PlatformBooks]:
    found: dict[str, PlatformBooks] = {}
    with connection.cursor() as cursor:
        for name, sql in _COUNTS.items():
            cursor.execute(sql)
            for key, count in cursor.fetchall():
                books = found.setdefault(str(key).partition(":")[0], PlatformBooks())
                setattr(books, name, getattr(books, name) + count)
        cursor.execute(_SENDS)
        for channel, state, count in cursor.fetchall():
            books = found.setdefault(str(channel).partition(".")[0], PlatformBooks())
            books.sends[state] = books.sends.get(state, 0) + count
    return found


def _ask(sandbox_url: str, name: str) -> Any:
    return runtime().http.request("GET", f"{sandbox_url}/_sandbox/{name}", is_safe=True).json()
