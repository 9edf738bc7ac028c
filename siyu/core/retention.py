"""What is kept for a time only, and goes by itself: the duty `core.retention`.

- Finished requests of the inbox go at once, with the personal data in them.
- Message ids are remembered for `KEEP_MESSAGE_IDS`: the same message sent again in that time is a
  duplicate.
- Refused items are kept for `KEEP_REJECTED`, answers to requests with a key for a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from siyu.core.idempotency import trim_answers
from siyu.core.intake import open_inbox
from siyu.core.models import RejectedItem
from siyu.core.runtime import runtime
from siyu.kernel.clock import to_ms

KEEP_MESSAGE_IDS = timedelta(days=400)
KEEP_REJECTED = timedelta(days=90)
AT_ONCE = 1_000
_DAY_MS = 86_400_000


def trim() -> bool:
    """Remove a slice of what has had its time; True when there may be more."""
    now = runtime().clock.now()
    oldest_day = to_ms(now - KEEP_MESSAGE_IDS) // _DAY_MS
    has_more = open_inbox().store.trim(oldest_day)
    has_more = trim_answers(now) or has_more
    return _drop_rejected(now - KEEP_REJECTED) or has_more


def _drop_rejected(before: datetime) -> bool:
    old = RejectedItem.objects.filter(at__lt=before).order_by("id")
    ids = list(old.values_list("pk", flat=True)[:AT_ONCE])
    RejectedItem.objects.filter(pk__in=ids).delete()
    return len(ids) == AT_ONCE
