"""Taking imported orders back, unless something else has come to rest on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from siyu.commerce.actions import lock_orders, recompute_totals
from siyu.commerce.imports import message_ids, told_as
from siyu.commerce.models import Order, Refund

CHUNK = 5_000


@dataclass(frozen=True)
class Window:
    """The orders one import made: their source, row ids, and when it was at work."""

    source: str
    first: int
    last: int
    since: datetime
    until: datetime


def remove_imported(window: Window, now: datetime) -> tuple[int, int]:
    """(orders removed, orders kept); the totals of their customers follow.

    Kept are orders that a later file changed or that a refund has been heard of since.
    """
    removed = 0
    for start in range(window.first, window.last + 1, CHUNK):
        with transaction.atomic():
            lock_orders()
            span = (start, min(start + CHUNK - 1, window.last))
            gone = _made(window).filter(pk__range=span).exclude(_has_a_life())
            rows = list(gone.values_list("pk", "customer_id"))
            removed += len(rows)
            Order.objects.filter(pk__in=[pk for pk, _ in rows]).delete()
            recompute_totals({who for _, who in rows if who is not None}, now)
    return removed, _made(window).count()


def messages_that_stay(window: Window) -> list[str]:
    """Messages of the import that still say something true: of orders kept, and of changes."""
    kept = _made(window).filter(_has_a_life()).values_list("order_no", flat=True)
    changed = Order.objects.filter(
        source=window.source, changed_at__range=(window.since, window.until)
    ).values_list("order_no", "content_hash")
    names = [*kept, *(told_as(number, content, is_change=True) for number, content in changed)]
    return message_ids(window.source, names)


def _made(window: Window) -> QuerySet[Order]:
    return Order.objects.filter(source=window.source, pk__range=(window.first, window.last))


def _has_a_life() -> Q:
    refunds = Refund.objects.filter(source=OuterRef("source"), order_no=OuterRef("order_no"))
    return Q(changed_at__isnull=False) | Q(Exists(refunds))
