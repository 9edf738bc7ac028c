"""The whole demo while web and worker are killed at seeded moments.

Oracles outside the system: the simulator's own list of what it posted, and the sandbox's own
books of what customers received.
"""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path

import pytest

from tests.demo.running import find_processes, read_report, start_demo

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(900)]
KILLS_A_RUN = 5
KILLS = int(os.environ.get("SIYU_KILLS", "5"))
FIRST_SEED = int(os.environ.get("SIYU_SEED", "11"))
SEEDS = range(FIRST_SEED, FIRST_SEED + max(1, KILLS // KILLS_A_RUN))


class Killer(threading.Thread):
    """Kills the web process or the worker, again and again, until told to stop."""

    def __init__(self, home: Path, seed: int) -> None:
        super().__init__(daemon=True)
        self._home = home
        self._chance = random.Random(seed)
        self._done = threading.Event()
        self.killed: list[str] = []

    def run(self) -> None:
        while (
            not self._done.wait(self._chance.uniform(1.0, 4.0)) and len(self.killed) < KILLS_A_RUN
        ):
            word = self._chance.choice(["web", "worker"])
            for process in find_processes(self._home, word):
                os.kill(process, signal.SIGKILL)
                self.killed.append(word)

    def stop(self) -> None:
        self._done.set()
        self.join()


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_or_doubled_while_processes_are_killed(tmp_path, seed):
    home = tmp_path / "demo"
    demo = start_demo(home, "--exit", "--customers", "250", "--days", "6", "--seed", str(seed))
    killer = Killer(home, seed)
    killer.start()
    try:
        report = read_report(demo)
    finally:
        killer.stop()
    code = demo.wait(60)
    assert len(killer.killed) >= 3, "too few kills to mean anything"
    assert (report["duplicates"], report["lost"], code) == (0, 0, 0), report
