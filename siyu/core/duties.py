"""The worker's duties: each on its own thread, with signs of life; an error never ends one."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

import structlog
from django.db import DatabaseError, connections, transaction

from siyu.core.models import Heartbeat
from siyu.core.runtime import runtime
from siyu.core.stirring import Stir

BEAT_SECONDS = 15.0
FIRST_BEAT_SECONDS = 1.0
WATCH_SECONDS = 0.2
QUIET_SECONDS = 0.1
QUIET_SHARE = 50
"""After a quiet time nobody looks more often than each fiftieth of it, or this."""
LONGER = 5
PATIENCE_SECONDS = (2.0, 30.0)
"""While nothing is committed an idle duty sleeps five times as long, within these bounds."""
MAX_PAUSE = 30.0
GRACE_SECONDS = 8.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Duty:
    """Work for ever. every: seconds between idle turns; run: True when there may be more.

    rest: seconds to leave between two turns even when there is more and whoever wakes it, so
    that work which costs the same for one as for many is done for many. first: seconds before
    the first turn, for housekeeping that should not crowd a start. is_watchful: look every so
    many seconds also while nothing is committed: the work comes from elsewhere, or falls due
    seconds after it was written down.
    """

    name: str
    every: float
    run: Callable[[], bool]
    rest: float = 0.0
    first: float = 0.0
    is_watchful: bool = False

    @property
    def longer(self) -> float:
        """Seconds an idle duty sleeps on, after `every`, while nothing is committed."""
        if self.is_watchful:
            return 0.0
        least, most = PATIENCE_SECONDS
        return max(0.0, min(max(least, LONGER * self.every), most) - self.every)

    def pause(self, quiet: float) -> float:
        """Seconds to the next look when there was no work for so many."""
        return max(self.every, min(quiet / QUIET_SHARE, QUIET_SECONDS))


_alarms: dict[str, threading.Event] = {}


def wake(*names: str) -> None:
    """End the idle sleep of these duties of this process; nothing happens where none runs."""
    for name in names:
        alarm = _alarms.get(name)
        if alarm is not None:
            alarm.set()


class Worker:
    """Runs duties until it is stopped; slow turns get `grace` seconds more."""

    def __init__(self, duties: Sequence[Duty], *, grace: float = GRACE_SECONDS) -> None:
        self._duties, self._grace = duties, grace
        self._stop = threading.Event()
        self._stir = Stir()
        self._pulses = {duty.name: _Pulse() for duty in duties}
        _alarms.update({duty.name: threading.Event() for duty in duties})

    def stop(self) -> None:
        """Let every duty finish its turn and end. Safe in a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Run all duties; returns after `stop`, whatever a slow turn waits for."""
        threads = [
            threading.Thread(target=self._run_duty, args=(duty,), name=duty.name, daemon=True)
            for duty in self._duties
        ]
        threads.append(threading.Thread(target=self._watch, name="watch", daemon=True))
        for thread in threads:
            thread.start()
        self._stop.wait()
        wake(*(duty.name for duty in self._duties))
        deadline = time.monotonic() + self._grace
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        slow = [thread.name for thread in threads if thread.is_alive()]
        if slow:
            log.warning("duty.slow_stop", duties=slow)
        else:
            last = threading.Thread(target=self._sign_off, name="watch", daemon=True)
            last.start()
            last.join(max(WATCH_SECONDS, deadline - time.monotonic()))
        connections.close_all()

    def _sign_off(self) -> None:
        """The last signs of life; in a thread, for who holds the database may hold it long."""
        _write_pulses(self._pulses)
        connections.close_all()

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def _watch(self) -> None:
        """Look for changes and write the signs of life; may wait long for the database."""
        next_beat = time.monotonic() + FIRST_BEAT_SECONDS
        while not self._stop.wait(WATCH_SECONDS):
            self._stir.look()
            if time.monotonic() >= next_beat or any(one.is_urgent for one in self._pulses.values()):
                next_beat = time.monotonic() + BEAT_SECONDS
                _write_pulses(self._pulses)
        connections.close_all()

    def _run_duty(self, duty: Duty) -> None:
        pulse, alarm = self._pulses[duty.name], _alarms[duty.name]
        failures, worked_at = 0, time.monotonic()
        self._stop.wait(duty.first)
        while not self._stop.is_set():
            seen = self._stir.count
            pulse.begin()
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
            over = time.monotonic()
            worked_at = over if did_work else worked_at
            if not did_work and not alarm.wait(duty.pause(over - worked_at)) and duty.longer:
                self._stir.sleep(alarm, seen, duty.longer)
            if duty.rest and (left := over + duty.rest - time.monotonic()) > 0:
                self._stop.wait(left)
            alarm.clear()
        connections.close_all()


class _Pulse:
    """The last signs of life of a duty; written by the worker's watch.

    A duty that waits for its next turn is well; one inside a turn gives none until it ends.
    """

    def __init__(self) -> None:
        self.is_urgent = False
        self._is_waiting = True
        self._values: dict[str, object] = {}
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            self._is_waiting = False

    def beat(self, *, did_work: bool = False, error: Exception | None = None) -> None:
        now = runtime().clock.now()
        with self._lock:
            self._is_waiting = True
            self._values["at"] = now
            if did_work:
                self._values["did_work_at"] = now
            if error is not None:
                text = f"{type(error).__name__}: {error}"[:500]
                self._values |= {"error": text, "error_at": now}
                self.is_urgent = True

    def take(self) -> dict[str, object]:
        """What is new since the last call."""
        now = runtime().clock.now()
        with self._lock:
            if self._is_waiting:
                self._values["at"] = now
            values, self._values, self.is_urgent = self._values, {}, False
        return values


def _write_pulses(pulses: Mapping[str, _Pulse]) -> None:
    """Write the signs of life together: every 15 s, at once when there was an error."""
    found = {name: pulse.take() for name, pulse in pulses.items()}
    try:
        with transaction.atomic():
            for name, values in found.items():
                if values:
                    Heartbeat.objects.update_or_create(duty=name, defaults=values)
    except DatabaseError as failure:
        log.warning("duty.heartbeat", error=str(failure))
