"""Recording orders: from facts, from files, and what they add up to per customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum

from siyu.commerce.models import Order, Refund
from siyu.commerce.rules import read_order, read_refund, settle
from siyu.commerce.types import BRAND_CURRENCY, PURCHASES, NewOrder, NewRefund, OrderStatus
from siyu.core.pipeline import Batch, Seen
from siyu.core.rejected import record_rejected
from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.errors import Refused
from siyu.pool.actions import set_order_totals
from siyu.pool.types import Move, OrderTotals
from siyu.ports.facts import ORDER_COMPLETED, ORDER_REFUNDED

Key = tuple[str, str]
Read = TypeVar("Read")
CHUNK = 2_000
_LOCK = 7312


def record_orders(batch: Batch) -> None:
    """Stage: orders and refunds of a batch become rows; totals of their customers follow.

    Repeated facts change nothing, refunds may come before their order, and a fact with wrong
    money is put among the rejected without disturbing the others.
    """
    orders = _read_all(batch.named(ORDER_COMPLETED), read_order, batch.now)
    refunds = _read_all(batch.named(ORDER_REFUNDED), read_refund, batch.now)
    if not orders and not refunds:
        return
    lock_orders()
    _add_refunds(refunds, batch.now)
    known = add_orders(orders, now=batch.now)
    owners = known | settle_orders({refund.key for refund in refunds})
    recompute_totals(owners, batch.now)
    batch.touched |= owners


def add_orders(orders: Iterable[NewOrder], *, now: datetime) -> set[int]:
    """Insert orders not known yet, refunds already heard included; returns their customers.

    The first order of a number stays; a later one only names its customer when nobody was known.
    """
    first: dict[Key, NewOrder] = {}
    for order in orders:
        held = first.setdefault(order.key, order)
        if held.customer_id is None and order.customer_id is not None:
            first[order.key] = order
    found = find_orders(first)
    fresh = [order for key, order in first.items() if key not in found]
    refunds = _refunds_of({order.key for order in fresh})
    insert_rows([make_row(order, refunds.get(order.key, ()), now) for order in fresh])
    named = _name_customers(found, first)
    return named | {order.customer_id for order in fresh if order.customer_id is not None}


def make_row(order: NewOrder, refunds: Sequence[int | None], now: datetime) -> Order:
    """The unsaved row of an order with its refunds settled."""
    refund_fen, status = settle(
        order.amount_fen, order.stated_refund_fen, refunds, is_cancelled=order.is_cancelled
    )
    return Order(
        source=order.source,
        order_no=order.order_no,
        customer_id=order.customer_id,
        identity_id=order.identity_id,
        placed_at=order.placed_at,
        amount_fen=order.amount_fen,
        stated_refund_fen=order.stated_refund_fen,
        refund_fen=refund_fen,
        net_fen=order.amount_fen - refund_fen,
        currency=order.currency,
        item_count=order.item_count,
        status=status,
        platform=order.platform,
        shop=order.shop,
        country=order.country,
        lines=order.lines,
        content_hash=order.content_hash,
        created_at=now,
    )


def settle_orders(keys: set[Key]) -> set[int]:
    """Bring refunds, net and status of known orders up to date; returns their customers."""
    found, refunds = find_orders(keys), _refunds_of(keys)
    for key, row in found.items():
        is_cancelled = row.status == OrderStatus.CANCELLED
        row.refund_fen, row.status = settle(
            row.amount_fen, row.stated_refund_fen, refunds.get(key, ()), is_cancelled=is_cancelled
        )
        row.net_fen = row.amount_fen - row.refund_fen
    write_rows(list(found.values()), ["refund_fen", "net_fen", "status"])
    return {row.customer_id for row in found.values() if row.customer_id is not None}


def find_orders(keys: Iterable[Key]) -> dict[Key, Order]:
    """The known orders among (source, order_no) keys; `lines` is left unread."""
    found: dict[Key, Order] = {}
    for source, numbers in _by_source(keys).items():
        for part in _parts(numbers):
            rows = Order.objects.filter(source=source, order_no__in=part).defer("lines")
            found.update({(row.source, row.order_no): row for row in rows})
    return found


def recompute_totals(customer_ids: Iterable[int], now: datetime) -> None:
    """Count again the orders of these customers and hand the totals to the pool."""
    del now
    wanted = sorted(set(customer_ids))
    for part in _parts(wanted):
        totals = _totals(part)
        set_order_totals([totals.get(each) or _no_orders(each) for each in part])


def on_customers_moved(moves: Sequence[Move], now: datetime) -> None:
    """Identities changed hands: their orders went along, so count both sides again."""
    sides = {move.from_customer for move in moves} | {move.to_customer for move in moves}
    recompute_totals(sides, now)


def forget_identities(identity_ids: Sequence[int]) -> None:
    """A person was erased: his orders keep their money and lose whom they belong to."""
    for part in _parts(list(identity_ids)):
        Order.objects.filter(identity_id__in=part).update(customer_id=None, identity_id=None)


def lock_orders() -> None:
    """Two transactions must not settle one order or one customer at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _read_all(seen: list[Seen], read: Callable[[Seen], Read], now: datetime) -> list[Read]:
    taken = []
    for each in seen:
        try:
            taken.append(read(each))
        except Refused as refusal:
            raw = msgspec.json.encode([each.fact.name, each.fact.message_id, each.fact.properties])
            record_rejected(each.fact.source, refusal, raw, now=now)
    return taken


def _add_refunds(refunds: list[NewRefund], now: datetime) -> None:
    rows = [
        Refund(
            source=refund.source,
            refund_no=refund.refund_no,
            order_no=refund.order_no,
            at=refund.at,
            amount_fen=refund.amount_fen,
            created_at=now,
        )
        for refund in refunds
    ]
    Refund.objects.bulk_create(rows, batch_size=CHUNK, ignore_conflicts=True)


def _refunds_of(keys: set[Key]) -> dict[Key, list[int | None]]:
    refunds: dict[Key, list[int | None]] = defaultdict(list)
    for source, numbers in _by_source(keys).items():
        for part in _parts(numbers):
            rows = Refund.objects.filter(source=source, order_no__in=part)
            for number, amount in rows.values_list("order_no", "amount_fen"):
                refunds[source, number].append(amount)
    return refunds


def _name_customers(found: dict[Key, Order], orders: dict[Key, NewOrder]) -> set[int]:
    changed = []
    for key, row in found.items():
        told = orders[key]
        if row.identity_id is None and told.identity_id is not None:
            row.customer_id, row.identity_id = told.customer_id, told.identity_id
            changed.append(row)
    write_rows(changed, ["customer_id", "identity_id"])
    return {row.customer_id for row in changed if row.customer_id is not None}


def _totals(customer_ids: list[int]) -> dict[int, OrderTotals]:
    is_purchase, is_ours = Q(status__in=PURCHASES), Q(currency=BRAND_CURRENCY)
    rows: Any = (
        Order.objects.filter(customer_id__in=customer_ids)
        .values("customer_id")
        .annotate(
            order_count=Count("id", filter=is_purchase),
            refund_count=Count("id", filter=Q(refund_fen__gt=0)),
            revenue_fen=Sum("net_fen", filter=is_ours, default=0),
            first_order_at=Min("placed_at", filter=is_purchase),
            last_order_at=Max("placed_at", filter=is_purchase),
        )
    )
    return {row["customer_id"]: OrderTotals(**row) for row in rows}


def _no_orders(customer_id: int) -> OrderTotals:
    return OrderTotals(
        customer_id=customer_id,
        order_count=0,
        refund_count=0,
        revenue_fen=0,
        first_order_at=None,
        last_order_at=None,
    )


def _by_source(keys: Iterable[Key]) -> dict[str, list[str]]:
    numbers: dict[str, list[str]] = defaultdict(list)
    for source, number in keys:
        numbers[source].append(number)
    return numbers


Element = TypeVar("Element")


def _parts(values: list[Element]) -> Iterable[list[Element]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
