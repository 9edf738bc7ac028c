"""The customer list as a file. Phones stay masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from siyu.kernel.cells import Cell
from siyu.pool.types import CustomerRow

HEADER = (
    "id",
    "name",
    "phone_masked",
    "stage",
    "platforms",
    "tags",
    "owner_staff",
    "first_source",
    "first_platform",
    "order_count",
    "refund_count",
    "revenue_fen",
    "created_at",
    "last_seen_at",
)


def export_rows(customers: Iterable[CustomerRow]) -> Iterator[tuple[Cell, ...]]:
    """One line a customer, in the order of `HEADER`."""
    for row in customers:
        yield (
            row.id,
            row.name,
            row.phone_masked,
            row.stage,
            ",".join(row.platforms),
            ",".join(f"{tag.group}/{tag.name}" for tag in row.tags),
            row.owner_staff,
            row.first_source,
            row.first_platform,
            row.order_count,
            row.refund_count,
            row.revenue_fen,
            row.created_at,
            row.last_seen_at,
        )
