"""The operator of the demo's brand: acts once a day, then waits until Siyu has settled."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from siyu.core.runtime import runtime
from siyu.kernel.clock import SHANGHAI, SharedClock
from siyu.site.demo.brand import Brand

LAST_WAIT = timedelta(seconds=10)
"""Of the last step, so that what Siyu does some seconds after an event happens, too."""


class Settle(Protocol):
    def __call__(self, *, is_last: bool) -> None:
        """Block until Siyu has worked off everything; is_last: no step follows."""
        ...


class Operator:
    """Called at the end of each step of the simulation. steps: how many there will be."""

    def __init__(self, brand: Brand, start: datetime, settle: Settle, *, steps: int) -> None:
        self._brand = brand
        self._first = start.astimezone(SHANGHAI).date()
        self._settle = settle
        self._left = steps
        self._today: date | None = None

    def end_step(self) -> None:
        """Do the day's work if it is a new day; return when all is settled."""
        clock = runtime().clock
        now = clock.now()
        today = now.astimezone(SHANGHAI).date()
        if today != self._today:
            self._today = today
            self._settle(is_last=False)  # whom he works with must not merge or leave meanwhile
            self._brand.day((today - self._first).days, now)
        self._left -= 1
        self._settle(is_last=False)
        if self._left == 0 and isinstance(clock, SharedClock):
            clock.set(clock.now() + LAST_WAIT)
            self._settle(is_last=True)
