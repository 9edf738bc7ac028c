"""Routes of payments: rewards, guide cards, days compared with bills."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Path, Query, Router, Schema, Status

from siyu.core.audit import record_audit
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.payments import cards, checking, queries, rewards
from siyu.payments.types import Books, Funnel, GuideView, Limits, NewReward, RewardView
from siyu.ports.payments import CardGuide

router = Router(tags=["payments"])
Id = Annotated[int, Path(ge=1, lt=2**63)]
Cursor = Annotated[str, Query(max_length=500)]
Limit = Annotated[int, Query(ge=1, le=200)]
EXPORT_COLUMNS = (
    "bill_no",
    "remote_id",
    "account",
    "customer_id",
    "amount_fen",
    "activity",
    "reason",
    "state",
    "requested_by",
    "requested_at",
    "decided_by",
    "decided_at",
    "sent_at",
    "finished_at",
    "error",
)


class RewardOut(Schema):
    """A reward; amounts in fen."""

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


class RewardPageOut(Schema):
    items: list[RewardOut]
    next_cursor: str | None


class RewardIn(Schema):
    """request_key: made by the client; a repeated request with it changes nothing."""

    account: str
    customer_id: int
    amount_fen: int
    activity: str
    reason: str
    remark: str
    request_key: str


class RewardLimitsBody(Schema):
    """The most that may be given, in fen."""

    per_reward_fen: int
    per_customer_day_fen: int
    per_staff_day_fen: int
    per_day_fen: int


class RewardBooksOut(Schema):
    """Balances of the rewards' ledger; they add up to 0."""

    balance_fen: int
    transit_fen: int
    customers_fen: int
    is_whole: bool


class CardGuideOut(Schema):
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


class CardGuideList(Schema):
    items: list[CardGuideOut]


class CardGuideIn(Schema):
    """mobile goes to the platform encrypted and is not kept. state: that of the live code behind
    qr_code, so that additions are counted."""

    account: str
    corp_id: str
    store_id: str
    userid: str
    name: str
    mobile: str
    qr_code: str
    avatar: str = ""
    state: str = ""


class CardGuidePatch(Schema):
    is_active: bool


class CardAssignIn(Schema):
    order_no: str


class CardFunnelOut(Schema):
    assigned: int
    shown: int
    added: int
    added_by_code: int
    bought: int
    bought_fen: int
    unassigned: int
    mismatched: int


class BillCheckOut(Schema):
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


class BillCheckList(Schema):
    items: list[BillCheckOut]


class BillCheckIn(Schema):
    account: str
    day: date


@router.get("/rewards", response=RewardPageOut, operation_id="list_rewards")
def list_rewards(
    request: HttpRequest, state: str = "", cursor: Cursor = "", limit: Limit = 50
) -> dict[str, object]:
    """Rewards, newest first."""
    page = queries.list_rewards(actor_of(request), state=state, cursor=cursor, limit=limit)
    return {"items": page.items, "next_cursor": page.next_cursor}


@router.post("/rewards", response=RewardOut, operation_id="request_reward")
def request_reward(request: HttpRequest, body: RewardIn) -> RewardView:
    """Ask for a reward; another person approves it."""
    wanted = NewReward(**body.dict())
    return rewards.request_reward(actor_of(request), wanted, now=runtime().clock.now())


@router.post("/rewards/{reward_id}/approve", response=RewardOut, operation_id="approve_reward")
def approve_reward(request: HttpRequest, reward_id: Id) -> RewardView:
    """Let a reward be paid; not by whoever asked for it."""
    return rewards.approve_reward(actor_of(request), reward_id, now=runtime().clock.now())


@router.post("/rewards/{reward_id}/reject", response=RewardOut, operation_id="reject_reward")
def reject_reward(request: HttpRequest, reward_id: Id) -> RewardView:
    """Refuse a reward, or take back one's own request."""
    return rewards.reject_reward(actor_of(request), reward_id, now=runtime().clock.now())


@router.post("/rewards/{reward_id}/cancel", response=RewardOut, operation_id="cancel_reward")
def cancel_reward(request: HttpRequest, reward_id: Id) -> RewardView:
    """Take back what the customer has not confirmed."""
    return rewards.cancel_reward(actor_of(request), reward_id, now=runtime().clock.now())


@router.get("/rewards/limits", response=RewardLimitsBody, operation_id="get_reward_limits")
def get_reward_limits(request: HttpRequest, account: str) -> Limits:
    """How much an account may give."""
    queries.get_books(actor_of(request))
    return queries.get_limits(account)


@router.put("/rewards/limits", response=RewardLimitsBody, operation_id="set_reward_limits")
def set_reward_limits(request: HttpRequest, account: str, body: RewardLimitsBody) -> Limits:
    """Change how much an account may give."""
    limits = Limits(**body.dict())
    rewards.set_limits(actor_of(request), account, limits, now=runtime().clock.now())
    return limits


@router.get("/rewards/books", response=RewardBooksOut, operation_id="get_reward_books")
def get_reward_books(request: HttpRequest) -> Books:
    """The ledger's balances."""
    return queries.get_books(actor_of(request))


@router.get("/rewards/export.csv", operation_id="export_rewards")
def export_rewards(request: HttpRequest) -> StreamingHttpResponse:
    """Every reward as CSV; amounts in fen."""
    actor, now = actor_of(request), runtime().clock.now()
    found = queries.stream_rewards(actor)
    with transaction.atomic():
        record_audit(actor, "export_rewards", "rewards", now=now)
    rows = ([getattr(reward, name) for name in EXPORT_COLUMNS] for reward in found)
    return answer_csv(f"rewards-{now:%Y%m%d}.csv", EXPORT_COLUMNS, rows)


@router.get("/guide-cards", response=CardGuideList, operation_id="list_card_guides")
def list_card_guides(request: HttpRequest) -> dict[str, list[GuideView]]:
    """Guides whose card is shown after payment, with what came of it."""
    return {"items": queries.list_guides(actor_of(request))}


@router.post("/guide-cards", response={204: None}, operation_id="register_card_guide")
def register_card_guide(request: HttpRequest, body: CardGuideIn) -> Status[None]:
    """Register a guide at the payment platform, or change a known one."""
    values = body.dict()
    account, state = values.pop("account"), values.pop("state")
    now = runtime().clock.now()
    cards.register_guide(actor_of(request), account, CardGuide(**values), state=state, now=now)
    return Status(204, None)


@router.get("/guide-cards/funnel", response=CardFunnelOut, operation_id="get_card_funnel")
def get_card_funnel(request: HttpRequest, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Funnel:
    """Assigned, shown, added, bought again: orders of the last days."""
    return queries.get_funnel(actor_of(request), days=days, now=runtime().clock.now())


@router.patch("/guide-cards/{guide_id}", response={204: None}, operation_id="set_card_guide")
def set_card_guide(request: HttpRequest, guide_id: Id, body: CardGuidePatch) -> Status[None]:
    """Let a guide be assigned, or no more."""
    now = runtime().clock.now()
    cards.set_guide_active(actor_of(request), guide_id, is_active=body.is_active, now=now)
    return Status(204, None)


@router.post("/guide-cards/{guide_id}/assign", response={204: None}, operation_id="assign_order")
def assign_order(request: HttpRequest, guide_id: Id, body: CardAssignIn) -> Status[None]:
    """Show this guide's card to whoever pays the order."""
    now = runtime().clock.now()
    cards.assign_order(actor_of(request), guide_id, body.order_no.strip(), now=now)
    return Status(204, None)


@router.get("/payments/checks", response=BillCheckList, operation_id="list_bill_checks")
def list_bill_checks(request: HttpRequest) -> dict[str, object]:
    """Past days compared with the platform's bills."""
    return {"items": queries.list_checks(actor_of(request))}


@router.post("/payments/checks", response={204: None}, operation_id="check_bill")
def check_bill(request: HttpRequest, body: BillCheckIn) -> Status[None]:
    """Compare one past day now; what is missing is recovered."""
    now = runtime().clock.now()
    checking.check_day(actor_of(request), body.account, body.day, now=now)
    return Status(204, None)
