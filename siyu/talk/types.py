"""What talk hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ConversationView:
    """A line of the inbox. window_until, remaining: how long and how often we may still answer;
    None with `is_open` = no limit, None without = closed."""

    id: int
    customer_id: int
    customer_name: str
    platform: str
    account: str
    last_text: str
    last_at: datetime
    unread: int
    is_open: bool
    window_until: datetime | None
    remaining: int | None


@dataclass(frozen=True, kw_only=True)
class MessageView:
    """A message. state: `received`, `sent`, or the state of a reply that is not out yet."""

    id: str
    is_ours: bool
    is_manual: bool
    kind: str
    text: str
    at: datetime
    state: str
    reason: str = ""
