"""When an event happened: client clocks corrected, impossible times refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from siyu.kernel.errors import Refused

FUTURE_MS = 3_600_000
PAST_MS = 2 * 366 * 86_400_000
LATE_MS = 86_400_000
_MIN_SECONDS_DIGITS = 10**11


def read_time(value: Any, field: str) -> int | None:
    """Milliseconds of an ISO-8601 text or a number of (milli)seconds; None when absent.

    A text without an offset is UTC.
    """
    if value is None or value == "":
        return None
    try:
        if type(value) is str:
            at = datetime.fromisoformat(value)
            return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
        if type(value) in (int, float):
            return int(value if value >= _MIN_SECONDS_DIGITS else value * 1000)
    except (ValueError, OverflowError) as error:
        raise Refused("event.time.invalid", "时间格式无效, 请用 ISO-8601", field=field) from error
    raise Refused("event.time.invalid", "时间格式无效, 请用 ISO-8601", field=field)


def settle_time(at: int | None, sent_at: int | None, received_at: int) -> int:
    """The event's time on our clock: `received - (sent - at)`; Refused out of bounds.

    Up to an hour in the future becomes now; more, or over two years ago, is refused.
    """
    if at is None:
        return received_at
    corrected = at if sent_at is None else received_at - (sent_at - at)
    if corrected > received_at + FUTURE_MS:
        raise Refused("event.time.future", "事件时间在未来 1 小时以后", field="timestamp")
    if corrected < received_at - PAST_MS:
        raise Refused("event.time.past", "事件时间早于 2 年前", field="timestamp")
    return min(corrected, received_at)
