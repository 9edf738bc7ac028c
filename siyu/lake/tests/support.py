"""What the lake's tests share: facts of customers without a pool."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import to_ms
from siyu.ports.facts import Fact


def seen(
    customer_id: int | None,
    at: datetime,
    name: str = "page_viewed",
    *,
    identity_id: int | None = None,
    message_id: str = "m",
    **properties: Any,
) -> Seen:
    """A fact about a customer; the identity is `customer_id * 10` unless given."""
    fact = Fact(
        name=name,
        at=to_ms(at),
        received_at=to_ms(at),
        source="shop",
        message_id=message_id,
        platform="web",
        properties=properties,
    )
    if identity_id is None and customer_id is not None:
        identity_id = customer_id * 10
    return Seen(fact, customer_id, identity_id)


def batch(now: datetime, *rows: Seen) -> Batch:
    return Batch(list(rows), now)
