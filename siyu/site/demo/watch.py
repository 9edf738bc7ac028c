"""Accompanies a long simulation: its weather, its memory, a line a day."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from datetime import datetime

from siyu.kernel.clock import SHANGHAI
from siyu.site.demo.control import control
from siyu.site.demo.memory import MemoryWatch

CLEAR_STEPS = 8
"""Steps at the end without bad days: two days, so that a nightly comparison can make good."""


class Watch:
    """bad_days: switches of the sandbox from the first day on. is_talking: say on stderr how far
    the simulation is at the beginning of each day, and look at the memory after each step."""

    def __init__(
        self, sandbox_url: str, bad_days: Mapping[str, float | str], *, is_talking: bool
    ) -> None:
        self._sandbox_url = sandbox_url
        self._bad_days = dict(bad_days)
        self._is_talking = is_talking
        self._started = time.monotonic()
        self._day = ""
        self.memory = MemoryWatch()

    def begin(self) -> None:
        """Let the weather turn bad."""
        if self._bad_days:
            control(self._sandbox_url, "bad_days", self._bad_days)

    def step(self, step: int, steps: int, at: datetime) -> None:
        """After each step."""
        if self._bad_days and step == steps - min(CLEAR_STEPS, steps // 2):
            control(self._sandbox_url, "bad_days", _calm(self._bad_days))
        if not self._is_talking:
            return
        used, day = self.memory.look(), f"{at.astimezone(SHANGHAI):%m-%d}"
        if day != self._day or step == steps:
            self._day = day
            seconds = time.monotonic() - self._started
            sys.stderr.write(f"{day}  {step}/{steps}  {seconds:.0f} s  {used} MB\n")
            sys.stderr.flush()


def _calm(bad_days: Mapping[str, float | str]) -> dict[str, float]:
    """The same switches, off; delays and `only` change nothing then."""
    return {name: 0.0 for name in bad_days if name != "only" and not name.endswith("_seconds")}
