"""Runs several processes as one: starts them, restarts what dies, stops them together."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context, parent_process, set_start_method
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.forkserver import ensure_running
from typing import TypeVar, cast

from siyu.kernel.errors import Refused, SiyuError

Answer = TypeVar("Answer")

GRACE_SECONDS = 10.0
CHECK_SECONDS = 1.0
MAX_QUICK_DEATHS = 5
QUICK_SECONDS = 5.0
_SET_PARENT_DEATH_SIGNAL = 1
_SET_NAME = 15


class NotReady(SiyuError):
    """A process of ours did not come up; its own words are in the log above."""

    def __init__(self, reason: str) -> None:
        super().__init__("process.not_ready", reason)


class Child:
    """One process, started again when it dies; given up when it cannot stay alive."""

    def __init__(self, nursery: ForkServerContext, arguments: Sequence[str]) -> None:
        self._nursery = nursery
        self._arguments = list(arguments)
        self.quick_deaths = 0
        self._start()

    def _start(self) -> None:
        self._started = time.monotonic()
        self.process = self._nursery.Process(target=_live, args=(self._arguments,))
        self.process.start()

    def revive(self) -> None:
        """Start again if dead, slower each time it dies young."""
        if self.process.is_alive():
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
    """Children that live and die together.

    They are forked from one process that has loaded everything, under the environment of the
    moment when this object is made; so that a start or a restart costs no second of imports.
    """

    def __init__(self) -> None:
        self._nursery = get_context("forkserver")
        self._nursery.set_forkserver_preload(["siyu.site.preload"])
        ensure_running()
        self._children: dict[str, Child] = {}
        self._heard, self._call = self._nursery.Pipe(duplex=False)
        self._is_stopping = False
        self._watcher: threading.Thread | None = None

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start `siyu <arguments>` as a child that is restarted when it dies."""
        self._children[name] = Child(self._nursery, arguments)
        self._call.send(name)
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="processes", daemon=True)
            self._watcher.start()

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """What a function answers in a child that then ends: its libraries are not loaded here.

        A SiyuError of the function is raised as Refused; NotReady when the child dies.
        """
        ours, its = self._nursery.Pipe(duplex=False)
        child = self._nursery.Process(target=_answer, args=(question, its))
        child.start()
        its.close()
        try:
            answer, error = ours.recv()
        except EOFError:
            raise NotReady("准备数据目录时出错, 请看上面的日志") from None
        finally:
            ours.close()
            child.join()
        if error:
            raise Refused(error[0], error[1], field=error[2])
        return cast("Answer", answer)

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
        while not asked.wait(CHECK_SECONDS) and self.find_lost() is None:
            pass
        self.stop()
        return 0 if asked.is_set() else 1

    def stop(self) -> None:
        """Ask every child to stop, the last started first; kill those that do not."""
        self._is_stopping = True
        self._call.send("")
        if self._watcher is not None:
            self._watcher.join()
        for child in reversed(self._children.values()):
            _end(child.process)

    def _watch(self) -> None:
        """Sleep until a child dies, or there is another one, or all shall end."""
        while not self._is_stopping:
            children = list(self._children.values())
            living = [one.process.sentinel for one in children if not one.is_lost]
            if self._heard in wait([self._heard, *living]):
                self._heard.recv()
            else:
                for child in children:
                    child.revive()


def _end(process: ForkServerProcess) -> None:
    process.terminate()
    process.join(GRACE_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()


def _answer(question: Callable[[], object], pipe: Connection) -> None:
    _die_with_supervisor()
    try:
        pipe.send((question(), None))
    except SiyuError as error:
        pipe.send((None, (error.code, error.reason, error.field)))


def _live(arguments: list[str]) -> None:
    """The whole life of a child."""
    from siyu.site.command import main

    set_start_method("fork", force=True)
    _die_with_supervisor()
    _call_prctl(_SET_NAME, f"siyu {arguments[0]}".encode())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.exit(main(arguments))


def _die_with_supervisor() -> None:
    """End soon after whoever started us: our parent in the system's eyes, from which all children
    are forked, lives as long as one of them does."""
    supervisor = parent_process()
    assert supervisor is not None

    def follow() -> None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=follow, name="supervisor", daemon=True).start()


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask Linux to send this process a signal when its parent dies; elsewhere do nothing.

    Without it a web process whose supervisor was killed would keep the port.
    """
    _call_prctl(_SET_PARENT_DEATH_SIGNAL, int(number))


def _call_prctl(option: int, value: int | bytes) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)
