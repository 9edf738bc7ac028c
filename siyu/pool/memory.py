"""What one process remembers of resolved facts, so that known people cost no query.

It is only a memory: the database decides. Entries are published after commit, so a rollback
leaves no trace; the epoch row changes with every move of a known identity, so what another
process moved is forgotten before the next batch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Mapping
from typing import NamedTuple

from django.db import transaction

from siyu.pool.rows import execute, fetch

CAPACITY = 300_000
ROOM_FOR_PAST = 30_000
"""How full it may be to take in people of late facts, who come in files and seldom come again."""


class Remembered(NamedTuple):
    """Whom a fact was about; valid for facts not earlier than `since` (ms)."""

    customer_id: int
    identity_id: int
    since: int


class Memory:
    """Two generations of entries: the older one is dropped when the younger is full."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._epoch = 0
        self.young: dict[Hashable, Remembered] = {}
        self.old: dict[Hashable, Remembered] = {}

    def enter(self, epoch: int) -> None:
        """Forget everything unless it was learnt in this epoch."""
        with self._lock:
            if epoch != self._epoch:
                self._forget(epoch)

    def get(self, key: Hashable) -> Remembered | None:
        found = self.young.get(key)
        if found is None:
            found = self.old.get(key)
        return found

    def has_room_for_past(self) -> bool:
        """Whether people whom late facts tell of may be remembered, too."""
        return len(self.young) < ROOM_FOR_PAST

    def publish(self, epoch: int, entries: Mapping[Hashable, Remembered]) -> None:
        """Keep what a committed transaction learnt in `epoch`."""
        with self._lock:
            if epoch < self._epoch:
                return
            if epoch > self._epoch:
                self._forget(epoch)
            if len(self.young) > self._capacity:
                self.old, self.young = self.young, {}
            self.young.update(entries)

    def _forget(self, epoch: int) -> None:
        self._epoch = epoch
        self.young, self.old = {}, {}


MEMORY = Memory()


def read_epoch() -> int:
    """The current epoch; the row is made on first use, greater than any epoch before."""
    found = fetch("SELECT value FROM pool_epoch WHERE id = 1")
    if found:
        return int(found[0][0])
    value = time.time_ns()
    execute("INSERT INTO pool_epoch (id, value) VALUES (1, %s)", value)
    return value


def bump_epoch() -> int:
    """Start a new epoch in this transaction."""
    read_epoch()
    execute("UPDATE pool_epoch SET value = value + 1 WHERE id = 1")
    return read_epoch()


def forget_everybody() -> int:
    """Who is who has changed: start a new epoch in this transaction and return it."""
    epoch = bump_epoch()
    MEMORY.enter(epoch)
    return epoch


def publish_after_commit(
    epoch: int, entries: Mapping[Hashable, Remembered], memory: Memory = MEMORY
) -> None:
    """Keep the entries once the running transaction has committed."""
    if entries:
        transaction.on_commit(lambda: memory.publish(epoch, entries))
