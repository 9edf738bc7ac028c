"""What tag rules hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Action = Literal["add", "remove", "both"]
ACTIONS: tuple[Action, ...] = ("add", "remove", "both")
BY_HAND, LOOP, GONE = "hand", "loop", "gone"


@dataclass(frozen=True)
class RuleDraft:
    """What a person says of a rule."""

    name: str
    segment_id: int
    tag_id: int
    action: str


@dataclass(frozen=True)
class TagRuleRow:
    """A rule on its page. progress: 0 to 1 while it catches up, else None."""

    id: int
    name: str
    segment_id: int
    segment: str
    tag_id: int
    tag: str
    tag_group: str
    action: str
    pause_reason: str
    carriers: int
    progress: float | None
    created_at: datetime


@dataclass(frozen=True)
class RulePreview:
    """members: in the segment now. adding: would get the tag now that do not carry it."""

    members: int
    adding: int
