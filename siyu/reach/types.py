"""What other slices plan and read: plans, states, open channels, rows of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

MARKETING: Final = "marketing"
SERVICE: Final = "service"
BEST: Final = "best"
"""Any open marketing channel, the best one first."""
WELCOME: Final = "welcome"
"""The short window right after a customer was added, whatever the platform calls it."""
URGENT, PLAIN, IN_WAVE = 0, 1, 2
"""Priorities of touches: who waits, everybody else, and those handed over in waves."""
STAFF_LEFT: Final = "staff_left"
"""Why not: every friend of the customer among the senders left, nobody has taken over."""
NOT_OUR_TURN: Final = "not_our_turn"
"""Why not: staff are in charge of the customer at a service desk, or the session is over."""
DESK_LOST: Final = "desk_lost"
"""Why not: the service desk is deleted, or the platform lets us answer there no more."""
NOBODY: Final = 0
"""The customer of a touch that is addressed to a group."""


class TouchState(StrEnum):
    """planned → reserved → handed → accepted → one of the end states."""

    PLANNED = "planned"
    DEFERRED = "deferred"
    """Allowed, but not now: quiet hours, a limit, a paused journey."""
    RESERVED = "reserved"
    """All checks passed; caps and quotas are held for it."""
    HANDED = "handed"
    """The intent is on disk; the platform is being called."""
    ACCEPTED = "accepted"
    """The platform has it; a member of staff or the platform has not finished yet."""
    DELIVERED = "delivered"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """It may or may not have gone out, and the platform cannot tell. Never repeated."""


WAITING_STATES: Final = (TouchState.PLANNED, TouchState.DEFERRED)
END_STATES: Final = (
    TouchState.DELIVERED,
    TouchState.FAILED,
    TouchState.SUPPRESSED,
    TouchState.EXPIRED,
    TouchState.UNKNOWN,
)
COUNTED_STATES: Final = (
    TouchState.RESERVED,
    TouchState.HANDED,
    TouchState.ACCEPTED,
    TouchState.DELIVERED,
    TouchState.UNKNOWN,
)
"""States that count towards the frequency cap: failed hand-offs give their place back."""


@dataclass(frozen=True, kw_only=True)
class TouchPlan:
    """A message somebody wants said; planning the same twice changes nothing.

    channel: `best`, `welcome` or a channel's name. template: Liquid, or plain text when
    `is_literal`. context: `values` (more template variables), `account`, `staff` preferred, and
    strings the channel may need. Urgent ones go first. attachments: in the platform-neutral
    shape of `Content`.
    """

    campaign: str
    version: int
    step: str
    entry_key: str
    customer_id: int
    identity_id: int | None
    channel: str
    template: str
    purpose: str
    due_at: datetime
    expires_at: datetime
    context: Mapping[str, Any] = field(default_factory=dict)
    is_literal: bool = False
    is_urgent: bool = False
    attachments: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """One message for very many, all by one channel of one account.

    staff: the only senders allowed, () = all. due_at, expires_at, template: as of a TouchPlan.
    """

    campaign: str
    version: int
    step: str
    account: str
    channel: str
    template: str
    due_at: datetime
    expires_at: datetime
    attachments: Sequence[Mapping[str, str]] = ()
    purpose: str = MARKETING
    staff: Sequence[str] = ()


@dataclass(frozen=True)
class GroupTarget:
    """A group to be written to by its owner."""

    chat: str
    owner: str
    name: str = ""


@dataclass(frozen=True)
class CohortCount:
    """What planning a cohort would do now. reasons: why who is left out → how many.

    senders: customers by sender. left: how many more messages the platform lets a customer have
    in this period → customers; None = no such limit.
    """

    allowed: int
    reasons: Mapping[str, int]
    senders: Mapping[str, int]
    left: Mapping[int | None, int]


@dataclass(frozen=True)
class QuotaState:
    """One limit of the platform for one customer. elsewhere: of `used`, sent by other tools."""

    account: str
    channel: str
    limit: int
    used: int
    elsewhere: int
    resets_at: datetime
    source: str


@dataclass(frozen=True)
class SenderRow:
    """How far one sender is with a campaign: touches by state, and the tasks at the platform.

    tasks, confirmed, cancelled: calls made, of them confirmed by the sender, taken back.
    """

    account: str
    sender: str
    states: Mapping[str, int]
    reasons: Mapping[str, int]
    tasks: int = 0
    confirmed: int = 0
    cancelled: int = 0
    reminders: int = 0
    confirmed_at: datetime | None = None


@dataclass(frozen=True)
class CampaignState:
    """Counts of one campaign. in_tasks: touches the platform has; confirmed: of them, in tasks
    their sender confirmed. calls: tasks made. waves: work left. ends_at: when the last is due."""

    states: Mapping[str, int]
    reasons: Mapping[str, int]
    in_tasks: int = 0
    confirmed: int = 0
    calls: int = 0
    waves: int = 0
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OpenChannel:
    """A way to reach one customer now; `reason_if_closed` is "" when it is open.

    sender: remote id of the member of staff, or "". until, remaining: of the reply window;
    None = no end, no limit. cost_fen: per message.
    """

    channel: str
    account: str
    sender: str = ""
    address: str = ""
    until: datetime | None = None
    remaining: int | None = None
    cost_fen: int = 0
    reason_if_closed: str = ""
    is_windowed: bool = False
    needs_permit: bool = False
    is_marketing: bool = True
    needs_staff: bool = False
    max_chars: int = 1000
    batch: int = 1
    identity_id: int | None = None
    window_id: int | None = None
    window_seconds: float = 0
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """quiet_start, quiet_end: minutes after midnight in Shanghai; equal = no quiet hours.

    cap_count marketing touches per customer in any `cap_days` days (rolling).
    """

    quiet_start: int = 22 * 60
    quiet_end: int = 8 * 60
    cap_count: int = 3
    cap_days: int = 7


@dataclass(frozen=True)
class TouchRef:
    """What a gate is asked about. channel: what was wanted, see `TouchPlan`."""

    id: int
    campaign: str
    version: int
    step: str
    entry_key: str
    customer_id: int
    channel: str


@dataclass(frozen=True)
class GateVerdict:
    """A planner's last word before a send. `is_hold`: not now, ask again; else never."""

    reason: str
    is_hold: bool = False


@dataclass(frozen=True)
class TouchRow:
    """One line of the ledger as people see it."""

    id: int
    campaign: str
    step: str
    customer_id: int
    customer_name: str
    channel: str
    account: str
    sender: str
    state: str
    reason: str
    text_preview: str
    planned_at: datetime
    due_at: datetime
    handed_at: datetime | None
    done_at: datetime | None
    purpose: str


@dataclass(frozen=True)
class TouchFilter:
    state: str = ""
    channel: str = ""
    campaign: str = ""
    customer_id: int | None = None


@dataclass(frozen=True)
class TouchSummary:
    """Counts of the ledger: by state, by reason of what was not delivered, by channel."""

    states: Mapping[str, int]
    reasons: Mapping[str, int]
    channels: Mapping[tuple[str, str], int]


@dataclass(frozen=True, kw_only=True)
class PermitView:
    """What a customer allows of one template; granted = left + spent + withdrawn."""

    account: str
    channel: str
    template: str
    left: int
    granted: int
    spent: int
    withdrawn: int
    heard_at: datetime
