"""What the platform knows of moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Reaction:
    """kind: like or comment. who: a customer or a colleague."""

    kind: str
    who: str
    at: int


@dataclass
class Moment:
    """planned: staff → customers who may see it. posted: staff → second. reached: staff →
    customers to whom it was delivered."""

    moment_id: str
    created_at: int
    content: dict[str, Any]
    planned: dict[str, list[str]]
    creator: str = "app"
    is_cancelled: bool = False
    posted: dict[str, int] = field(default_factory=dict)
    reached: dict[str, list[str]] = field(default_factory=dict)
    reactions: dict[str, list[Reaction]] = field(default_factory=dict)


@dataclass
class MomentJob:
    """asked: how often its result was asked for. The moment is there before it is told."""

    job_id: str
    made_at: int
    moment: Moment
    errcode: int = 0
    invalid_staff: list[str] = field(default_factory=list)
    invalid_tags: list[str] = field(default_factory=list)
    asked: int = 0


@dataclass
class MomentBook:
    """per_staff: corp moments one customer is shown by one member of staff in a month, the rest
    is posted and not delivered (0 = no limit; the number is unconfirmed today). slow: how often a
    job's result must be asked for before it is done."""

    per_staff: int = 4
    slow: int = 2
    jobs: dict[str, MomentJob] = field(default_factory=dict)
    moments: dict[str, Moment] = field(default_factory=dict)
    minutes: dict[int, int] = field(default_factory=dict)
    months: dict[str, int] = field(default_factory=dict)
    shown: dict[tuple[str, str, str], int] = field(default_factory=dict)
