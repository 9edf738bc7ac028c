from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.core.inbox import (
    FACTS,
    MAX_WAITING_BYTES,
    Entry,
    Inbox,
    InboxFull,
    InboxUnavailable,
    Outcome,
    sort_out,
)
from siyu.core.inbox_sqlite import SqliteStore
from siyu.core.intake import open_inbox
from siyu.kernel.ids import digest

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400_000


def entry_of(*pairs: tuple[str, str], at: int = 1_794_362_400_000) -> Entry:
    """An entry of (message id, body) pairs."""
    entry = Entry(FACTS, "shop", at)
    for key, body in pairs:
        item = msgspec.msgpack.encode([key, body])
        entry.add(item, digest(key.encode()), digest(body.encode())[:8])
    return entry


def take_all() -> list[list[str]]:
    """Work everything off; the items in order."""
    from siyu.core.models import IntakeState

    store, found = open_inbox().store, []
    with transaction.atomic():
        IntakeState.objects.get_or_create(pk=1)
        while chunks := store.take(1):
            for chunk in chunks:
                if chunk.kind == FACTS:
                    found.extend(msgspec.msgpack.decode(chunk.payload))
            store.done(chunks)
    return found


def test_items_come_out_once_and_in_order(run_time):
    store = open_inbox().store
    store.commit([entry_of(("a", "1"), ("b", "1"))])
    store.commit([entry_of(("c", "1"))])
    assert store.has_pending()
    assert store.count_pending() == (2, 3)
    assert take_all() == [["a", "1"], ["b", "1"], ["c", "1"]]
    assert not store.has_pending()
    assert take_all() == []


def test_a_rolled_back_batch_comes_again(run_time):
    from siyu.core.models import IntakeState

    store = open_inbox().store
    store.commit([entry_of(("a", "1"))])
    with transaction.atomic():
        IntakeState.objects.get_or_create(pk=1)
        store.done(store.take(10))
        transaction.set_rollback(True)
    assert take_all() == [["a", "1"]]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("12")), max_size=5)),
        max_size=5,
    )
)
def test_each_id_is_stored_once_with_its_first_body(groups):
    known: dict[bytes, bytes] = {}
    first: dict[str, str] = {}
    for group in groups:
        entries = [entry_of(*pairs) for pairs in group]
        outcomes, fresh, _ = sort_out(entries, dict(known))
        known.update(fresh)
        for pairs, outcome in zip(group, outcomes, strict=True):
            expected = Outcome()
            for index, (key, body) in enumerate(pairs):
                if key not in first:
                    first[key] = body
                    expected.accepted += 1
                elif first[key] == body:
                    expected.duplicates.append(index)
                else:
                    expected.conflicts.append(index)
            assert outcome == expected


def test_concurrent_writers_store_each_id_once(run_time):
    pairs = [(f"id{n}", "1") for n in range(200)]

    def write(offset: int) -> int:
        try:
            rotated = pairs[offset:] + pairs[:offset]
            store = open_inbox().store
            parts = [rotated[n : n + 20] for n in range(0, 200, 20)]
            return sum(store.commit([entry_of(*part)])[0].accepted for part in parts)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        accepted = sum(threads.map(write, (0, 30, 90, 150)))
    assert accepted == 200
    assert max(Counter(key for key, _ in take_all()).values()) == 1


def test_requests_are_committed_in_groups_and_answered_one_by_one(run_time):
    inbox = Inbox(open_inbox().store)
    futures = [inbox.append([entry_of((f"id{n % 50}", str(n // 50)))]) for n in range(100)]
    outcomes = [future.result(10)[0] for future in futures]
    inbox.close()
    assert sum(outcome.accepted for outcome in outcomes) == 50
    assert sum(len(outcome.conflicts) for outcome in outcomes) == 50


class SickStore(SqliteStore):
    """Fails its first commits the way a full disk does."""

    def __init__(self, path: Path, failures: int) -> None:
        super().__init__(path)
        self._failures = failures

    def _write(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> list[Outcome]:
        outcomes = super()._write(connection, entries)
        if self._failures:
            self._failures -= 1
            raise sqlite3.OperationalError("database or disk is full")
        return outcomes


def test_a_failed_commit_keeps_nothing_and_heals(tmp_path: Path):
    inbox = Inbox(SickStore(tmp_path / "inbox.db", failures=1))
    with pytest.raises(InboxUnavailable):
        inbox.append([entry_of(("a", "1"))]).result(10)
    assert inbox.append([entry_of(("a", "1"))]).result(10)[0].accepted == 1
    inbox.close()


def test_a_disk_that_is_really_full_refuses_until_there_is_room(tmp_path: Path):
    store = SqliteStore(tmp_path / "inbox.db")
    store.commit([entry_of(("a", "1"))])
    writer = store._open_writer()
    writer.execute("PRAGMA max_page_count=5")
    with pytest.raises(InboxUnavailable):
        store.commit([entry_of(*((f"{n}" * 50, "1") for n in range(2000)))])
    assert store.commit([entry_of(("b", "1"))])[0].accepted == 1
    store.close()


def test_too_much_waiting_is_turned_away(run_time):
    inbox = Inbox(open_inbox().store)
    inbox._waiting_bytes = MAX_WAITING_BYTES + 1
    with pytest.raises(InboxFull):
        inbox.append([entry_of(("a", "1"))])


def test_old_ids_and_finished_chunks_are_forgotten(run_time):
    store = open_inbox().store
    at = 20_000 * DAY
    store.commit([entry_of(("old", "1"), at=at)])
    store.commit([entry_of(("new", "1"), at=at + 400 * DAY)])
    take_all()
    for _ in range(256):
        store.trim(20_000 + 365)
    assert store.commit([entry_of(("old", "1"))])[0].accepted == 1
    assert store.commit([entry_of(("new", "1"))])[0].duplicates == [0]
    assert take_all() == [["old", "1"]]


def test_chunk_numbers_are_never_used_twice(run_time):
    store = open_inbox().store
    for name in ("a", "b"):
        store.commit([entry_of((name, "1"))])
        assert take_all() == [[name, "1"]]
        store.trim(0)


def test_two_workers_never_get_the_same_chunk(run_time):
    from siyu.core.models import IntakeState

    store = open_inbox().store
    IntakeState.objects.get_or_create(pk=1)
    for n in range(4):
        store.commit([entry_of((f"id{n}", "1"))])

    def work() -> list[int]:
        with transaction.atomic():
            chunks = store.take(1)
            store.done(chunks)
            return [chunk.id for chunk in chunks]

    def work_in_thread(_: int) -> list[int]:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as threads:
        taken = list(threads.map(work_in_thread, range(3)))
    while rest := work():
        taken.append(rest)
    ids = [number for part in taken for number in part]
    assert len(ids) == len(set(ids)) == 4
