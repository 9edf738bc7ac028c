"""What other slices see of orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

BRAND_CURRENCY = "CNY"
"""Sums of money count this currency only; other orders are counted but not summed."""


class OrderStatus(StrEnum):
    """`paid` and `partly_refunded` are purchases; `refunded` and `cancelled` are none."""

    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CANCELLED = "cancelled"


PURCHASES = (OrderStatus.PAID, OrderStatus.PARTLY_REFUNDED)


@dataclass(frozen=True)
class NewOrder:
    """An order about to be recorded. `lines` is JSON text; `net_amount` follows from the rest."""

    source: str
    order_no: str
    placed_at: datetime
    amount_fen: int
    platform: str
    currency: str = BRAND_CURRENCY
    item_count: int = 0
    stated_refund_fen: int = 0
    is_cancelled: bool = False
    shop: str = ""
    country: str = ""
    lines: str = "[]"
    content_hash: str = ""
    customer_id: int | None = None
    identity_id: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.order_no


@dataclass(frozen=True)
class NewRefund:
    """A refund about to be recorded; `amount_fen` None = all that is left of the order."""

    source: str
    refund_no: str
    order_no: str
    at: datetime
    amount_fen: int | None

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.order_no


@dataclass(frozen=True)
class OrderRow:
    """An order as shown. `lines`: `[{sku, name, quantity, unit_price}]`, at most 100 of them."""

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
    lines: list[dict[str, Any]]
