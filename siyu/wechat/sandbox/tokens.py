"""Access tokens of an app: stable and plain ones, which know nothing of each other.

Sources: developers.weixin.qq.com getStableAccessToken and getAccessToken (read 2026-11).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(minutes=5)
"""How long a token that was replaced is good still; and how long before its end a stable one is."""
FORCED_PER_DAY, FORCED_APART = 20, timedelta(seconds=30)
STABLE, PLAIN = "stable", "plain"


@dataclass
class Tokens:
    """The tokens of one app. now: the newest of each kind; ends: of all ever given out."""

    now: dict[str, str] = field(default_factory=dict)
    ends: dict[str, datetime] = field(default_factory=dict)
    forced_at: list[datetime] = field(default_factory=list)

    def is_living(self, value: str, at: datetime) -> bool:
        return value in self.ends and at < self.ends[value]

    def is_due(self, at: datetime) -> bool:
        """Whether the stable token is to be replaced."""
        value = self.now.get(STABLE, "")
        return not value or self.ends[value] - OVERLAP <= at

    def replace(self, kind: str, value: str, at: datetime, *, is_forced: bool = False) -> None:
        """Give out a new one; a forced one ends the token before at once."""
        before = self.now.get(kind)
        if before:
            self.ends[before] = min(self.ends[before], at if is_forced else at + OVERLAP)
        self.now[kind] = value
        self.ends[value] = at + LIFE

    def drop(self, at: datetime) -> None:
        """All end now."""
        self.ends = {value: min(ends_at, at) for value, ends_at in self.ends.items()}
        self.now.clear()

    def forced_too_often(self, at: datetime) -> int:
        """The errcode of forcing a new stable token now; 0, and noted, when it may be."""
        self.forced_at = [one for one in self.forced_at if one > at - timedelta(days=1)]
        if len(self.forced_at) >= FORCED_PER_DAY:
            return 45009
        if self.forced_at and at - self.forced_at[-1] < FORCED_APART and self.now.get(STABLE):
            return 45011
        self.forced_at.append(at)
        return 0
