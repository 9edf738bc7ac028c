"""The operator of the demo's brand: acts once a day, then waits until Siyu has settled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from siyu.core.runtime import runtime
from siyu.kernel.clock import SHANGHAI
from siyu.site.demo.brand import Brand


class Operator:
    """Called at the end of each step of the simulation.

    settle: blocks until Siyu has worked off everything.
    """

    def __init__(self, brand: Brand, start: datetime, settle: Callable[[], None]) -> None:
        self._brand = brand
        self._first = start.astimezone(SHANGHAI).date()
        self._settle = settle
        self._today: date | None = None

    def end_step(self) -> None:
        """Do the day's work if it is a new day; return when all is settled."""
        now = runtime().clock.now()
        today = now.astimezone(SHANGHAI).date()
        if today != self._today:
            self._today = today
            self._brand.day((today - self._first).days, now)
        self._settle()
