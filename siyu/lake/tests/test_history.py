"""Events go from the buffer to the history exactly once and are read from both."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from siyu.lake import actions, bulk, delta
from siyu.lake.locks import exclusive
from siyu.lake.models import Erasure, PendingEvent
from siyu.lake.queries import timeline
from siyu.lake.session import open_session
from siyu.lake.tests.support import batch, seen
from siyu.lake.writer import writer_id

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def _count(customer_ids: list[int] | None = None) -> int:
    with open_session(customer_ids) as session:
        return len(session.execute("SELECT event_id FROM events").fetchall())


def _files() -> list[str]:
    table = delta.find_events()
    return table.file_uris() if table else []


def _buffer(clock, count: int, *, customer_id: int = 7) -> None:
    start = clock.now()
    actions.buffer(
        batch(
            start,
            *[seen(customer_id, start + timedelta(seconds=i), n=i) for i in range(count)],
            seen(None, start),
        )
    )


def _flush(clock) -> None:
    clock.advance(seconds=60)
    while actions.flush():
        pass


def test_an_event_counts_before_and_after_it_is_flushed(clock):
    _buffer(clock, 3)
    assert _count() == 3
    _flush(clock)
    assert PendingEvent.objects.count() == 0
    assert _count() == 3


def test_flush_waits_until_rows_are_worth_a_file(clock):
    _buffer(clock, 3)
    assert actions.flush() is False
    clock.advance(seconds=6)
    assert actions.flush() is True
    assert actions.flush() is False


def test_a_kill_between_history_and_buffer_counts_every_event_once(clock):
    _buffer(clock, 5)
    table = delta.writable_events()
    last = actions.write_pending(table, writer_id(), 0)
    assert PendingEvent.objects.count() == 5
    assert _count() == 5
    assert [row.properties["n"] for row in timeline([70])] == [4, 3, 2, 1, 0]
    _buffer(clock, 2)
    assert _count() == 7
    _flush(clock)
    assert PendingEvent.objects.count() == 0
    assert _count() == 7
    assert delta.flushed_id(delta.find_events(), writer_id()) == last + 2


def test_only_one_writer_works_at_a_time(clock):
    from django.db import connection

    if connection.vendor == "postgresql":
        return
    _buffer(clock, 1)
    clock.advance(seconds=60)
    with exclusive(bulk.LOCK), exclusive(bulk.REWRITER):
        assert actions.flush() is False
        assert actions.compact() is False
    assert actions.flush() is True


def test_timeline_is_newest_first_and_pages_over_buffer_and_history(clock):
    _buffer(clock, 4)
    _flush(clock)
    _buffer(clock, 3)
    first = timeline([70], limit=5)
    assert [row.properties["n"] for row in first] == [2, 1, 0, 3, 2]
    from siyu.kernel.clock import to_ms
    from siyu.kernel.paging import encode_cursor

    rest = timeline([70], before=encode_cursor(to_ms(first[-1].at), first[-1].id), limit=5)
    assert [row.properties["n"] for row in rest] == [1, 0]
    assert timeline([71]) == []


def test_compaction_merges_files_and_loses_nothing(clock):
    for day in range(9):
        _buffer(clock, 3, customer_id=9 - day)
        _flush(clock)
    assert len(_files()) == 9
    assert actions.compact() is True
    assert actions.compact() is False
    assert len(_files()) == 1
    assert _count() == 27
    with open_session() as session:
        ids = session.execute("SELECT identity_id FROM events").fetchall()
    assert ids == sorted(ids)


def test_merged_and_split_identities_take_their_events_along(clock):
    _buffer(clock, 2, customer_id=1)
    _buffer(clock, 3, customer_id=2)
    _flush(clock)
    _buffer(clock, 1, customer_id=2)

    def counts() -> dict[int, int]:
        with open_session() as session:
            sql = "SELECT customer_id, count(*) FROM events GROUP BY 1 ORDER BY 1"
            return dict(session.execute(sql).fetchall())

    assert counts() == {1: 2, 2: 4}
    actions.on_customers_moved([SimpleNamespace(identity_id=20, to_customer=1)], clock.now())
    assert counts() == {1: 6}
    assert _count([1]) == 6
    assert _count([2]) == 0
    actions.on_customers_moved([SimpleNamespace(identity_id=20, to_customer=2)], clock.now())
    assert counts() == {1: 2, 2: 4}


def test_erasure_hides_at_once_and_removes_the_files(clock):
    from pathlib import Path

    _buffer(clock, 2, customer_id=1)
    _buffer(clock, 2, customer_id=2)
    _flush(clock)
    _buffer(clock, 1, customer_id=1)
    before = set(Path(delta.events_url()).glob("month=*/*.parquet"))
    actions.erase([10])
    assert _count() == 2
    assert timeline([10]) == []
    assert actions.compact() is True
    assert Erasure.objects.count() == 0
    assert _count() == 2
    assert not before & set(Path(delta.events_url()).glob("month=*/*.parquet"))


def test_a_history_of_another_state_store_is_not_mistaken_for_ours(clock):
    from siyu.lake.models import WriterState

    _buffer(clock, 3)
    _flush(clock)
    WriterState.objects.all().delete()
    _buffer(clock, 2)
    assert _count() == 5
    _flush(clock)
    assert _count() == 5


def test_any_parquet_reader_reads_the_history_and_finds_nothing_personal(clock):
    import pyarrow.parquet as pq

    actions.buffer(
        batch(clock.now(), seen(1, clock.now(), phone="13812345678", note="打 138 1234 5678"))
    )
    _flush(clock)
    (uri,) = _files()
    rows = pq.ParquetFile(uri).read().to_pylist()
    assert rows[0]["customer_id"] == 1
    assert "1234" not in rows[0]["properties"]
