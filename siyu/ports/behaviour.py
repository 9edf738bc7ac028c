"""What a platform counts of its members' work with customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class BehaviourDay:
    """One member of staff on one day.

    reply_percent (0-100), first_reply_minutes: None on a day without a conversation.
    negative: customers who deleted or blocked him.
    """

    staff: str
    day: date
    applies: int = 0
    added: int = 0
    chats: int = 0
    messages: int = 0
    reply_percent: float | None = None
    first_reply_minutes: float | None = None
    negative: int = 0


class BehaviourSource(Protocol):
    """Raises the PlatformError family.

    max_days: of one call. history_days: how far back. The days of one member of staff are asked
    for one by one, because the platform adds up everybody named in a call.
    """

    max_days: int
    history_days: int

    def fetch_days(self, staff: str, start: date, end: date) -> list[BehaviourDay]:
        """The days from start to end, both included."""
        ...

    def fetch_sum(self, staff: Sequence[str], start: date, end: date) -> list[BehaviourDay]:
        """The days of up to 100 members of staff added up (`staff` is "")."""
        ...
