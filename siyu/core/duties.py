"""The worker's duties: each on its own thread, with signs of life; an error never ends one."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import FrameType

import structlog
from django.db import DatabaseError, connections, transaction

from siyu.core.models import Heartbeat
from siyu.core.runtime import runtime

BEAT_SECONDS = 15.0
MAX_PAUSE = 30.0
GRACE_SECONDS = 8.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Duty:
    """Work for ever. every: seconds between idle turns; run: True when there may be more.

    rest: seconds to leave between two turns even when there is more and whoever wakes it, so
    that work which costs the same for one as for many is done for many. first: seconds before
    the first turn, for housekeeping that should not crowd a start.
    """

    name: str
    every: float
    run: Callable[[], bool]
    rest: float = 0.0
    first: float = 0.0


_alarms: dict[str, threading.Event] = {}


def wake(*names: str) -> None:
    """End the idle sleep of these duties of this process; nothing happens where none runs."""
    for name in names:
        alarm = _alarms.get(name)
        if alarm is not None:
            alarm.set()


class Worker:
    """Runs duties until it is stopped."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self._duties = duties
        self._stop = threading.Event()
        _alarms.update({duty.name: threading.Event() for duty in duties})

    def stop(self) -> None:
        """Let every duty finish its turn and end. Safe in a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Run all duties; returns after `stop`, or after 8 s of waiting for slow turns."""
        threads = [
            threading.Thread(target=self._run_duty, args=(duty,), name=duty.name, daemon=True)
            for duty in self._duties
        ]
        for thread in threads:
            thread.start()
        while not self._stop.wait(0.2):
            pass
        wake(*(duty.name for duty in self._duties))
        deadline = time.monotonic() + GRACE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("duty.slow_stop", duty=thread.name)

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def _run_duty(self, duty: Duty) -> None:
        pulse, alarm = _Pulse(duty.name), _alarms[duty.name]
        failures = 0
        self._stop.wait(duty.first)
        while not self._stop.is_set():
            try:
                did_work = duty.run()
            except Exception as error:
                failures += 1
                log.exception("duty.failed", duty=duty.name)
                connections.close_all()
                pulse.beat(error=error)
                self._stop.wait(min(MAX_PAUSE, max(duty.every, 0.1) * 2 ** min(failures, 8)))
                continue
            failures = 0
            pulse.beat(did_work=did_work)
            if duty.rest:
                self._stop.wait(duty.rest)
            if not did_work:
                alarm.wait(duty.every)
            alarm.clear()
        connections.close_all()


class _Pulse:
    """Writes a duty's heartbeat row: on errors at once, else every 15 s."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._next = 0.0
        self._worked_at: datetime | None = None

    def beat(self, *, did_work: bool = False, error: Exception | None = None) -> None:
        if did_work:
            self._worked_at = runtime().clock.now()
        if error is None and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + BEAT_SECONDS
        try:
            self._write(error)
        except DatabaseError as failure:
            log.warning("duty.heartbeat", duty=self._name, error=str(failure))

    def _write(self, error: Exception | None) -> None:
        now = runtime().clock.now()
        values: dict[str, object] = {"at": now}
        if self._worked_at is not None:
            values["did_work_at"] = self._worked_at
        if error is not None:
            values |= {"error": f"{type(error).__name__}: {error}"[:500], "error_at": now}
        with transaction.atomic():
            Heartbeat.objects.update_or_create(duty=self._name, defaults=values)
