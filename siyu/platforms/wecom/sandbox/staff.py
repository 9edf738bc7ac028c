"""All that concerns members' own work, put together for the platform's front door."""

from __future__ import annotations

from siyu.platforms.wecom.sandbox import handovers, member_client
from siyu.platforms.wecom.sandbox.handovers import settle
from siyu.platforms.wecom.sandbox.member_client import (
    AUTHORIZE,
    PAGES,
    answer_client,
    client_counts,
)

__all__ = [
    "STAFF_CALLS",
    "STAFF_CONTROLS",
    "STAFF_PAGES",
    "answer_client",
    "client_counts",
    "settle",
]

STAFF_CALLS = {**handovers.CALLS, **member_client.CALLS}
STAFF_CONTROLS = {**handovers.OPERATIONS, **member_client.OPERATIONS}
STAFF_PAGES = (PAGES, AUTHORIZE)
