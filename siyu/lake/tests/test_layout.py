"""Few files, sorted, a month each: whatever arrives when, and how little a question reads."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake.exceptions import CommitFailedError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from siyu.lake import actions, delta
from siyu.lake.layout import FAN, SMALL_ROWS, choose_merge, tier_of
from siyu.lake.parquet import ROW_GROUP, months_of, write_events
from siyu.lake.queries import appended_version, known_messages, timeline
from siyu.lake.session import open_session
from siyu.lake.tests.support import batch, seen
from siyu.lake.writer import writer_id

FLUSHES = int(os.environ.get("SIYU_SOAK_FLUSHES", "144"))
MARCH = "occurred_at >= '2026-03-01 00:00:00+08' AND occurred_at < '2026-04-01 00:00:00+08'"


def _events(count: int, start: datetime, *, days: float, identities: int = 500) -> pa.Table:
    rng = np.random.default_rng(count)
    who = rng.integers(1, identities + 1, count)
    at = np.datetime64(start.replace(tzinfo=None), "us") + (
        rng.random(count) * days * 86_400e6
    ).astype("timedelta64[us]")
    times = pa.array(at, pa.timestamp("us", "UTC"))
    texts = {name: pa.repeat(name, count) for name in ("source", "platform", "account", "staff")}
    return pa.table(
        {
            "customer_id": who,
            "identity_id": who,
            "name": pa.repeat("page_viewed", count),
            "occurred_at": times,
            "received_at": times,
            **texts,
            "message_hash": rng.integers(-(2**63), 2**63 - 1, count),
            "properties": pa.repeat("{}", count),
        }
    )


def _files() -> tuple[delta.DataFile, ...]:
    table = delta.find_events()
    return delta.list_files(table) if table else ()


def _compact() -> None:
    while actions.compact(keep_hours=0):
        pass


def _file(rows: int, number: int, *, month: str = "2026-10", kind: str = "loose") -> delta.DataFile:
    path = f"month={month}/{kind}-{number}.parquet"
    return delta.DataFile(path, month, rows, rows * 30, 0, 1, 9, None, None)


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=150), st.integers(0, 3_000_000))
def test_loose_files_of_any_sizes_come_to_rest_few_and_without_a_loop(sizes, run_rows):
    files = [_file(rows, number) for number, rows in enumerate(sizes)]
    if run_rows:
        files.append(_file(run_rows, -1, kind="sorted"))
    total, number, written = sum(file.rows for file in files), len(files), 0
    while merge := choose_merge(files, now_ms=0, current_month="2026-10"):
        rows = sum(file.rows for file in merge.files)
        files = [file for file in files if file not in merge.files]
        number += 1
        files.append(_file(rows, number, kind="sorted" if merge.is_whole else "loose"))
        written += rows
        assert number < 1_000
    assert sum(file.rows for file in files) == total
    loose = [file for file in files if not file.is_sorted]
    assert len(loose) < FAN * (tier_of(SMALL_ROWS) + 1)
    assert written <= 8 * total


def test_a_month_that_is_over_becomes_one_run_after_a_while():
    files = [_file(10, 1), _file(1_000, 2, kind="sorted")]
    hour = 3_600_000
    assert choose_merge(files, now_ms=hour - 1, current_month="2026-11") is None
    merge = choose_merge(files, now_ms=hour, current_month="2026-11")
    assert merge is not None
    assert merge.is_whole
    assert choose_merge(files, now_ms=100 * hour, current_month="2026-10") is None


@pytest.mark.django_db
def test_a_day_of_flushes_leaves_few_files(run_time, clock):
    """24 hours, by default a flush every ten minutes; SIYU_SOAK_FLUSHES=17280 is every 5 s."""
    step = timedelta(days=1) / FLUSHES
    most, log = 0, Path(delta.events_url()) / "_delta_log"
    for number in range(FLUSHES):
        rows = [seen(who % 97 + 1, clock.now(), message_id=f"{number}-{who}") for who in range(7)]
        actions.buffer(batch(clock.now(), *rows))
        clock.advance(seconds=max(step.total_seconds(), 5))
        while actions.flush():
            pass
        if number % max(FLUSHES // 1440, 1) == 0:
            _compact()
            most = max(most, len(list(Path(delta.events_url()).glob("month=*/*.parquet"))))
        _age(log, step)
    _compact()
    assert most <= 3 * FAN
    assert len(_files()) <= 2 * FAN
    assert len(list(log.iterdir())) <= 400 + 3 * FLUSHES / 12
    with open_session() as session:
        assert session.execute("SELECT count(*) FROM events").fetchall() == [(FLUSHES * 7,)]


def _age(log: Path, step: timedelta) -> None:
    """The log is cleaned by the machine's time; let its files be as old as the story says."""
    for path in log.iterdir():
        at = path.stat().st_mtime - step.total_seconds()
        os.utime(path, (at, at))


@pytest.mark.django_db
def test_a_sum_of_one_month_reads_that_month_only(run_time, clock):
    events = _events(60_000, datetime(2026, 1, 1, tzinfo=UTC), days=180)
    actions.append_events(events, writer="import", version=1)
    clock.advance(hours=2)
    _compact()
    march = next(file for file in _files() if file.month == "2026-03")
    for file in _files():
        if file is not march:
            _damage(Path(delta.events_url()) / file.path)
    for condition in (MARCH, "month = '2026-03'"):
        sql = f"SELECT name, count(*), sum(length(properties)) FROM events WHERE {condition} GROUP BY 1"
        with open_session() as session:
            [(_, count, _)] = session.execute(sql).fetchall()
            plan = session.execute(f"EXPLAIN ANALYZE {sql}").fetchall()[0][1]
        assert count == march.rows
        assert _groups_read(plan)[0] == -(-march.rows // ROW_GROUP)
    with pytest.raises(duckdb.Error), open_session() as session:
        session.execute("SELECT name, sum(length(properties)) FROM events GROUP BY 1").fetchall()


def _damage(path: Path) -> None:
    """Overwrite every row and keep the footer: whoever reads a row of it fails."""
    data = bytearray(path.read_bytes())
    footer = int.from_bytes(data[-8:-4], "little") + 8
    data[4:-footer] = b"\xff" * (len(data) - footer - 4)
    path.write_bytes(data)


def _groups_read(plan: str) -> list[int]:
    """Row groups scanned, and of how many, at the scan of the history."""
    lines = [line.split("Scanned:")[1] for line in plan.splitlines() if "Scanned:" in line]
    return max(([int(n) for n in re.findall(r"\d+", line)] for line in lines), key=lambda p: p[-1])


@pytest.mark.django_db
def test_compacted_files_are_sorted_and_do_not_overlap(run_time, clock):
    for version in range(1, 10):
        events = _events(500 + version, datetime(2026, 5, 2, tzinfo=UTC), days=20)
        assert actions.append_events(events, writer="import", version=version) == 500 + version
    clock.advance(hours=2)
    _compact()
    [file] = _files()
    rows = pq.ParquetFile(Path(delta.events_url()) / file.path).read(
        ["identity_id", "occurred_at", "event_id"]
    )
    listed = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    assert listed == sorted(listed)
    assert file.is_sorted
    assert (file.first_identity, file.last_identity) == (listed[0][0], listed[-1][0])


@pytest.mark.django_db
def test_an_append_that_is_repeated_adds_nothing(run_time, clock):
    events = _events(100, datetime(2026, 5, 2, tzinfo=UTC), days=90)
    assert actions.append_events(events, writer="import", version=1) == 100
    assert actions.append_events(events, writer="import", version=1) == 0
    assert appended_version("import") == 1
    hashes = events["message_hash"].to_numpy()
    months = months_of(events["occurred_at"]).dictionary.to_pylist()
    asked = np.append(hashes[:3], np.int64(7))
    assert known_messages(asked, months).tolist() == sorted(hashes[:3].tolist())
    actions.buffer(batch(clock.now(), seen(1, clock.now())))
    clock.advance(seconds=60)
    assert actions.flush() is True
    with open_session() as session:
        sql = "SELECT count(*), count(DISTINCT event_id) FROM events"
        assert session.execute(sql).fetchall() == [(101, 101)]


@pytest.mark.django_db
def test_an_import_can_be_taken_back(run_time, clock):
    actions.append_events(
        _events(50, datetime(2026, 5, 2, tzinfo=UTC), days=90), writer="import", version=1
    )
    with open_session() as session:
        [(first, last)] = session.execute(
            "SELECT min(event_id), max(event_id) FROM events"
        ).fetchall()
    actions.remove_events("source", first + 10, last)
    with open_session() as session:
        assert session.execute("SELECT count(*) FROM events").fetchall() == [(10,)]


@pytest.mark.django_db
def test_two_writers_with_one_view_of_the_history_cannot_both_commit(run_time, clock):
    """What the lock prevents, the commit refuses as well: nothing is doubled when a lock is lost."""
    actions.buffer(batch(clock.now(), *[seen(1, clock.now(), n=i) for i in range(5)]))
    delta.writable_events()
    mine, theirs = delta.writable_events(), delta.writable_events()
    actions.write_pending(mine, writer_id(), 0)
    with pytest.raises(CommitFailedError):
        actions.write_pending(theirs, writer_id(), 0)
    [file] = _files()
    assert file.rows == 5
    one, other = delta.writable_events(), delta.writable_events()
    delta.commit_rewritten(one, [file], write_events(_numbered(file)), is_erasure=False)
    with pytest.raises(CommitFailedError):
        delta.commit_rewritten(other, [file], write_events(_numbered(file)), is_erasure=False)
    assert sum(file.rows for file in _files()) == 5


def _numbered(file: delta.DataFile) -> pa.Table:
    return pq.ParquetFile(Path(delta.events_url()) / file.path).read()


@pytest.mark.django_db
def test_owners_are_written_into_the_files_and_then_forgotten(run_time, clock):
    from types import SimpleNamespace

    from siyu.lake.models import IdentityOwner

    start = clock.now()
    for number in range(3):
        actions.buffer(batch(start, *[seen(who, start, n=number) for who in (1, 2)]))
        clock.advance(seconds=60)
        assert actions.flush() is True
    actions.on_customers_moved([SimpleNamespace(identity_id=20, to_customer=1)], clock.now())
    actions.buffer(batch(start, seen(2, start, n=9)))
    actions.on_customers_moved([SimpleNamespace(identity_id=20, to_customer=1)], clock.now())
    clock.advance(hours=25)
    while actions.flush():
        pass
    _compact()
    assert not IdentityOwner.objects.exists()
    with open_session() as session:
        sql = "SELECT customer_id, count(*) FROM events GROUP BY 1"
        assert session.execute(sql).fetchall() == [(1, 7)]
    assert len(timeline([20])) == 4


@pytest.mark.django_db(transaction=True)
def test_erased_bytes_are_gone_from_every_file(run_time, clock):
    for number in range(9):
        rows = [seen(who, clock.now(), note=f"trace-of-{who}", n=number) for who in (1, 2)]
        actions.buffer(batch(clock.now(), *rows))
        clock.advance(seconds=60)
        assert actions.flush() is True
    actions.compact()
    assert _texts("trace-of-1")
    actions.erase([10])
    assert not _texts("trace-of-1")
    assert _texts("trace-of-2")
    assert timeline([10]) == []
    assert len(timeline([20])) == 9


def _texts(word: str) -> int:
    """How often a word is in any Parquet file of the folder, in the table or out of it."""
    folder = Path(delta.events_url())
    return sum(
        word in text
        for path in folder.glob("month=*/*.parquet")
        for text in pq.ParquetFile(path).read(["properties"])["properties"].to_pylist()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "month"),
    [
        (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), "2026-10"),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), "2026-11"),
        (datetime(2025, 12, 31, 20, 0, tzinfo=UTC), "2026-01"),
        (datetime(1999, 12, 31, 20, 0, tzinfo=UTC), "2000-01"),
    ],
)
def test_a_month_is_the_brands(run_time, at, month):
    times = pa.array([at], pa.timestamp("us", "UTC"))
    assert months_of(times).to_pylist() == [month]


@pytest.mark.django_db(transaction=True)
def test_on_a_server_another_connection_keeps_the_lock(run_time, clock):
    """PostgreSQL's advisory lock is of the connection, so another thread is another worker."""
    import threading

    from siyu.lake.bulk import LOCK
    from siyu.lake.locks import exclusive

    actions.buffer(batch(clock.now(), seen(1, clock.now())))
    clock.advance(seconds=60)
    told: list[bool] = []

    def other() -> None:
        told.append(actions.flush())
        connection.close()

    with exclusive(LOCK) as is_mine:
        assert is_mine
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert told == [False]
    assert actions.flush() is True
