"""What imports count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What some rows came to. taken = fresh + known. repeated: events already there.

    customers: people made. spans: (table, first id, last id) of rows made. more: counts of the
    kind's own.
    """

    taken: int = 0
    fresh: int = 0
    known: int = 0
    repeated: int = 0
    customers: int = 0
    spans: list[tuple[str, int, int]] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    more: Counter[str] = field(default_factory=Counter)
