"""Importing a file of orders: compare, resolve people, write, report. Repeating it is harmless.

Orders go in by time, some thousand in one transaction each, through the same stages as events,
as late facts: people, history and segments learn of them, journeys are not triggered. A killed
import is finished by running it again: orders already there are recognised by their content.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from siyu.commerce.actions import (
    find_orders,
    lock_orders,
    make_row,
    recompute_totals,
    record_orders,
    settle_orders,
)
from siyu.commerce.files.assemble import Assembled, FileOrder
from siyu.commerce.files.formats import ColumnMapping
from siyu.commerce.models import ImportRun
from siyu.commerce.types import ImportCounts, NewOrder
from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch, Seen, Stage, run_stages
from siyu.core.runtime import runtime
from siyu.core.tabular.tables import RefusedRow, Table
from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.cells import stream_csv
from siyu.kernel.clock import from_ms, to_ms
from siyu.kernel.errors import Conflict, Refused
from siyu.kernel.identity import Identity
from siyu.ports.facts import ORDER_COMPLETED, ORDER_REFUNDED, Fact

CHUNK = 4_000
ORDER_CANCELLED = "order_cancelled"
UPDATED_FIELDS = (
    "customer_id",
    "identity_id",
    "amount_fen",
    "stated_refund_fen",
    "refund_fen",
    "net_fen",
    "currency",
    "item_count",
    "status",
    "platform",
    "shop",
    "country",
    "lines",
    "content_hash",
)
Progress = Callable[[int], None]


@dataclass
class Comparison:
    """Orders of a file beside those already there. `conflicting`: same number, other time."""

    fresh: list[FileOrder] = field(default_factory=list)
    changed: list[FileOrder] = field(default_factory=list)
    unchanged: int = 0
    conflicting: list[RefusedRow] = field(default_factory=list)
    customers: set[int] = field(default_factory=set)

    def add(self, other: Comparison) -> None:
        self.fresh += other.fresh
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.conflicting += other.conflicting
        self.customers |= other.customers


@dataclass(frozen=True)
class ImportResult:
    """A finished import. report: CSV of the refused rows, or None when every row was taken."""

    run_id: int
    counts: ImportCounts
    report: Path | None


def source_of(mapping: ColumnMapping) -> str:
    """The source orders of this mapping are kept under."""
    return f"import:{mapping.source}"


def compare_orders(orders: Sequence[FileOrder], mapping: ColumnMapping) -> Comparison:
    """What an import of these orders would do. Writes nothing."""
    whole = Comparison()
    for start in range(0, len(orders), CHUNK):
        whole.add(_compare(orders[start : start + CHUNK], source_of(mapping)))
    return whole


def import_orders(
    actor: Actor,
    file: tuple[str, Table],
    mapping: ColumnMapping,
    assembled: Assembled,
    *,
    stages: Sequence[Stage],
    on_progress: Progress = lambda _done: None,
) -> ImportResult:
    """Write the orders of a file. Conflict when another import is running in this home."""
    require(actor, "order:import")
    name, table = file
    home, clock = runtime().home, runtime().clock
    with _one_at_a_time(home):
        run = ImportRun.objects.create(
            kind="orders",
            file_name=name[:255],
            file_hash=table.file_hash,
            source=source_of(mapping),
            mapping=dict(mapping.columns),
            state="running",
            started_at=clock.now(),
        )
        done = Comparison()
        for start in range(0, len(assembled.orders), CHUNK):
            part = assembled.orders[start : start + CHUNK]
            done.add(_import_part(part, mapping, stages, clock.now()))
            on_progress(start + len(part))
        refused = sorted(assembled.refused + done.conflicting, key=lambda row: row.row)
        report = _write_report(home, run.pk, refused)
        counts = count_import(assembled, done)
        _finish(actor, run, counts, clock.now())
    return ImportResult(run.pk, counts, report)


def count_import(assembled: Assembled, done: Comparison) -> ImportCounts:
    """The numbers of an import, done or only compared."""
    return ImportCounts(
        rows=assembled.rows,
        refused=len(assembled.refused),
        orders=len(assembled.orders),
        created=len(done.fresh),
        updated=len(done.changed),
        unchanged=done.unchanged,
        conflicting=len(done.conflicting),
        refunded=sum(order.refund_fen > 0 for order in assembled.orders),
        customers=len(done.customers),
        rows_without_customer=assembled.rows_without_customer,
        net_fen=sum(order.amount_fen - order.refund_fen for order in assembled.orders),
    )


def _import_part(
    orders: Sequence[FileOrder], mapping: ColumnMapping, stages: Sequence[Stage], now: datetime
) -> Comparison:
    with transaction.atomic():
        done = _compare(orders, source_of(mapping))
        recorder = _Recorder(done, mapping)
        own = [recorder.record if stage is record_orders else stage for stage in stages]
        if done.fresh or done.changed:
            run_stages(recorder.facts(now), own, now)
    return done


def _compare(orders: Sequence[FileOrder], source: str) -> Comparison:
    found = find_orders((source, order.order_no) for order in orders)
    result = Comparison()
    for order in orders:
        row = found.get((source, order.order_no))
        if row is None:
            result.fresh.append(order)
        elif row.content_hash == order.content_hash:
            result.unchanged += 1
            result.customers.update(filter(None, [row.customer_id]))
        elif to_ms(row.placed_at) != order.placed_at:
            reason = f"已有同号订单 {order.order_no} 但时间不同; 若是另一家店, 请用 --source 区分"
            result.conflicting.append(RefusedRow(order.row, "order.conflict", reason))
        else:
            result.changed.append(order)
    return result


class _Recorder:
    """Turns orders of a file into facts, and writes them once the pool knows their customers."""

    def __init__(self, done: Comparison, mapping: ColumnMapping) -> None:
        self.done, self.mapping, self.source = done, mapping, source_of(mapping)
        self._identities: dict[tuple[str, str, str], Identity | None] = {}

    def facts(self, now: datetime) -> list[Fact]:
        """One fact for what was bought and one for what went back, late on purpose."""
        made = [
            fact for order in self.done.fresh for fact in self._facts(order, order.order_no, now)
        ]
        for order in self.done.changed:
            made += self._facts(order, f"{order.order_no}#{order.content_hash[:12]}", now)
        return made

    def record(self, batch: Batch) -> None:
        """Stage in place of `record_orders`."""
        lock_orders()
        people = {seen.fact.properties["order_id"]: seen for seen in batch.seen}
        fresh = [self._new_order(order, people[order.order_no]) for order in self.done.fresh]
        changed = [self._new_order(order, people[order.order_no]) for order in self.done.changed]
        insert_rows([make_row(order, (), batch.now) for order in fresh])
        _update(changed, batch.now)
        told = {order.customer_id for order in (*fresh, *changed)}
        owners = told | settle_orders({order.key for order in changed})
        known = {owner for owner in owners if owner is not None}
        recompute_totals(known, batch.now)
        batch.touched |= known
        self.done.customers |= known

    def _facts(self, order: FileOrder, message_id: str, now: datetime) -> list[Fact]:
        kinds = [ORDER_CANCELLED] if order.is_cancelled else []
        if order.amount_fen or not (order.refund_fen or order.is_cancelled):
            kinds.append(ORDER_COMPLETED)
        if order.refund_fen:
            kinds.append(ORDER_REFUNDED)
        identities = self._identities_of(order)
        return [
            Fact(
                name=kind,
                at=order.placed_at,
                received_at=to_ms(now),
                source=self.source,
                message_id=f"{message_id}:{kind}",
                platform=order.platform,
                identities=identities,
                evidence="订单文件",
                properties=_properties(order, kind),
                is_late=True,
            )
            for kind in kinds
        ]

    def _identities_of(self, order: FileOrder) -> tuple[Identity, ...]:
        told = (
            ("import_id", order.customer_no, self.mapping.source),
            ("phone", order.phone, ""),
            ("email", order.email, ""),
        )
        found = (self._identity(each) for each in told if each[1])
        return tuple(identity for identity in found if identity is not None)

    def _identity(self, told: tuple[str, str, str]) -> Identity | None:
        if told not in self._identities:
            try:
                self._identities[told] = runtime().namespaces.identity(*told)
            except Refused:
                self._identities[told] = None
        return self._identities[told]

    def _new_order(self, order: FileOrder, seen: Seen) -> NewOrder:
        return NewOrder(
            source=self.source,
            order_no=order.order_no,
            placed_at=from_ms(order.placed_at),
            amount_fen=order.amount_fen,
            platform=order.platform,
            currency=order.currency,
            item_count=order.item_count,
            stated_refund_fen=order.refund_fen,
            is_cancelled=order.is_cancelled,
            shop=order.shop,
            country=order.country,
            lines=order.lines,
            content_hash=order.content_hash,
            customer_id=seen.customer_id,
            identity_id=seen.identity_id,
        )


def _properties(order: FileOrder, kind: str) -> dict[str, object]:
    fen = order.refund_fen if kind == ORDER_REFUNDED else order.amount_fen
    told = {
        "order_id": order.order_no,
        "total": fen / 100,
        "currency": order.currency,
        "item_count": order.item_count,
    }
    return told | ({"shop": order.shop} if order.shop else {})


def _update(changed: Sequence[NewOrder], now: datetime) -> None:
    if not changed:
        return
    found = find_orders(order.key for order in changed)
    rows = []
    for order in changed:
        row, kept = make_row(order, (), now), found[order.key]
        row.pk, row.created_at = kept.pk, kept.created_at
        if row.identity_id is None:
            row.customer_id, row.identity_id = kept.customer_id, kept.identity_id
        rows.append(row)
    write_rows(rows, UPDATED_FIELDS)


def _write_report(home: Path, run_id: int, refused: Sequence[RefusedRow]) -> Path | None:
    """The refused rows as CSV for the operator; readable by the home's owner only."""
    if not refused:
        return None
    path = home / "imports" / f"run-{run_id}-refused.csv"
    rows = ((row.row, row.code, row.reason, row.sample) for row in refused)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(stream_csv(("行号", "代码", "原因", "内容"), rows))
    return path


def _finish(actor: Actor, run: ImportRun, counts: ImportCounts, now: datetime) -> None:
    with transaction.atomic():
        run.state, run.counts, run.finished_at = "done", asdict(counts), now
        run.save()
        detail = {"file": run.file_name, "source": run.source, **run.counts}
        record_audit(actor, "import_orders", f"import:{run.pk}", now=now, detail=detail)


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    folder = home / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("import.busy", "另一个导入正在进行, 请等它结束") from error
        yield
