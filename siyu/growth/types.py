"""What growth hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.pool.types import TagRow


@dataclass(frozen=True, kw_only=True)
class LiveCodeView:
    """A live code with its counters. added_today: since midnight in Shanghai; lost: of those
    added, no longer friends."""

    id: int
    name: str
    platform: str
    account: str
    channel: str
    state: str
    url: str
    staff: list[str]
    tags: list[TagRow]
    welcome_text: str
    is_active: bool
    created_at: datetime
    added: int = 0
    added_today: int = 0
    lost: int = 0
