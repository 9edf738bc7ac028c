"""Reading orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from django.db.models import Q, QuerySet

from siyu.commerce.models import Order, Refund
from siyu.commerce.types import OrderRow
from siyu.core.access import Actor, require
from siyu.kernel.errors import Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool.queries import current_customer_id, require_visible

SHOWN_LINES = 100
CHUNK = 2_000


def orders_of(customer_id: int, *, limit: int = 200) -> list[OrderRow]:
    """The newest orders of a customer; the caller has checked who may see him."""
    rows = Order.objects.filter(customer_id=customer_id).order_by("-placed_at", "-id")
    return [_row(order) for order in rows[:limit]]


def list_orders_of(actor: Actor, customer_id: int) -> list[OrderRow]:
    """The orders of a customer the actor may see; NotFound otherwise."""
    require(actor, "customer:read")
    current = current_customer_id(customer_id)
    require_visible(actor, current)
    return orders_of(current)


def list_orders(actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[OrderRow]:
    """All orders, newest first."""
    require(actor, "overview:read")
    size = max(1, min(limit, MAX_LIMIT))
    rows = _before(Order.objects.order_by("-placed_at", "-id"), cursor)[: size + 1]
    orders = [_row(order) for order in rows]
    last = orders[size - 1] if len(orders) > size else None
    following = encode_cursor(last.placed_at.isoformat(), last.id) if last else None
    return Page(orders[:size], following)


def amounts_of(source: str, order_nos: Sequence[str]) -> dict[str, int]:
    """Fen of the known orders among these numbers of a source."""
    found: dict[str, int] = {}
    for start in range(0, len(order_nos), CHUNK):
        part = order_nos[start : start + CHUNK]
        rows = Order.objects.filter(source=source, order_no__in=part)
        found.update(rows.values_list("order_no", "amount_fen"))
    return found


def known_refunds(source: str, refund_nos: Sequence[str]) -> set[str]:
    """Which of these refund numbers of a source are known."""
    found: set[str] = set()
    for start in range(0, len(refund_nos), CHUNK):
        part = refund_nos[start : start + CHUNK]
        rows = Refund.objects.filter(source=source, refund_no__in=part)
        found.update(rows.values_list("refund_no", flat=True))
    return found


def count_orders_of(source: str) -> int:
    """How many orders a source told."""
    return Order.objects.filter(source=source).count()


def stream_orders(actor: Actor) -> Iterator[OrderRow]:
    """Every order, oldest first, without holding them all."""
    require(actor, "customer:export")
    rows = Order.objects.order_by("placed_at", "id").defer("lines")
    return (_row(order, with_lines=False) for order in rows.iterator(chunk_size=2_000))


def _before(rows: QuerySet[Order], cursor: str | None) -> QuerySet[Order]:
    if not cursor:
        return rows
    at, last_id = decode_cursor(cursor, str, int)
    try:
        placed_at = datetime.fromisoformat(at)
    except ValueError as error:
        raise Refused("page.cursor", "翻页游标无效", field="cursor") from error
    if placed_at.tzinfo is None:
        raise Refused("page.cursor", "翻页游标无效", field="cursor")
    return rows.filter(Q(placed_at__lt=placed_at) | Q(placed_at=placed_at, id__lt=last_id))


def _row(order: Order, *, with_lines: bool = True) -> OrderRow:
    lines = msgspec.json.decode(order.lines)[:SHOWN_LINES] if with_lines else []
    return OrderRow(
        id=order.pk,
        source=order.source,
        order_no=order.order_no,
        customer_id=order.customer_id,
        placed_at=order.placed_at,
        amount_fen=order.amount_fen,
        refund_fen=order.refund_fen,
        net_fen=order.net_fen,
        currency=order.currency,
        item_count=order.item_count,
        status=order.status,
        platform=order.platform,
        shop=order.shop,
        country=order.country,
        lines=lines,
    )
