"""What take-over, losses and behaviour hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

PLANNED, ASKED, MOVED, DECLINED, FULL, FAILED, UNKNOWN = (
    "planned",
    "asked",
    "done",
    "refused",
    "full",
    "failed",
    "unknown",
)
TOO_OFTEN, MOVING, TODAY = "too_often", "moving", "today"
RUNNING, DONE, STOPPED = "running", "done", "stopped"


@dataclass(frozen=True, kw_only=True)
class Leaver:
    """Somebody who left and whose customers or groups nobody has taken over.

    waiting: customers already on their way to somebody else.
    """

    account: str
    staff: str
    name: str
    customers: int
    groups: int
    waiting: int


@dataclass(frozen=True, kw_only=True)
class TransferPlan:
    """What a transfer would do. blocked: customers who may not be moved, by reason code;
    blocked_groups: the same of groups. groups_left_today: the taker may get, by our own books.
    """

    customers: int
    groups: int
    blocked: dict[str, int]
    blocked_groups: dict[str, int]
    groups_left_today: int


@dataclass(frozen=True, kw_only=True)
class TransferView:
    """A transfer and its progress: items by state."""

    id: int
    account: str
    giver: str
    taker: str
    has_left: bool
    state: str
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    error: str
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class TransferItemView:
    """One customer (or group, then customer_id is None) of a transfer."""

    id: int
    customer_id: int | None
    name: str
    is_group: bool
    state: str
    code: str
    reason: str
    asked_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LossView:
    """A friendship that ended; is_ours: our staff ended it. days: it lasted. staff_name: the id
    while no name is known."""

    id: int
    customer_id: int
    customer_name: str
    account: str
    staff: str
    staff_name: str
    is_ours: bool
    days: int | None
    lost_at: datetime


@dataclass(frozen=True, kw_only=True)
class BehaviourView:
    """One day of one member of staff, or of several added up."""

    day: date
    applies: int
    added: int
    chats: int
    messages: int
    reply_percent: float | None
    first_reply_minutes: float | None
    negative: int
