"""Routes of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Path, Query, Router, Schema

from siyu.commerce.queries import list_orders as query_orders
from siyu.commerce.queries import list_orders_of, stream_orders
from siyu.commerce.types import OrderRow
from siyu.core.audit import record_audit
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime

router = Router(tags=["commerce"])
Id = Annotated[int, Path(ge=1, lt=2**63)]
Cursor = Annotated[str, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=200)]
EXPORT_COLUMNS = (
    "order_no",
    "source",
    "platform",
    "shop",
    "customer_id",
    "placed_at",
    "amount_fen",
    "refund_fen",
    "net_fen",
    "currency",
    "item_count",
    "status",
    "country",
)


class OrderLineOut(Schema):
    sku: str | None = None
    name: str | None = None
    quantity: int | None = None
    unit_price: str | None = None


class OrderOut(Schema):
    """An order; `lines` holds its first 100 lines."""

    id: int
    source: str
    order_no: str
    customer_id: int | None
    placed_at: datetime
    amount_fen: int
    refund_fen: int
    net_fen: int
    currency: str
    item_count: int
    status: str
    platform: str
    shop: str
    country: str
    lines: list[OrderLineOut]


class CustomerOrdersOut(Schema):
    items: list[OrderOut]


class OrderPageOut(Schema):
    items: list[OrderOut]
    next_cursor: str | None


@router.get(
    "/customers/{customer_id}/orders",
    response=CustomerOrdersOut,
    operation_id="list_customer_orders",
)
def list_customer_orders(request: HttpRequest, customer_id: Id) -> dict[str, list[OrderRow]]:
    """The orders of one customer, newest first."""
    return {"items": list_orders_of(actor_of(request), customer_id)}


@router.get("/orders", response=OrderPageOut, operation_id="list_orders")
def list_orders(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> dict[str, object]:
    """All orders, newest first."""
    page = query_orders(actor_of(request), cursor, limit)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.get("/orders/export.csv", operation_id="export_orders")
def export_orders(request: HttpRequest) -> StreamingHttpResponse:
    """Every order as CSV; formulas in text cells are disarmed, amounts are fen."""
    actor, now = actor_of(request), runtime().clock.now()
    orders = stream_orders(actor)
    with transaction.atomic():
        record_audit(actor, "export_orders", "orders", now=now)
    rows = ([getattr(order, name) for name in EXPORT_COLUMNS] for order in orders)
    return answer_csv(f"orders-{now:%Y%m%d}.csv", EXPORT_COLUMNS, rows)
