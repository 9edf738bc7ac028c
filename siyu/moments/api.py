"""Routes of moments."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from siyu.broadcasts.policy import get_alone_limit
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.moments import actions, queries
from siyu.moments.types import MomentDraft

router = Router(tags=["moments"])


class TotalsItem(Schema):
    """Sums over the posters; reached: customers to whom it was delivered."""

    posters: int
    posted: int
    planned: int
    reached: int
    likes: int
    comments: int


class MomentItem(Schema):
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
    totals: TotalsItem


class MomentPage(Schema):
    items: list[MomentItem]
    next_cursor: str | None


class PosterItem(Schema):
    staff: str
    is_posted: bool
    posted_at: datetime | None
    planned: int
    reached: int
    likes: int
    comments: int


class PosterList(Schema):
    items: list[PosterItem]


class MomentBody(Schema):
    """staff: remote ids, [] = all. tag_ids: a customer needs one of them, [] = all customers."""

    name: str
    account: str
    text: str = ""
    attachments: list[dict[str, Any]] = []
    staff: list[str] = []
    tag_ids: list[int] = []
    scheduled_at: datetime | None = None
    watch_days: int = 7


class EstimateItem(Schema):
    customers: int
    staff: int


class MomentAccounts(Schema):
    items: list[str]


class RejectBody(Schema):
    note: str


class MadeMoment(Schema):
    id: int


@router.get("/moments", response=MomentPage, operation_id="list_moments")
def list_moments(
    request: HttpRequest, state: str = "", cursor: str | None = None, limit: int = 30
) -> MomentPage:
    """All moments, the newest first."""
    page = queries.list_moments(actor_of(request), state=state, cursor=cursor, limit=limit)
    items = [MomentItem(**asdict(row)) for row in page.items]
    return MomentPage(items=items, next_cursor=page.next_cursor)


@router.get("/moments/accounts", response=MomentAccounts, operation_id="moment_accounts")
def moment_accounts(request: HttpRequest) -> MomentAccounts:
    """Accounts that can post moments."""
    return MomentAccounts(items=queries.list_moment_accounts(actor_of(request)))


@router.post("/moments/estimate", response=EstimateItem, operation_id="estimate_moment")
def estimate_moment(request: HttpRequest, body: MomentBody) -> EstimateItem:
    """How many customers would see it."""
    found = actions.estimate(actor_of(request), MomentDraft(**body.dict()))
    return EstimateItem(customers=sum(found.values()), staff=len(found))


@router.post("/moments", response={201: MadeMoment}, operation_id="create_moment")
def create_moment(request: HttpRequest, body: MomentBody) -> Status[MadeMoment]:
    """Keep a draft."""
    made = actions.create_moment(actor_of(request), MomentDraft(**body.dict()), now=_now())
    return Status(201, MadeMoment(id=made))


@router.get("/moments/{int:moment_id}", response=MomentItem, operation_id="get_moment")
def get_moment(request: HttpRequest, moment_id: int) -> MomentItem:
    """One moment with its counts."""
    return MomentItem(**asdict(queries.get_moment(actor_of(request), moment_id)))


@router.put("/moments/{int:moment_id}", response={204: None}, operation_id="update_moment")
def update_moment(request: HttpRequest, moment_id: int, body: MomentBody) -> Status[None]:
    """Change a draft."""
    actions.update_moment(actor_of(request), moment_id, MomentDraft(**body.dict()), now=_now())
    return Status(204, None)


@router.delete("/moments/{int:moment_id}", response={204: None}, operation_id="delete_moment")
def delete_moment(request: HttpRequest, moment_id: int) -> Status[None]:
    """Delete a draft."""
    actions.delete_moment(actor_of(request), moment_id, now=_now())
    return Status(204, None)


@router.get(
    "/moments/{int:moment_id}/posters", response=PosterList, operation_id="list_moment_posters"
)
def list_posters(request: HttpRequest, moment_id: int) -> PosterList:
    """Who is to post, who has, and what it did."""
    rows = queries.list_posters(actor_of(request), moment_id)
    return PosterList(items=[PosterItem(**asdict(row)) for row in rows])


@router.post("/moments/{int:moment_id}/submit", response={204: None}, operation_id="submit_moment")
def submit_moment(request: HttpRequest, moment_id: int) -> Status[None]:
    """Ask for approval."""
    actions.submit_moment(actor_of(request), moment_id, now=_now())
    return Status(204, None)


@router.post(
    "/moments/{int:moment_id}/approve", response={204: None}, operation_id="approve_moment"
)
def approve_moment(request: HttpRequest, moment_id: int) -> Status[None]:
    """Let it be made at its time."""
    actions.approve_moment(actor_of(request), moment_id, get_alone_limit(), now=_now())
    return Status(204, None)


@router.post("/moments/{int:moment_id}/reject", response={204: None}, operation_id="reject_moment")
def reject_moment(request: HttpRequest, moment_id: int, body: RejectBody) -> Status[None]:
    """Send it back to its author."""
    actions.reject_moment(actor_of(request), moment_id, body.note, now=_now())
    return Status(204, None)


@router.post("/moments/{int:moment_id}/cancel", response={204: None}, operation_id="cancel_moment")
def cancel_moment(request: HttpRequest, moment_id: int) -> Status[None]:
    """Take it back from those who have not posted."""
    actions.cancel_moment(actor_of(request), moment_id, now=_now())
    return Status(204, None)


def _now() -> datetime:
    return runtime().clock.now()
