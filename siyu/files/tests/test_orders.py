from __future__ import annotations

import random
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from siyu.commerce.actions import record_orders
from siyu.commerce.lake_tables import TABLES as ORDER_TABLES
from siyu.commerce.models import Order, Refund
from siyu.core.access import Actor, Role
from siyu.core.models import AuditEntry
from siyu.files import actions
from siyu.files.keeping import refused_path
from siyu.files.models import ImportRun
from siyu.files.orders import groups_path
from siyu.files.tests.making import import_file, refused, write
from siyu.kernel.errors import Conflict, Refused
from siyu.kernel.identity import Identity
from siyu.lake import mirror
from siyu.lake.actions import buffer
from siyu.lake.locks import exclusive
from siyu.lake.session import open_session
from siyu.pool import belongings
from siyu.pool.actions import advance_stages, resolve
from siyu.pool.models import Customer
from siyu.pool.queries import find_customer, get_customer
from siyu.ports.facts import Fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
OWN = "order_no,placed_at,customer_no,amount\n"
ROWS = OWN + "A1,2026-01-02 08:00:00,m1,10.50\nA2,2026-01-03,m1,20\nA3,2026-01-04,,5\n"
LIN = Actor("lin", Role.OWNER)
STAGES = (resolve, record_orders, advance_stages, buffer)


class Ear:
    """A stage that keeps what it heard."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def __call__(self, batch):
        self.facts += [seen.fact for seen in batch.seen]


@pytest.fixture(autouse=True)
def _orders_belong_to_people():
    belongings.register("commerce_order")
    for table in ORDER_TABLES:
        mirror.register(table)
    yield
    for table in ORDER_TABLES:
        mirror.unregister(table.name)


def bring(path: Path, *later: Any, **changes: Any) -> ImportRun:
    return import_file("orders", path, stages=(*STAGES, *later), **changes)


def snapshot() -> list[tuple[object, ...]]:
    return [tuple(row) for row in Order.objects.order_by("order_no").values_list()]


def told_events() -> int:
    with open_session() as session:
        row = session.execute("SELECT count(*) FROM events").fetchone()
    return int(row[0]) if row else 0


def test_orders_make_customers_and_history(tmp_path):
    ear = Ear()
    done = bring(write(tmp_path / "o.csv", ROWS), ear)
    counts = done.counts
    assert (counts["created"], counts["customers"], counts["net_fen"]) == (3, 1, 3550)
    found = find_customer(Identity("import_id", "orders", "m1"))
    assert found is not None
    told = get_customer(LIN, found[0]).row
    assert (told.order_count, told.revenue_fen, told.stage) == (2, 3050, "loyal")
    assert Order.objects.get(order_no="A3").customer_id is None
    assert [fact.name for fact in ear.facts] == ["order_completed"] * 3
    assert all(fact.is_late for fact in ear.facts)
    assert not done.refused_bytes


def test_importing_twice_changes_nothing(tmp_path):
    path, ear = write(tmp_path / "o.csv", ROWS), Ear()
    bring(path)
    before = snapshot()
    counts = bring(path, ear).counts
    assert (counts["created"], counts["updated"], counts["unchanged"]) == (0, 0, 3)
    assert snapshot() == before
    assert ear.facts == []


def test_same_rows_under_another_name_and_order_change_nothing(tmp_path):
    bring(write(tmp_path / "o.csv", ROWS))
    head, *rows = ROWS.splitlines()
    counts = bring(write(tmp_path / "again.csv", "\n".join([head, *reversed(rows)]))).counts
    assert (counts["created"], counts["unchanged"]) == (0, 3)


def test_newer_file_updates_its_orders(tmp_path):
    header = "order_no,placed_at,customer_no,amount,refund\n"
    bring(write(tmp_path / "o.csv", f"{header}A1,2026-01-02,m1,10,0\nA2,2026-01-02,m1,7,0\n"))
    newer = f"{header}A1,2026-01-02,m1,10,4\nA2,2026-01-02,m1,7,0\n"
    counts = bring(write(tmp_path / "o2.csv", newer)).counts
    assert (counts["updated"], counts["unchanged"]) == (1, 1)
    row = Order.objects.get(order_no="A1")
    assert (row.refund_fen, row.net_fen, row.status) == (400, 600, "partly_refunded")
    assert row.customer_id is not None


def test_same_number_of_another_shop_is_reported_not_overwritten(tmp_path):
    bring(write(tmp_path / "o.csv", ROWS))
    other = write(tmp_path / "other.csv", f"{OWN}A1,2025-05-05,x9,99\n")
    done = bring(other)
    assert (done.counts["conflicting"], done.counts["created"]) == (1, 0)
    assert refused(done) == [(2, "order.conflict")]
    assert Order.objects.get(order_no="A1").amount_fen == 1050
    assert bring(other, source="second_shop").counts["created"] == 1


def test_refused_rows_are_reported_in_a_file(tmp_path):
    done = bring(write(tmp_path / "o.csv", f"{ROWS}A4,2026-02-30,m1,1\n"))
    assert done.counts["refused"] == 1
    assert refused_path(done).stat().st_mode & 0o077 == 0
    assert '5,"import.date"' in refused_path(done).read_text("utf-8-sig")


def test_a_dry_run_writes_nothing(tmp_path):
    done = bring(write(tmp_path / "o.csv", ROWS), is_dry=True)
    assert (done.state, done.counts["created"], done.counts["customers"]) == ("checked", 3, 0)
    assert (Order.objects.count(), Customer.objects.count()) == (0, 0)


def test_an_import_waits_for_no_other(tmp_path):
    held, done = Event(), Event()

    def hold() -> None:
        with exclusive("files.import"):
            held.set()
            done.wait(30)
        connection.close()

    other = Thread(target=hold)
    other.start()
    held.wait(30)
    with pytest.raises(Conflict):
        bring(write(tmp_path / "o.csv", ROWS))
    done.set()
    other.join()


def test_a_mapping_without_money_is_refused_before_anything_is_read(tmp_path):
    path = write(tmp_path / "o.csv", ROWS)
    with pytest.raises(Refused) as refusal:
        bring(path, columns={"order_no": "order_no", "placed_at": "placed_at"})
    assert refusal.value.code == "import.no_amount"
    with pytest.raises(Refused) as refusal:
        bring(path, timezone="Mars/Olympus")
    assert (refusal.value.code, refusal.value.field) == ("import.timezone", "timezone")


def test_phone_in_the_file_joins_the_person_known_by_it(tmp_path):
    header = "order_no,placed_at,customer_no,phone,amount\n"
    rows = "A1,2026-01-02,m1,139-1234-5678,10\nA2,2026-01-03,,+8613912345678,5\n"
    bring(write(tmp_path / "o.csv", header + rows))
    assert len(set(Order.objects.values_list("customer_id", flat=True))) == 1


# --- many rows -------------------------------------------------------------------------------


def lines_of(orders: int, seed: int = 7) -> list[str]:
    """Three lines an order, anywhere in the file."""
    rows = [
        f"N{n},2026-01-{1 + n % 28:02d} 08:00:00,m{n % 50},{k + 1}.25\n"
        for n in range(orders)
        for k in range(3)
    ]
    random.Random(seed).shuffle(rows)
    return rows


HEAD = "order_no,placed_at,customer_no,line_amount\n"


def test_lines_of_an_order_meet_wherever_they_stand(tmp_path):
    path = write(tmp_path / "o.csv", HEAD + "".join(lines_of(400)))
    done = bring(path, rows_at_once=100)
    assert (done.counts["created"], done.counts["rows"], done.position) == (400, 1200, 1200)
    assert set(Order.objects.values_list("amount_fen", flat=True)) == {675}
    assert not groups_path(done).exists()


def test_small_batches_give_what_one_large_gives(tmp_path):
    lines = [*lines_of(120), ",2026-01-02,m1,1\n", "N3,2026-02-30,m1,1\n", "N5,2026-01-06\n"]
    path = write(tmp_path / "o.csv", HEAD + "".join(lines))
    small = bring(path, rows_at_once=7, source="small")
    large = bring(path, source="large")
    for each in (small.counts, large.counts):
        each.pop("customers")
    assert small.counts == large.counts
    assert sorted(refused(small)) == sorted(refused(large))
    fields = ("order_no", "amount_fen", "placed_at", "content_hash", "lines")
    rows = [
        sorted(Order.objects.filter(source=f"import:{s}").values_list(*fields))
        for s in ("small", "large")
    ]
    assert rows[0] == rows[1]


def test_the_day_is_told_from_the_month_by_the_whole_file(tmp_path):
    rows = "".join(f"D{n},0{1 + n % 9}/0{1 + n % 7}/2026,m1,1\n" for n in range(300))
    path = write(tmp_path / "o.csv", HEAD + rows + "D999,25/07/2026,m1,1\n")
    bring(path, rows_at_once=20)
    assert Order.objects.get(order_no="D1").placed_at.strftime("%m-%d") == "02-01"
    with pytest.raises(Refused) as refusal:
        bring(write(tmp_path / "p.csv", HEAD + rows), source="other")
    assert refusal.value.code == "import.date_ambiguous"
    assert not Order.objects.filter(source="import:other").exists()


class _CutError(Exception):
    """Somebody pulled the plug."""


def test_an_import_cut_off_goes_on_where_it_stood(tmp_path):
    path = write(tmp_path / "o.csv", HEAD + "".join(lines_of(200)))
    turns = 0

    def cut(batch):
        nonlocal turns
        turns += 1
        if turns == 4:
            raise _CutError

    with pytest.raises(_CutError):
        bring(path, cut, rows_at_once=60)
    before, position = Order.objects.count(), ImportRun.objects.get().position
    assert (0 < before < 200, 0 < position < 600) == (True, True)
    done = bring(path, rows_at_once=60)
    assert ImportRun.objects.count() == 1
    assert (done.counts["created"], done.counts["unchanged"]) == (200, 0)
    assert (Order.objects.count(), told_events()) == (200, 200)


# --- taking back -----------------------------------------------------------------------------


def undo(run: ImportRun, clock: Any) -> dict[str, int]:
    return actions.undo(LIN, run.pk, now=clock.now())


def test_undo_takes_back_orders_people_and_events(tmp_path, clock):
    run = bring(write(tmp_path / "o.csv", ROWS))
    assert told_events() == 2
    clock.advance(seconds=60)
    told = undo(run, clock)
    assert (told["orders"], told["customers"], told["events"]) == (3, 1, 2)
    assert (Order.objects.count(), Customer.objects.count(), told_events()) == (0, 0, 0)
    assert bring(write(tmp_path / "o.csv", ROWS)).counts["created"] == 3
    assert AuditEntry.objects.filter(verb="undo_import").count() == 1


def test_undo_leaves_what_others_said_and_counts_again(tmp_path, clock):
    bring(write(tmp_path / "first.csv", f"{OWN}A1,2026-01-02,m1,10\n"))
    clock.advance(seconds=60)
    second = bring(
        write(tmp_path / "second.csv", f"{OWN}A2,2026-01-03,m1,20\nA3,2026-01-03,m2,7\n")
    )
    clock.advance(seconds=60)
    Refund.objects.create(
        source="import:orders", refund_no="r", order_no="A3", at=clock.now(), created_at=clock.now()
    )
    told = undo(second, clock)
    assert (told["orders"], told["orders_kept"], told["customers"]) == (1, 1, 0)
    found = find_customer(Identity("import_id", "orders", "m1"))
    assert found is not None
    row = get_customer(LIN, found[0]).row
    assert (row.order_count, row.revenue_fen, row.stage) == (1, 1000, "buy")
    assert set(Order.objects.values_list("order_no", flat=True)) == {"A1", "A3"}
    assert told_events() == 2


def test_an_order_a_later_file_changed_stays(tmp_path, clock):
    first = bring(write(tmp_path / "first.csv", f"{OWN}A1,2026-01-02,m1,10\nA2,2026-01-02,m1,3\n"))
    clock.advance(seconds=60)
    second = bring(write(tmp_path / "second.csv", f"{OWN}A1,2026-01-02,m1,12\n"))
    clock.advance(seconds=60)
    told = undo(first, clock)
    assert (told["orders"], told["orders_kept"]) == (1, 1)
    told = undo(second, clock)
    assert (told["orders"], told["events"]) == (0, 0)
    assert Order.objects.get().amount_fen == 1200
