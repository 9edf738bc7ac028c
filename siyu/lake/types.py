"""Values the lake hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class EventRow:
    """One event of a timeline. `at` is aware UTC; `properties` hold nothing personal."""

    id: int
    name: str
    at: datetime
    source: str
    platform: str
    account: str
    staff: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class QueryResult:
    """The answer to a user's SQL. `is_truncated`: there were more rows than the cap."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    took_ms: int
    is_truncated: bool
