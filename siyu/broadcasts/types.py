"""What broadcasts are made of and how they are shown.

An audience is one of
    {"kind": "segment", "segment_id": 3, "exclude_segment_id": 4?}
    {"kind": "definition", "definition": {…}, "exclude_segment_id": 4?}
    {"kind": "customers", "ids": [1, 2]}
    {"kind": "groups", "owners": ["mei"]?, "labels": ["vip"]?, "ids": [1]?}
    {"kind": "missed", "broadcast_id": 7, "reasons": ["not_confirmed"]}  customers, or groups
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from siyu.reach.types import CampaignState, CohortCount

PREFIX = "broadcast:"
MISSED = "missed"
"""The audience of whom an earlier broadcast surely did not reach."""
STEP = "send"


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    """The audience is frozen; it is planned when its time comes."""
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


ACTIVE = (State.APPROVED, State.SENDING, State.PAUSED)
CHANGEABLE = (State.DRAFT,)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What an operator writes. text: Liquid. spread_minutes: start evenly over so long.

    confirm_days: how long staff may confirm, 1 … 7.
    """

    name: str
    account: str
    channel: str
    text: str
    audience: Mapping[str, Any]
    attachments: Sequence[Mapping[str, Any]] = ()
    staff: Sequence[str] = ()
    scheduled_at: datetime | None = None
    spread_minutes: int = 0
    confirm_days: int = 2


@dataclass(frozen=True)
class Sample:
    """How the message reads for one customer; reason when it would not go out."""

    customer_id: int
    name: str
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Preview:
    """A dry run: nothing is written or sent.

    tasks: calls, each of which somebody must confirm where the channel needs staff; most_tasks:
    of one sender. quiet_until: set when it would have to wait for the end of the quiet hours.
    """

    audience: int
    count: CohortCount
    tasks: int
    most_tasks: int
    samples: list[Sample]
    is_personal: bool
    quiet_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class BroadcastView:
    """A broadcast as pages show it. progress: share of the audience that is decided, 0 … 1."""

    id: int
    name: str
    state: str
    account: str
    channel: str
    text: str
    attachments: list[dict[str, Any]]
    audience: dict[str, Any]
    staff: list[str]
    is_for_groups: bool
    scheduled_at: datetime | None
    spread_minutes: int
    confirm_days: int
    created_by: str
    created_at: datetime
    submitted_by: str
    submitted_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    note: str
    problem: str
    audience_count: int
    planned_count: int
    started_at: datetime | None
    finished_at: datetime | None
    stopped_by: str
    stopped_at: datetime | None
    reminded_at: datetime | None
    recalled_at: datetime | None
    counted_at: datetime | None
    counts: CampaignState = field(default_factory=lambda: CampaignState({}, {}))
