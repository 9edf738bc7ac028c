"""A shop that reports orders, and a pool that hears of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from siyu.commerce.actions import record_orders
from siyu.core.pipeline import Batch, run_stages
from siyu.kernel.clock import to_ms
from siyu.kernel.identity import Identity
from siyu.pool.actions import advance_stages, resolve
from siyu.ports.facts import ORDER_COMPLETED, ORDER_REFUNDED, Fact

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
STAGES = (resolve, record_orders, advance_stages)


def who(number: int) -> Identity:
    return Identity("phone", "", f"+86139{number:08d}")


def order(number: str, total: Any, by: Identity | None = None, **properties: Any) -> Fact:
    told = {"order_id": number, "total": total, **properties}
    return _fact(ORDER_COMPLETED, f"o-{number}", by, told)


def refund(number: str, name: str, amount: Any = None, by: Identity | None = None) -> Fact:
    told = {"order_id": number, "refund_id": name}
    return _fact(ORDER_REFUNDED, f"r-{name}", by, told | ({"total": amount} if amount else {}))


def hear(*facts: Fact) -> Batch:
    with transaction.atomic():
        return run_stages(facts, STAGES, NOW)


def _fact(name: str, message_id: str, by: Identity | None, properties: dict[str, Any]) -> Fact:
    return Fact(
        name=name,
        at=to_ms(NOW),
        received_at=to_ms(NOW),
        source="shop",
        message_id=message_id,
        platform="web",
        identities=(by,) if by else (),
        properties=properties,
    )
