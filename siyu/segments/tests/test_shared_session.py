"""The process's shared copy of the state is never behind what was committed."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from siyu.lake import actions, mirror
from siyu.lake.mirror import MirrorTable
from siyu.lake.models import IdentityOwner
from siyu.lake.session import open_session
from siyu.lake.state import open_snapshot
from siyu.lake.tests.support import batch, seen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


def _events() -> list[int]:
    with open_session() as session:
        return [row[0] for row in session.execute("SELECT customer_id FROM events").fetchall()]


def test_a_commit_is_seen_by_the_next_session_and_a_rollback_is_not(clock):
    with transaction.atomic():
        actions.buffer(batch(clock.now(), seen(1, clock.now())))
        assert _events() == [1]
    assert _events() == [1]
    with transaction.atomic():
        actions.buffer(batch(clock.now(), seen(2, clock.now())))
        transaction.set_rollback(True)
    assert _events() == [1]
    clock.advance(seconds=60)
    assert actions.flush() is True
    assert _events() == [1]


def test_sessions_of_other_threads_share_one_fresh_copy(clock):
    actions.buffer(batch(clock.now(), seen(1, clock.now())))
    found: list[list[int]] = []

    def read() -> None:
        found.append(_events())
        connection.close()

    for customer_id in (2, 3):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        actions.buffer(batch(clock.now(), seen(customer_id, clock.now())))
    assert found == [[1], [1, 2]]
    assert _events() == [1, 2, 3]


def test_a_session_may_be_allowed_to_be_a_little_behind(clock):
    assert _events() == []
    actions.buffer(batch(clock.now(), seen(1, clock.now())))
    with open_session(max_age=60) as session:
        assert session.execute("SELECT count(*) FROM events").fetchone() == (0,)
    assert _events() == [1]


def test_a_running_read_is_not_disturbed_by_newer_state(clock):
    actions.buffer(batch(clock.now(), seen(1, clock.now())))
    with open_session() as session:
        actions.buffer(batch(clock.now(), seen(2, clock.now())))
        assert _events() == [1, 2]
        assert session.execute("SELECT count(*) FROM events").fetchone() == (1,)


def test_every_type_arrives_as_it_was_written():
    table = MirrorTable(
        name="sample",
        sql="SELECT identity_id AS a, NULL AS b, 'x,\"y' AS c, '' AS d, 'v' AS e "
        "FROM lake_identityowner",
        columns={"a": "int", "b": "text", "c": "text", "d": "text", "e": "hash"},
        key="",
    )
    IdentityOwner.objects.create(identity_id=7, customer_id=1)
    with open_snapshot() as snapshot:
        (row,) = snapshot.read(table.sql, table.columns).to_pylist()
    assert (row["a"], row["b"], row["c"], row["d"]) == (7, None, 'x,"y', "")
    assert len(row["e"]) == 32
    mirror.register(table)
    try:
        with open_session() as session:
            assert session.execute("SELECT a FROM sample").fetchall() == [(7,)]
    finally:
        mirror.unregister("sample")


def test_times_and_truth_arrive_with_their_zone(lin, clock):
    from siyu.segments.actions import create_segment

    definition = {"version": 1, "root": {"op": "reachable"}}
    create_segment(lin, "x", definition, now=clock.now())
    sql = "SELECT created_at, is_archived, updated_at FROM segments_segment"
    columns = {"created_at": "time", "is_archived": "bool", "updated_at": "time"}
    with open_snapshot() as snapshot:
        (row,) = snapshot.read(sql, columns).to_pylist()
    assert row == {"created_at": clock.now(), "is_archived": False, "updated_at": clock.now()}
