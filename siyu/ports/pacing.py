"""Keeps our calls under a platform's frequency limits, which are dated data of its manifest."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import msgspec

from siyu.kernel.clock import Clock
from siyu.kernel.errors import RetryLater, WaitUntil

ANY = "*"
PATIENCE_SECONDS = 30.0


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How often one API may be called by one of our accounts; 0 = no limit known.

    api: the call's path below the platform's root, `*` for each one that has no row of its own.
    """

    api: str
    minute: int = 0
    hour: int = 0
    concurrent: int = 0
    valid_from: str
    source: str


class _Count:
    """Calls of one API in the present minute and hour, and those under way."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self.minute: tuple[int, int] = (0, 0)
        self.hour: tuple[int, int] = (0, 0)
        self.places = threading.BoundedSemaphore(rate.concurrent) if rate.concurrent else None


class Pacer:
    """Counts the calls of one account in this process. Thread-safe.

    `WaitUntil` when a minute or an hour is used up; calls above the number allowed at a time
    wait for a place, `RetryLater` after 30 s.
    """

    def __init__(self, rates: Sequence[Rate], clock: Clock) -> None:
        self._rates = {rate.api: rate for rate in rates}
        self._clock = clock
        self._counts: dict[str, _Count] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, api: str) -> Iterator[None]:
        """Take a turn at an API; the block is the call."""
        count = self._spend(api)
        if count is None or count.places is None:
            yield
            return
        if not count.places.acquire(timeout=PATIENCE_SECONDS):
            raise RetryLater("rate.concurrency", "同时调用过多, 稍后再试")
        try:
            yield
        finally:
            count.places.release()

    def left_this_hour(self, api: str) -> int | None:
        """Calls of an API that this process may still make this hour; None = no limit known."""
        rate = self._rates.get(api) or self._rates.get(ANY)
        if rate is None or not rate.hour:
            return None
        count = self._counts.get(api)
        began, used = count.hour if count else (0, 0)
        return rate.hour - (used if began == _hour(self._clock.now()) else 0)

    def _spend(self, api: str) -> _Count | None:
        rate = self._rates.get(api) or self._rates.get(ANY)
        if rate is None:
            return None
        now = self._clock.now()
        with self._lock:
            count = self._counts.setdefault(api, _Count(rate))
            minute = _counted(count.minute, int(now.timestamp()) // 60)
            hour = _counted(count.hour, _hour(now))
            if rate.minute and minute[1] > rate.minute:
                raise _full("一分钟", (minute[0] + 1) * 60)
            if rate.hour and hour[1] > rate.hour:
                raise _full("一小时", (hour[0] + 1) * 3600)
            count.minute, count.hour = minute, hour
        return count


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // 3600


def _counted(window: tuple[int, int], present: int) -> tuple[int, int]:
    began, used = window
    return (present, used + 1 if began == present else 1)


def _full(window: str, second: int) -> WaitUntil:
    until = datetime.fromtimestamp(0, UTC) + timedelta(seconds=second)
    return WaitUntil("rate.budget", f"本接口{window}内的调用次数已用完, 到时自动继续", until=until)
