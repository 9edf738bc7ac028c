"""What guides hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class GuideReport:
    """One member of staff. *_7d: the last seven days in Shanghai, today included. orders,
    revenue_fen: of the customers who are friends now."""

    account: str
    staff: str
    is_active: bool
    customers: int
    added_7d: int
    lost_7d: int
    messages_7d: int
    orders: int
    revenue_fen: int


@dataclass(frozen=True, kw_only=True)
class SourceProgress:
    """What came of one source of a pull. error: why it was left out, or ""."""

    name: str
    found: int
    changed: int
    gone: int
    error: str


@dataclass(frozen=True, kw_only=True)
class SyncProgress:
    """How far a pull is. contacts: relations read; changed: told to the pool; gone: told lost.

    source: the one being read, "" at the end. expected: relations there will be, 0 = unknown.
    share: 0 to 1. seconds_left: None when it cannot be told. waits_until: a platform's limit or
    a failure makes it wait.
    """

    id: int
    account: str
    state: str
    requested_by: str
    source: str
    sources: list[SourceProgress]
    staff_total: int
    staff_done: int
    pages: int
    contacts: int
    expected: int
    changed: int
    gone: int
    share: float
    per_second: float
    seconds_left: int | None
    started_at: datetime
    finished_at: datetime | None
    waits_until: datetime | None
    error: str


@dataclass(frozen=True, kw_only=True)
class StaffName:
    """A member of staff as people call them. department: the main one's name, or ""."""

    account: str
    staff: str
    name: str
    position: str
    department: str
    employment: str
    is_active: bool
