"""Event names as Siyu keeps them: snake case; names that only platforms may report are marked."""

from __future__ import annotations

import re
from functools import lru_cache

from siyu.kernel.errors import Refused
from siyu.ports import facts

MAX_NAME = 200
_PLATFORM_ONLY = frozenset(
    {
        facts.FRIEND_ADDED,
        facts.FRIEND_EDITED,
        facts.FRIEND_REMOVED,
        facts.FRIEND_LOST,
        facts.FRIEND_SYNCED,
        facts.FRIEND_HALF_ADDED,
        facts.TRANSFER_FAILED,
        facts.ARCHIVE_AGREED,
        facts.STAFF_SYNCED,
        facts.STAFF_RENAMED,
        facts.DEPARTMENT_CHANGED,
        facts.TAG_CATALOG_CHANGED,
        facts.FOLLOWED,
        facts.UNFOLLOWED,
        facts.MESSAGE_RECEIVED,
        facts.MESSAGE_SENT,
        facts.CHAT_ENTERED,
        facts.CODE_SCANNED,
        facts.MENU_CLICKED,
        facts.PERMIT_CHANGED,
        facts.SEND_FINISHED,
        facts.PAYMENT_SUCCEEDED,
        facts.PAYMENT_REFUNDED,
        facts.REFUND_FAILED,
        facts.PAYOUT_CHANGED,
        facts.MERGED_BY_ALIAS,
        facts.IDENTIFIED,
    }
)
_SYNONYMS = {"friend_referred": facts.REFERRED}
_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^0-9a-z\u0080-\U0010ffff]+")


@lru_cache(maxsize=10_000)
def fact_name(event: str) -> str:
    """`Order Completed`, `orderCompleted`, `$AppStart` → `order_completed`, …, `app_start`.

    A name that only a platform may report (`friend_added`) gets the prefix `custom_`.
    """
    if len(event) > MAX_NAME:
        raise Refused("event.name", f"事件名超过 {MAX_NAME} 个字符", field="event")
    name = _OTHER.sub("_", _BOUNDARY.sub("_", event).lower()).strip("_")
    if not name:
        raise Refused("event.name", "事件名为空", field="event")
    if name in _PLATFORM_ONLY:
        return f"custom_{name}"
    return _SYNONYMS.get(name, name)
