"""What payments hand out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RewardState(StrEnum):
    """requested → approved → sending → waiting or processing → paid, failed or cancelled."""

    REQUESTED = "requested"
    REJECTED = "rejected"
    APPROVED = "approved"
    SENDING = "sending"
    """The platform was called; its answer is not known yet."""
    WAITING = "waiting"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset(
    {RewardState.REJECTED, RewardState.PAID, RewardState.FAILED, RewardState.CANCELLED}
)
DEAD = frozenset({RewardState.REJECTED, RewardState.FAILED, RewardState.CANCELLED})
OUT = frozenset({RewardState.SENDING, RewardState.WAITING, RewardState.PROCESSING})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most that may be given, in fen."""

    per_reward_fen: int = 20_000
    per_customer_day_fen: int = 50_000
    per_staff_day_fen: int = 500_000
    per_day_fen: int = 5_000_000


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What today's living rewards add up to, in fen."""

    customer_fen: int = 0
    staff_fen: int = 0
    day_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class NewReward:
    """A reward asked for. request_key: the same key again is the same reward."""

    account: str
    customer_id: int
    amount_fen: int
    activity: str
    reason: str
    remark: str
    request_key: str


@dataclass(frozen=True)
class RewardView:
    """A reward as shown."""

    id: int
    account: str
    bill_no: str
    customer_id: int
    customer_name: str
    amount_fen: int
    activity: str
    reason: str
    remark: str
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    sent_at: datetime | None
    finished_at: datetime | None
    remote_id: str
    error: str
    is_doubtful: bool


@dataclass(frozen=True)
class Books:
    """The ledger's balances in fen; they add up to 0. is_whole: they do, entry by entry."""

    balance_fen: int
    transit_fen: int
    customers_fen: int
    is_whole: bool


@dataclass(frozen=True)
class GuideView:
    """A guide with card, and his funnel."""

    id: int
    account: str
    guide_id: str
    store_id: str
    userid: str
    name: str
    qr_code: str
    state: str
    is_active: bool
    assigned: int
    shown: int
    added: int
    bought: int
    bought_fen: int


@dataclass(frozen=True)
class Funnel:
    """From assignment to the next purchase. added_by_code: of `added`, those of whom only guide
    and time are known to fit."""

    assigned: int
    shown: int
    added: int
    added_by_code: int
    bought: int
    bought_fen: int
    unassigned: int
    mismatched: int


@dataclass(frozen=True)
class CheckView:
    """A day compared with the bill."""

    account: str
    day: date
    state: str
    payments: int
    refunds: int
    paid_fen: int
    refunded_fen: int
    recovered: int
    mismatched: list[str]
    error: str
    checked_at: datetime
