"""What moments hand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    CREATING = "creating"
    """The platform was or is being asked; its job may still run."""
    POSTING = "posting"
    """Staff have the task; results are watched."""
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class MomentDraft:
    """What an operator writes. staff: remote ids, () = all. tag_ids: a customer needs one."""

    name: str
    account: str
    text: str
    attachments: Sequence[Mapping[str, Any]] = ()
    staff: Sequence[str] = ()
    tag_ids: Sequence[int] = ()
    scheduled_at: datetime | None = None
    watch_days: int = 7


@dataclass(frozen=True)
class Totals:
    """Sums over the posters."""

    posters: int = 0
    posted: int = 0
    planned: int = 0
    reached: int = 0
    likes: int = 0
    comments: int = 0


@dataclass(frozen=True, kw_only=True)
class MomentView:
    """A moment as pages show it. estimate: customers it was meant for when it was submitted."""

    id: int
    name: str
    state: str
    account: str
    text: str
    attachments: list[dict[str, Any]]
    staff: list[str]
    tag_ids: list[int]
    scheduled_at: datetime | None
    watch_days: int
    created_by: str
    created_at: datetime
    submitted_by: str
    decided_by: str
    note: str
    problem: str
    posting_at: datetime | None
    finished_at: datetime | None
    invalid_staff: list[str]
    estimate: int
    totals: Totals


@dataclass(frozen=True)
class PosterView:
    """One member of staff and what his or her post did."""

    staff: str
    is_posted: bool
    posted_at: datetime | None
    planned: int
    reached: int
    likes: int
    comments: int
