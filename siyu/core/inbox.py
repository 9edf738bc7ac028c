"""The durable inbox: what was accepted is on disk before anybody hears "accepted".

Requests are gathered by one writer thread and committed together (group commit). A message id
is remembered with a hash of its body for the whole retention: the same id and body again is a
duplicate, the same id with another body is a conflict, which is kept as a refused item.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import structlog

from siyu.kernel.errors import SiyuError
from siyu.kernel.ids import digest

FACTS = "facts"
CALLBACK = "callback"
REJECTED = "rejected"

KEY_BYTES = 16
BODY_BYTES = 8
MAX_RAW = 65_536
MAX_GROUP_ITEMS = 20_000
MAX_WAITING_BYTES = 64 * 1024 * 1024

log = structlog.get_logger()


class InboxUnavailable(SiyuError):
    """The inbox could not commit; nothing of the request is kept. Try again."""

    status = 503

    def __init__(self) -> None:
        super().__init__("inbox.unavailable", "暂时无法落盘, 请稍后重试")


class InboxFull(SiyuError):
    """More waits for the disk than memory should hold."""

    status = 429

    def __init__(self) -> None:
        super().__init__("inbox.busy", "请求过多, 请稍后重试")


class Rejection(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refused item on its way to the table of refused items."""

    at: int
    source: str
    code: str
    reason: str
    field: str = ""
    raw: bytes = b""


class CallbackMessage(msgspec.Struct, frozen=True, array_like=True):
    """A verified callback as the connector will read it."""

    message_id: str
    body: bytes


@dataclass(slots=True)
class Entry:
    """What one request adds: `items` (MessagePack) with their `keys` and `bodies` (hashes)."""

    kind: str
    source: str
    received_at: int
    items: list[bytes] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def add(self, item: bytes, key: bytes, body: bytes) -> None:
        self.items.append(item)
        self.keys.append(key)
        self.bodies.append(body)

    @property
    def size(self) -> int:
        """Bytes of the items."""
        return sum(map(len, self.items))


@dataclass(slots=True)
class Outcome:
    """Which items (by index) of an entry were not stored, and why."""

    accepted: int = 0
    duplicates: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One stored entry. `payload` is a MessagePack array of its items."""

    id: int
    kind: str
    source: str
    received_at: int
    count: int
    payload: bytes


class Store(Protocol):
    """Where the inbox is kept. `take` and `done` run inside the state transaction."""

    def commit(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Store all entries in one durable transaction; InboxUnavailable when it failed."""
        ...

    def take(self, limit: int) -> list[Chunk]:
        """The oldest chunks not done yet, about `limit` items; nobody else gets them."""
        ...

    def done(self, chunks: Sequence[Chunk]) -> None:
        """Mark chunks as worked off, in the same transaction as what was made of them."""
        ...

    def has_pending(self) -> bool: ...

    def count_pending(self) -> tuple[int, int]:
        """Chunks and items that wait for the worker."""
        ...

    def trim(self, oldest_day: int) -> bool:
        """Drop finished chunks and message ids seen before `oldest_day`; False when idle."""
        ...

    def close(self) -> None:
        """Close what this thread opened; it is opened again when needed."""
        ...


def pack(items: Sequence[bytes]) -> bytes:
    """A MessagePack array of already encoded items."""
    return b"\xdd" + len(items).to_bytes(4, "big") + b"".join(items)


def rejection_entry(rejections: Sequence[Rejection]) -> Entry:
    """Refused items as an inbox entry; the same refusal of the same bytes is kept once."""
    entry = Entry(REJECTED, rejections[0].source, rejections[0].at)
    for item in rejections:
        key = digest(b"rejected", item.source.encode(), item.code.encode(), item.raw)
        entry.add(msgspec.msgpack.encode(item), key, b"")
    return entry


def conflict_of(entry: Entry, index: int) -> Rejection:
    """The refused item that records a message id reused with another body."""
    raw = msgspec.json.encode(msgspec.msgpack.decode(entry.items[index]))
    return Rejection(
        at=entry.received_at,
        source=entry.source,
        code="event.conflict",
        reason="同一消息 ID 已用于不同内容",
        field="messageId",
        raw=raw[:MAX_RAW],
    )


def sort_out(
    entries: Sequence[Entry], known: dict[bytes, bytes]
) -> tuple[list[Outcome], list[tuple[bytes, bytes]], list[tuple[Entry, Sequence[bytes]]]]:
    """Decide item by item what is new.

    known: body hash of every key of the entries that is stored already. Returns the outcomes,
    the new (key, body) pairs, and for every entry the items to store; conflicts come as an
    additional entry of refused items.
    """
    outcomes: list[Outcome] = []
    fresh: list[tuple[bytes, bytes]] = []
    stored: list[tuple[Entry, Sequence[bytes]]] = []
    rejections: list[Rejection] = []
    for entry in entries:
        outcome = Outcome()
        kept: list[bytes] = []
        for index, key in enumerate(entry.keys):
            body = entry.bodies[index]
            prior = known.get(key)
            if prior is None:
                known[key] = body
                fresh.append((key, body))
                kept.append(entry.items[index])
            elif prior == body:
                outcome.duplicates.append(index)
            else:
                outcome.conflicts.append(index)
                rejections.append(conflict_of(entry, index))
        outcome.accepted = len(kept)
        outcomes.append(outcome)
        stored.append((entry, kept))
    if rejections:
        extra = rejection_entry(rejections)
        _, more, kept_extra = sort_out([extra], dict(known))
        fresh.extend(more)
        stored.extend(kept_extra)
    return outcomes, fresh, stored


@dataclass(slots=True)
class _Waiting:
    entries: list[Entry]
    size: int
    future: Future[list[Outcome]]


class Inbox:
    """Group commit in front of a store. Thread-safe; starts its writer on first use."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._waiting_bytes = 0

    def append(self, entries: list[Entry]) -> Future[list[Outcome]]:
        """Store one request's entries; the future resolves after they are on disk.

        It fails with InboxUnavailable when the commit failed. InboxFull is raised at once.
        """
        size = sum(entry.size for entry in entries)
        with self._lock:
            if self._waiting_bytes > MAX_WAITING_BYTES:
                raise InboxFull
            self._waiting_bytes += size
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
                self._thread.start()
        waiting = _Waiting(entries, size, Future())
        self._queue.put(waiting)
        return waiting.future

    def append_now(self, entries: list[Entry]) -> list[Outcome]:
        """Store in the caller's thread; for imports and syncs."""
        return self.store.commit(entries)

    def close(self) -> None:
        """Commit what waits and stop."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is None:
            self.store.close()
        else:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            group: list[_Waiting] = []
            is_open = self._gather(group)
            if group:
                self._commit(group)
        self.store.close()

    def _gather(self, group: list[_Waiting]) -> bool:
        """Everything that waits now, at least one; False when the inbox closes."""
        item = self._queue.get()
        count = 0
        while item is not None:
            group.append(item)
            count += sum(len(entry.keys) for entry in item.entries)
            if count >= MAX_GROUP_ITEMS:
                return True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return True
        return False

    def _commit(self, group: list[_Waiting]) -> None:
        entries = [entry for waiting in group for entry in waiting.entries]
        settle: Callable[[_Waiting], None]
        try:
            outcomes = iter(self.store.commit(entries))
        except Exception as error:
            log.exception("inbox.commit_failed", requests=len(group))
            failure = error if isinstance(error, SiyuError) else InboxUnavailable()

            def settle(waiting: _Waiting) -> None:
                waiting.future.set_exception(failure)
        else:

            def settle(waiting: _Waiting) -> None:
                waiting.future.set_result([next(outcomes) for _ in waiting.entries])

        with self._lock:
            self._waiting_bytes -= sum(waiting.size for waiting in group)
        for waiting in group:
            if not waiting.future.cancelled():
                settle(waiting)
