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
class SyncProgress:
    """How far a pull is. contacts: relations read; changed: told to the pool; gone: told lost."""

    id: int
    account: str
    state: str
    staff_total: int
    staff_done: int
    pages: int
    contacts: int
    changed: int
    gone: int
    started_at: datetime
    finished_at: datetime | None
    error: str
