from __future__ import annotations

import fcntl
from pathlib import Path

import msgspec
import pytest
from django.db import transaction

from siyu.commerce.actions import record_orders
from siyu.commerce.files.assemble import assemble
from siyu.commerce.files.formats import guess_mapping, read_order_table
from siyu.commerce.imports import compare_orders, import_orders
from siyu.commerce.models import ImportRun, Order
from siyu.commerce.tests.files import NOW, OWN, write
from siyu.core.models import AuditEntry
from siyu.kernel.errors import Conflict, Forbidden
from siyu.kernel.identity import Identity
from siyu.pool.actions import advance_stages, resolve
from siyu.pool.queries import find_customer, get_customer
from siyu.ports.facts import Fact

pytestmark = pytest.mark.django_db
ROWS = OWN + "A1,2026-01-02 08:00:00,m1,10.50\nA2,2026-01-03 08:00:00,m1,20\nA3,2026-01-04,,5\n"


class Ear:
    """A stage that keeps what it heard."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def __call__(self, batch):
        self.facts += [seen.fact for seen in batch.seen]


@pytest.fixture(autouse=True)
def _home(run_time):
    return run_time


def run_import(actor, path: Path, *later, **changes):
    table = read_order_table(path)
    mapping = msgspec.structs.replace(guess_mapping(table.header), **changes)
    found = assemble(table, mapping, now=NOW)
    stages = (resolve, record_orders, advance_stages, *later)
    return import_orders(actor, (path.name, table), mapping, found, stages=stages)


def snapshot() -> list[tuple[object, ...]]:
    return [tuple(row) for row in Order.objects.order_by("order_no").values_list()]


def test_import_makes_orders_customers_and_history(lin, tmp_path):
    ear = Ear()
    done = run_import(lin, write(tmp_path, ROWS), ear)
    assert (done.counts.created, done.counts.customers, done.counts.net_fen) == (3, 1, 3550)
    found = find_customer(Identity("import_id", "orders", "m1"))
    assert found is not None
    told = get_customer(lin, found[0]).row
    assert (told.order_count, told.revenue_fen, told.stage) == (2, 3050, "loyal")
    assert Order.objects.get(order_no="A3").customer_id is None
    assert [fact.name for fact in ear.facts] == ["order_completed"] * 3
    assert all(fact.is_late for fact in ear.facts)
    assert done.report is None


def test_importing_twice_changes_nothing(lin, tmp_path):
    path, ear = write(tmp_path, ROWS), Ear()
    run_import(lin, path)
    before = snapshot()
    done = run_import(lin, path, ear)
    assert (done.counts.created, done.counts.updated, done.counts.unchanged) == (0, 0, 3)
    assert snapshot() == before
    assert ear.facts == []


def test_same_rows_under_another_name_and_order_change_nothing(lin, tmp_path):
    run_import(lin, write(tmp_path, ROWS))
    head, *rows = ROWS.splitlines()
    turned = "\n".join([head, *reversed(rows)])
    done = run_import(lin, write(tmp_path, turned, "again.csv"))
    assert (done.counts.created, done.counts.unchanged) == (0, 3)


def test_newer_file_updates_its_orders(lin, tmp_path):
    header = "order_no,placed_at,customer_no,amount,refund\n"
    run_import(lin, write(tmp_path, f"{header}A1,2026-01-02,m1,10,0\nA2,2026-01-02,m1,7,0\n"))
    done = run_import(
        lin, write(tmp_path, f"{header}A1,2026-01-02,m1,10,4\nA2,2026-01-02,m1,7,0\n")
    )
    assert (done.counts.updated, done.counts.unchanged) == (1, 1)
    row = Order.objects.get(order_no="A1")
    assert (row.refund_fen, row.net_fen, row.status) == (400, 600, "partly_refunded")
    assert row.customer_id is not None


def test_same_number_of_another_shop_is_reported_not_overwritten(lin, tmp_path):
    run_import(lin, write(tmp_path, ROWS))
    other = write(tmp_path, f"{OWN}A1,2025-05-05,x9,99\n", "other.csv")
    done = run_import(lin, other)
    assert (done.counts.conflicting, done.counts.created) == (1, 0)
    assert Order.objects.get(order_no="A1").amount_fen == 1050
    assert run_import(lin, other, source="second_shop").counts.created == 1


def test_refused_rows_are_reported_in_a_file(lin, tmp_path):
    done = run_import(lin, write(tmp_path, f"{ROWS}A4,2026-02-30,m1,1\n"))
    assert done.counts.refused == 1
    assert done.report is not None
    assert done.report.stat().st_mode & 0o077 == 0
    text = done.report.read_text("utf-8-sig")
    assert '5,"import.date","没有这个日期或时间"' in text


def test_comparison_writes_nothing(lin, tmp_path):
    path = write(tmp_path, ROWS)
    table = read_order_table(path)
    mapping = guess_mapping(table.header)
    compared = compare_orders(assemble(table, mapping, now=NOW).orders, mapping)
    assert (len(compared.fresh), compared.unchanged) == (3, 0)
    assert Order.objects.count() == 0


def test_broken_stage_leaves_nothing_half_done(lin, tmp_path):
    class BrokenError(Exception):
        pass

    def break_down(batch):
        raise BrokenError

    with pytest.raises(BrokenError), transaction.atomic():
        run_import(lin, write(tmp_path, ROWS), break_down)
    assert Order.objects.count() == 0
    assert run_import(lin, write(tmp_path, ROWS)).counts.created == 3


def test_second_import_at_once_is_refused(lin, tmp_path):
    (tmp_path / "imports").mkdir(exist_ok=True)
    with (tmp_path / "imports" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Conflict):
            run_import(lin, write(tmp_path, ROWS))


def test_only_those_who_may_import_do_and_it_is_audited(lin, mei, tmp_path):
    path = write(tmp_path, ROWS)
    with pytest.raises(Forbidden):
        run_import(mei, path)
    run_import(lin, path)
    assert AuditEntry.objects.filter(verb="import_orders", actor="lin").count() == 1
    assert ImportRun.objects.get().state == "done"


def test_phone_in_the_file_joins_the_person_known_by_it(lin, tmp_path):
    header = "order_no,placed_at,customer_no,phone,amount\n"
    path = write(
        tmp_path, f"{header}A1,2026-01-02,m1,139-1234-5678,10\nA2,2026-01-03,,+8613912345678,5\n"
    )
    run_import(lin, path)
    assert len(set(Order.objects.values_list("customer_id", flat=True))) == 1
