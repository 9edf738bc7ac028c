"""A copy of the state that was told what changed equals one that reads everything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.lake import changes, snapshots
from siyu.lake.engine import shared
from siyu.lake.mirror import MirrorTable
from siyu.lake.models import Change, IdentityOwner
from siyu.lake.session import open_session
from siyu.lake.state import open_snapshot
from siyu.lake.tests.mirroring import mirrored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
WATCHED = MirrorTable(
    name="watched",
    sql="SELECT identity_id, customer_id FROM lake_identityowner",
    columns={"identity_id": "int", "customer_id": "int"},
    sources={"lake_identityowner": "identity_id"},
    row_key="identity_id",
)


@pytest.fixture(autouse=True)
def watching() -> Iterator[None]:
    with mirrored(WATCHED, alone=True):
        yield


def _shown() -> list[tuple[int, int]]:
    with open_session() as session:
        sql = "SELECT identity_id, customer_id FROM watched ORDER BY 1"
        return [tuple(row) for row in session.execute(sql).fetchall()]


def _kept() -> list[tuple[int, int]]:
    return list(
        IdentityOwner.objects.order_by("identity_id").values_list("identity_id", "customer_id")
    )


def _fill(count: int) -> None:
    IdentityOwner.objects.bulk_create(
        [IdentityOwner(identity_id=n, customer_id=n) for n in range(count)]
    )


def _wait_for_older_transactions() -> None:
    """Until no transaction of the server, be it of another test's, is older than our notes."""
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        with open_snapshot() as snapshot:
            if changes.changed_since(snapshot, changes.mark_of(snapshot)) == {}:
                return
        time.sleep(0.02)
    pytest.fail("a transaction that began before the test is still open")


def test_a_refresh_reads_only_what_changed():
    _fill(2_000)
    _wait_for_older_transactions()
    assert _shown() == _kept()
    IdentityOwner.objects.filter(identity_id=7).update(customer_id=70)
    IdentityOwner.objects.filter(identity_id=8).delete()
    IdentityOwner.objects.create(identity_id=5_000, customer_id=1)
    IdentityOwner.objects.filter(identity_id=9).update(identity_id=9_000)
    assert _shown() == _kept()
    owners = IdentityOwner.objects.count()
    assert shared.read_rows == owners + 3


def test_a_change_that_is_rolled_back_is_not_seen():
    _fill(10)
    assert len(_shown()) == 10
    with transaction.atomic():
        IdentityOwner.objects.all().delete()
        transaction.set_rollback(True)
    assert len(_shown()) == 10


def test_notes_that_were_thrown_away_mean_reading_everything():
    _fill(10)
    assert _shown() == _kept()
    with open_snapshot() as snapshot:
        mark = changes.mark_of(snapshot)
    IdentityOwner.objects.filter(identity_id=3).update(customer_id=30)
    from siyu.lake.models import WriterState

    Change.objects.all().delete()
    WriterState.objects.create(name=changes.FLOOR, value=str(mark + 1_000_000))
    assert _shown() == _kept()


def test_a_transaction_that_ends_late_is_not_missed():
    """Its notes are older than those of a later one that was read already (PostgreSQL)."""
    if connection.vendor != "postgresql":
        return
    import threading

    _fill(3)
    started, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            IdentityOwner.objects.filter(identity_id=0).update(customer_id=100)
            started.set()
            finish.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(10)
    IdentityOwner.objects.filter(identity_id=1).update(customer_id=200)
    assert dict(_shown())[1] == 200
    finish.set()
    thread.join()
    assert dict(_shown()) == {0: 100, 1: 200, 2: 2}


steps = st.lists(
    st.tuples(st.sampled_from(["put", "drop", "look"]), st.integers(0, 12), st.integers(0, 5)),
    max_size=25,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_any_history_of_writes_shows_what_is_kept(taken):
    for kind, key, value in taken:
        if kind == "put":
            IdentityOwner.objects.update_or_create(
                identity_id=key,
                defaults={"customer_id": value, "moved_at": datetime(2026, 1, 1, tzinfo=UTC)},
            )
        elif kind == "drop":
            IdentityOwner.objects.filter(identity_id=key).delete()
        else:
            assert _shown() == _kept()
    assert _shown() == _kept()
    IdentityOwner.objects.all().delete()


def _published() -> list[tuple[int, int]]:
    rows = DeltaTable(snapshots.table_url("watched")).to_pyarrow_table().to_pylist()
    return sorted((row["identity_id"], row["customer_id"]) for row in rows)


def test_outsiders_find_a_copy_that_is_renewed_when_rows_changed():
    _fill(5)
    snapshots.publish()
    version = DeltaTable(snapshots.table_url("watched")).version()
    assert _published() == _kept()
    snapshots.hurry("a")
    snapshots.publish()
    assert DeltaTable(snapshots.table_url("watched")).version() == version
    IdentityOwner.objects.filter(identity_id=3).delete()
    snapshots.publish()
    assert len(_published()) == 5
    snapshots.hurry("b")
    snapshots.publish()
    assert _published() == _kept()
    files = list(Path(snapshots.table_url("watched")).glob("*.parquet"))
    assert len(files) == 1
