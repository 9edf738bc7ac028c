"""Customers from files go the way of all facts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from django.db import transaction

from siyu.core.pipeline import Batch, Seen
from siyu.core.runtime import runtime
from siyu.kernel.clock import to_ms
from siyu.kernel.ids import digest
from siyu.pool.resolving import resolve
from siyu.pool.types import ImportedCustomer
from siyu.ports.facts import Fact

AT_ONCE = 5_000
IMPORTED = "customer_imported"


def import_customers(rows: Iterable[ImportedCustomer]) -> int:
    """Take in customers; how many rows. Refused when an identity can be nobody's."""
    remaining = iter(rows)
    count = 0
    while chunk := list(islice(remaining, AT_ONCE)):
        now = runtime().clock.now()
        with transaction.atomic():
            resolve(Batch([Seen(_fact(row)) for row in chunk], now))
        count += len(chunk)
    return count


def _fact(row: ImportedCustomer) -> Fact:
    known = runtime().namespaces
    identities = tuple(known.identity(name, value, scope) for name, value, scope in row.identities)
    keys = [identity.key.encode() for identity in identities]
    at = to_ms(row.at)
    return Fact(
        name=IMPORTED,
        at=at,
        received_at=at,
        source=row.source,
        message_id=digest(*keys).hex(),
        platform=row.platform,
        identities=identities,
        traits=dict(row.traits),
        is_late=True,
    )
