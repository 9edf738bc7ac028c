"""Small writes of many threads, done by one of them for all: one statement and one commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Combining(Generic[Item, Result]):
    """`run(items)` gives a result for each item, in order, once `write` has committed them.

    While one thread writes, the others queue; the next to write takes along everything that
    waits then. `write` must commit before it returns. When it fails for several threads at once
    each thread's items are tried by themselves, so that nobody suffers for another's items.
    linger: seconds a thread waits for the items of others before it writes its own.
    """

    def __init__(
        self, write: Callable[[Sequence[Item]], Sequence[Result]], *, linger: float = 0.0
    ) -> None:
        self._write = write
        self._linger = linger
        self._jobs: list[tuple[Sequence[Item], Future[Sequence[Result]]]] = []
        self._queue = threading.Lock()
        self._writing = threading.Lock()

    def run(self, items: Sequence[Item]) -> Sequence[Result]:
        """Block until the items are written. Must not be called inside a transaction."""
        mine: Future[Sequence[Result]] = Future()
        with self._queue:
            self._jobs.append((items, mine))
        with self._writing:
            if not mine.done():
                time.sleep(self._linger)
                with self._queue:
                    jobs, self._jobs = self._jobs, []
                self._write_all(jobs)
        return mine.result()

    def _write_all(self, jobs: list[tuple[Sequence[Item], Future[Sequence[Result]]]]) -> None:
        try:
            results = self._write([item for items, _ in jobs for item in items])
        except BaseException as error:  # noqa: BLE001 - handed to the threads that asked
            if len(jobs) > 1 and isinstance(error, Exception):
                for job in jobs:
                    self._write_all([job])
                return
            for _, future in jobs:
                future.set_exception(error)
            return
        start = 0
        for items, future in jobs:
            future.set_result(results[start : start + len(items)])
            start += len(items)
