"""Orders of a file: compare, resolve people, write. Repeating it is harmless.

Orders go through the same stages as events, as late facts: people, history and segments learn of
them, journeys are not triggered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from siyu.commerce.actions import (
    find_orders,
    lock_orders,
    make_row,
    recompute_totals,
    record_orders,
    settle_orders,
)
from siyu.commerce.files.assemble import FileOrder
from siyu.commerce.files.formats import ColumnMapping
from siyu.commerce.models import Order
from siyu.commerce.types import NewOrder
from siyu.core.pipeline import Batch, Seen, Stage, run_stages
from siyu.core.runtime import runtime
from siyu.core.tabular.tables import RefusedRow
from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.clock import from_ms, to_ms
from siyu.kernel.errors import Refused
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
    "changed_at",
)


@dataclass
class Comparison:
    """Orders of a file beside those already there. conflicting: same number, other time.

    span: first and last row id of the orders made; (0, 0) when none was.
    """

    fresh: list[FileOrder] = field(default_factory=list)
    changed: list[FileOrder] = field(default_factory=list)
    unchanged: int = 0
    conflicting: list[RefusedRow] = field(default_factory=list)
    span: tuple[int, int] = (0, 0)


def source_of(mapping: ColumnMapping) -> str:
    """The source orders of this mapping are kept under."""
    return f"import:{mapping.source}"


def compare_orders(orders: Sequence[FileOrder], mapping: ColumnMapping) -> Comparison:
    """What an import of these orders would do. Writes nothing."""
    return _compare(orders, source_of(mapping))


def write_orders(
    orders: Sequence[FileOrder], mapping: ColumnMapping, stages: Sequence[Stage], now: datetime
) -> Comparison:
    """Write these orders, those already there only where they changed; one transaction."""
    with transaction.atomic():
        lock_orders()
        done, before = compare_orders(orders, mapping), _last_id()
        for part in _parts(done):
            recorder = _Recorder(part, mapping)
            own = [recorder.record if stage is record_orders else stage for stage in stages]
            run_stages(recorder.facts(now), own, now)
        after = _last_id()
        done.span = (before + 1, after) if after > before else (0, 0)
    return done


def message_ids(source: str, keys: Iterable[str]) -> list[str]:
    """What the history's message ids of these orders of a file may be, told from their numbers."""
    kinds = (ORDER_CANCELLED, ORDER_COMPLETED, ORDER_REFUNDED)
    return [f"{source}\n{key}:{kind}" for key in keys for kind in kinds]


def told_as(order_no: str, content_hash: str, *, is_change: bool) -> str:
    """How the history names an order of a file: each change of it is a message of its own."""
    return f"{order_no}#{content_hash[:12]}" if is_change else order_no


def _last_id() -> int:
    return int(Order.objects.aggregate(last=Max("pk"))["last"] or 0)


def _parts(done: Comparison) -> list[Comparison]:
    """Some thousand orders each."""
    marked = [(each, True) for each in done.fresh] + [(each, False) for each in done.changed]
    marked.sort(key=lambda each: (each[0].placed_at, each[0].order_no))
    parts = []
    for start in range(0, len(marked), CHUNK):
        part = marked[start : start + CHUNK]
        fresh = [order for order, is_fresh in part if is_fresh]
        parts.append(Comparison(fresh, [order for order, is_fresh in part if not is_fresh]))
    return parts


def _compare(orders: Sequence[FileOrder], source: str) -> Comparison:
    found = find_orders((source, order.order_no) for order in orders)
    result = Comparison()
    for order in orders:
        row = found.get((source, order.order_no))
        if row is None:
            result.fresh.append(order)
        elif row.content_hash == order.content_hash:
            result.unchanged += 1
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
        told = [(order, False) for order in self.done.fresh]
        told += [(order, True) for order in self.done.changed]
        made = []
        for order, is_change in told:
            name = told_as(order.order_no, order.content_hash, is_change=is_change)
            made += self._facts(order, name, now)
        return made

    def record(self, batch: Batch) -> None:
        """Stage in place of `record_orders`."""
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
        row.pk, row.created_at, row.changed_at = kept.pk, kept.created_at, now
        if row.identity_id is None:
            row.customer_id, row.identity_id = kept.customer_id, kept.identity_id
        rows.append(row)
    write_rows(rows, UPDATED_FIELDS)
