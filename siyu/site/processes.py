"""Runs several processes as one: starts them, restarts what dies, stops them together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from siyu.kernel.errors import SiyuError

GRACE_SECONDS = 10.0
CHECK_SECONDS = 0.1
MAX_QUICK_DEATHS = 5
QUICK_SECONDS = 5.0
CHILD = "SIYU_CHILD"
_SET_PARENT_DEATH_SIGNAL = 1


class NotReady(SiyuError):
    """A process of ours did not come up; its own words are in the log above."""

    def __init__(self, reason: str) -> None:
        super().__init__("process.not_ready", reason)


class Child:
    """One process, started again when it dies; given up when it cannot stay alive."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self._arguments = [sys.executable, "-m", "siyu", *arguments]
        self._environment = dict(environment)
        self.quick_deaths = 0
        self._start()

    def _start(self) -> None:
        self._started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own words
            self._arguments, env=self._environment, stdout=sys.stderr
        )

    def revive(self) -> None:
        """Start again if dead, slower each time it dies young."""
        if self.process.poll() is None:
            return
        is_quick = time.monotonic() - self._started < QUICK_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if is_quick else 0
        if self.quick_deaths < MAX_QUICK_DEATHS:
            time.sleep(0.1 * self.quick_deaths)
            self._start()

    @property
    def is_lost(self) -> bool:
        return self.quick_deaths >= MAX_QUICK_DEATHS


class Processes:
    """Children that live and die together."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = {**os.environ, **(environment or {}), CHILD: "1"}
        self._children: dict[str, Child] = {}
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start `siyu <arguments>` as a child that is restarted when it dies."""
        self._children[name] = Child(arguments, self._environment)
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="processes", daemon=True)
            self._watcher.start()

    def find_lost(self) -> str | None:
        """The name of a child that cannot stay alive, if any."""
        return next((name for name, child in self._children.items() if child.is_lost), None)

    def wait_until(self, is_ready: Callable[[], bool], seconds: float = 180.0) -> None:
        """Wait for readiness; NotReady when a child is lost or time runs out."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            lost = self.find_lost()
            if lost:
                raise NotReady(f"{lost} 无法启动, 请看上面的日志")
            if time.monotonic() > deadline:
                raise NotReady(f"{int(seconds)} 秒内没有就绪, 请看上面的日志")
            time.sleep(0.05)

    def run_until_stopped(self) -> int:
        """Block until a signal or until a child is lost; stop everything; the exit code."""
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        while not asked.wait(0.2) and self.find_lost() is None:
            pass
        self.stop()
        return 0 if asked.is_set() else 1

    def stop(self) -> None:
        """Ask every child to stop, the last started first; kill those that do not."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        for child in reversed(self._children.values()):
            _end(child.process)

    def _watch(self) -> None:
        while not self._stopping.wait(CHECK_SECONDS):
            for child in self._children.values():
                child.revive()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask Linux to send this process a signal when its parent dies; elsewhere do nothing.

    Without it a web process whose supervisor was killed would keep the port.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, int(number))
