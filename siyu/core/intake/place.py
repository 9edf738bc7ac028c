"""The process's inbox: beside the state store, and for facts that are ready made."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

import msgspec
from django.db import connection

from siyu.core.inbox import BODY_BYTES, FACTS, Entry, Inbox, Store
from siyu.core.inbox_postgres import PostgresStore
from siyu.core.inbox_sqlite import SqliteStore
from siyu.core.runtime import runtime
from siyu.kernel.ids import digest
from siyu.ports.facts import Fact

PER_ENTRY = 1_000
_COMMIT_ITEMS = 10_000

_encode = msgspec.msgpack.Encoder().encode
_sorted = msgspec.json.Encoder(order="sorted").encode
_inboxes: dict[tuple[str, Path], Inbox] = {}
_lock = threading.Lock()


@dataclass
class Receipts:
    """What became of submitted facts. `conflicts`: message ids used before for another body."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0


@dataclass(frozen=True)
class InboxStatus:
    """What waits for the worker: `pending` requests with `items` facts."""

    pending: int
    items: int


def open_inbox() -> Inbox:
    """The inbox of the runtime's home (SQLite) or of the database (PostgreSQL)."""
    place = (connection.vendor, runtime().home)
    with _lock:
        inbox = _inboxes.get(place)
        if inbox is None:
            store: Store = (
                PostgresStore()
                if connection.vendor == "postgresql"
                else SqliteStore(runtime().home / "inbox.db")
            )
            inbox = _inboxes[place] = Inbox(store)
    return inbox


def submit_facts(facts: Sequence[Fact]) -> Receipts:
    """Put ready-made facts through the same inbox; on disk when this returns.

    A fact whose source and message id are known is a duplicate when name, time, identities,
    properties and traits are equal, else a conflict. InboxUnavailable when nothing was kept.
    On PostgreSQL it is part of the caller's transaction, if there is one.
    """
    receipts = Receipts()
    store = open_inbox().store
    for start in range(0, len(facts), _COMMIT_ITEMS):
        entries = list(entries_of(facts[start : start + _COMMIT_ITEMS]))
        for outcome in store.commit(entries):
            receipts.accepted += outcome.accepted
            receipts.duplicates += len(outcome.duplicates)
            receipts.conflicts += len(outcome.conflicts)
    return receipts


def inbox_status() -> InboxStatus:
    """How much waits for the worker."""
    return InboxStatus(*open_inbox().store.count_pending())


def entries_of(facts: Sequence[Fact]) -> Iterator[Entry]:
    """Facts as the inbox takes them: one entry for each source and thousand."""
    for source, group in groupby(facts, key=lambda fact: fact.source):
        entry: Entry | None = None
        for fact in group:
            if entry is None or len(entry.items) >= PER_ENTRY:
                if entry is not None:
                    yield entry
                entry = Entry(FACTS, source, fact.received_at)
            entry.add(_encode(fact), digest(source.encode(), fact.message_id.encode()), _body(fact))
        if entry is not None:
            yield entry


def _body(fact: Fact) -> bytes:
    content = (
        fact.name,
        fact.at,
        fact.identities,
        fact.account,
        fact.staff,
        fact.properties,
        fact.traits,
        fact.private,
    )
    return blake2b(_sorted(content), digest_size=BODY_BYTES).digest()
