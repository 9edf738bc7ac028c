"""Many small writes of many threads, committed together.

SQLite has one writer and every commit waits for the disk; threads that each committed alone
would queue for both. Here one thread runs their writes in turn, each in a savepoint of its own,
and commits once for all of them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from django.db import connection, transaction

Result = TypeVar("Result")
MAX_GROUP = 64
IDLE_SECONDS = 5.0
_Job = tuple[Callable[[], Any], "Future[Any]"]


class GroupCommit:
    """`run(write)` returns what `write` returned, once it is committed; its error otherwise."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def run(self, write: Callable[[], Result]) -> Result:
        """Block until the write is committed. Must not be called inside a transaction."""
        future: Future[Result] = Future()
        self._jobs.put((write, future))
        self._ensure_thread()
        return future.result()

    def _ensure_thread(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while jobs := self._gather():
            self._commit(jobs)
        connection.close()

    def _gather(self) -> list[_Job]:
        """What waits; nothing after a quiet while, and then the thread is let go."""
        try:
            jobs = [self._jobs.get(timeout=IDLE_SECONDS)]
        except queue.Empty:
            with self._lock:
                if self._jobs.empty():
                    self._thread = None
                    return []
            return self._gather()
        while len(jobs) < MAX_GROUP:
            try:
                jobs.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        return jobs

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            with transaction.atomic():
                outcomes = [_attempt(write) for write, _ in jobs]
        except Exception as error:  # noqa: BLE001 - every waiting thread must hear of it
            connection.close()
            for _, future in jobs:
                future.set_exception(error)
            return
        for (_, future), (result, failure) in zip(jobs, outcomes, strict=True):
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)


def _attempt(write: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """A write in a savepoint: its failure undoes only itself."""
    try:
        with transaction.atomic():
            return write(), None
    except Exception as error:  # noqa: BLE001 - handed to the thread that asked
        return None, error
