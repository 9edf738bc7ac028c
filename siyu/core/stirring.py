"""Whether anything happened: an idle worker looks in one place instead of each duty in its own."""

from __future__ import annotations

import threading
import time
from datetime import datetime

import structlog
from django.db import DatabaseError, connection

from siyu.core.runtime import runtime

LEAP_SECONDS = 1.0

log = structlog.get_logger()


class Stir:
    """Counts changes; who found nothing to do sleeps until the next one. Thread-safe.

    A change is a commit of anybody to the database, or a leap of the clock.
    """

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()
        self._sleepers: set[threading.Event] = set()
        self._mark: str | None = None
        self._hour: tuple[datetime, float] | None = None

    def look(self) -> None:
        """See whether something changed since the last look; always called by the same thread.

        What that thread commits itself is no change on SQLite.
        """
        mark = _read_mark()
        if self._has_leapt() or mark is None or mark != self._mark:
            self._mark = mark
            self.ring()

    def ring(self) -> None:
        """Wake who sleeps."""
        with self._lock:
            self.count += 1
            sleepers, self._sleepers = self._sleepers, set()
        for alarm in sleepers:
            alarm.set()

    def sleep(self, alarm: threading.Event, seen: int, seconds: float) -> None:
        """Sleep until a change later than `seen`, until the alarm, or so long."""
        with self._lock:
            if self.count != seen:
                return
            self._sleepers.add(alarm)
        alarm.wait(seconds)
        with self._lock:
            self._sleepers.discard(alarm)

    def _has_leapt(self) -> bool:
        now, elapsed = runtime().clock.now(), time.monotonic()
        before, self._hour = self._hour, (now, elapsed)
        if before is None:
            return True
        passed = (now - before[0]).total_seconds()
        return abs(passed - (elapsed - before[1])) > LEAP_SECONDS


def _read_mark() -> str | None:
    """Something that is another after every commit of others; None when it cannot be read."""
    is_postgres = connection.vendor == "postgresql"
    sql = "SELECT pg_current_snapshot()" if is_postgres else "PRAGMA data_version"
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return str(cursor.fetchone()[0])
    except DatabaseError as error:
        log.warning("duties.watch", error=str(error))
        connection.close()
        return None
