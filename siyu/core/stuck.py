"""Lines of the self-check for work that does not get on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from siyu.ports.capabilities import Check

MAX_COUNTED = 1000
PERSISTENT = 2
"""Tries after which a failure is told; the first may pass by itself."""


def stuck_line(
    name: str, rows: QuerySet[Any], what: str, advice: str, *, field: str = "error"
) -> Iterator[Check]:
    """One failing line for the rows that hold an error: how many, and the latest one's words.

    what: `{} 个活码` with the place of the number. None when no row holds an error.
    """
    found = rows.exclude(**{field: ""}).order_by("-pk").values_list(field, flat=True)
    reasons = list(found[:MAX_COUNTED])
    if reasons:
        yield Check(name, False, f"{what.format(len(reasons))}: {reasons[0]}", advice)
