"""Claims rows of a work list by conditional update, so that one process works on each."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from siyu.kernel.clock import wall_seconds
from siyu.kernel.ids import new_id

LEASE_SECONDS = 20.0
Row = TypeVar("Row", bound=Model)


def claim(due: QuerySet[Row], limit: int) -> list[Row]:
    """Up to `limit` of the due rows, ours for 20 s. The rows have `lease`, `lease_until`."""
    model, free = due.model, wall_seconds()
    ids = list(due.filter(lease_until__lt=free).values_list("pk", flat=True)[:limit])
    if not ids:
        return []
    lease = new_id()
    objects = model._default_manager
    objects.filter(pk__in=ids, lease_until__lt=free).update(
        lease=lease, lease_until=free + LEASE_SECONDS
    )
    return list(objects.filter(lease=lease).order_by("pk"))
