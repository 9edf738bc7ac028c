"""Time is an argument: everything that needs "now" is given a `Clock`."""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_OFFSET = struct.Struct("<q")


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FakeClock:
    """A clock that stands still until it is moved; for tests."""

    def __init__(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, **delta: float) -> None:
        """Move forward by `timedelta(**delta)`."""
        self._now += timedelta(**delta)

    def set(self, at: datetime) -> None:
        self._now = at.astimezone(UTC)


class SharedClock:
    """System time plus an offset kept in a file, so that several processes jump together.

    The file holds one little-endian int64: the offset in microseconds. It is created with
    offset 0 when absent.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_OFFSET.pack(0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _OFFSET.size)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    @property
    def offset(self) -> timedelta:
        return timedelta(microseconds=_OFFSET.unpack_from(self._map)[0])

    def set(self, at: datetime) -> None:
        """Make now equal to `at`; the clock runs on from there at normal speed."""
        offset = at - datetime.now(UTC)
        _OFFSET.pack_into(self._map, 0, int(offset / timedelta(microseconds=1)))


def wall_seconds() -> float:
    """The machine's seconds since the epoch: for leases, which a shared clock's jumps must not end."""
    return time.time()


def to_ms(at: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime."""
    return int(at.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of milliseconds since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)
