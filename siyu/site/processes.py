"""Runs several processes as one: starts them, watches them, stops them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

GRACE_SECONDS = 10.0


class Processes:
    """Children that live and die together."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**os.environ, **environment}
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start `siyu <arguments>` as a child."""
        self._children[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "siyu", *arguments], env=self._environment
        )

    def find_dead(self) -> str | None:
        """The name of a child that ended, if any."""
        return next(
            (name for name, child in self._children.items() if child.poll() is not None), None
        )

    def wait_until(self, is_ready: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait for readiness; RuntimeError when a child dies or time runs out."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            dead = self.find_dead()
            if dead:
                raise RuntimeError(f"{dead} 启动失败, 请看上面的日志")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{int(seconds)} 秒内没有就绪")
            time.sleep(0.05)

    def run_until_stopped(self) -> int:
        """Block until a signal or the first death; stop everything; the exit code."""
        stopped = []

        def stop(number: int, _frame: FrameType | None) -> None:
            stopped.append(number)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not stopped and self.find_dead() is None:
            time.sleep(0.2)
        self.stop()
        return 0 if stopped else 1

    def stop(self) -> None:
        """Ask every child to stop, kill those that do not within the grace period."""
        for child in self._children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
