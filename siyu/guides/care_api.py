"""Routes of take-over and losses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router, Schema, Status

from siyu.core.access import require
from siyu.core.csv_answer import answer_csv
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.guides import choosing, losses, transfers
from siyu.kernel.cells import Cell

router = Router(tags=["care"])


class LeaverOut(Schema):
    account: str
    staff: str
    name: str
    customers: int
    groups: int
    waiting: int


class LeaverList(Schema):
    items: list[LeaverOut]


class TransferIn(Schema):
    """customer_ids null: all of the giver's. groups: the platform's ids. A plan needs no taker;
    with one it counts the groups he got today."""

    account: str
    giver: str
    taker: str = ""
    customer_ids: list[int] | None = None
    groups: list[str] = []
    message: str = ""


class TransferPlanOut(Schema):
    customers: int
    groups: int
    blocked: dict[str, int]
    blocked_groups: dict[str, int]
    groups_left_today: int


class CandidateOut(Schema):
    """blocked: why he may not be moved, "" when he may."""

    customer_id: int
    name: str
    tags: list[str]
    since: datetime | None
    blocked: str


class CandidatesOut(Schema):
    """ids: everybody the filters leave; items: the first hundred of them."""

    ids: list[int]
    items: list[CandidateOut]


class CandidateQuery(Schema):
    """q: part of a name, a phone or its last four digits, a number. start, end: the days on which
    they became friends, included."""

    account: str
    giver: str
    q: str = ""
    tag_id: int | None = None
    segment_id: int | None = None
    start: date | None = None
    end: date | None = None


class TransferStarted(Schema):
    id: int


class TransferOut(Schema):
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


class TransferList(Schema):
    items: list[TransferOut]


class TransferItemOut(Schema):
    id: int
    customer_id: int | None
    name: str
    is_group: bool
    state: str
    code: str
    reason: str
    asked_at: datetime | None
    done_at: datetime | None


class TransferItemList(Schema):
    items: list[TransferItemOut]


class LossOut(Schema):
    id: int
    customer_id: int
    customer_name: str
    account: str
    staff: str
    is_ours: bool
    days: int | None
    lost_at: datetime


class LossPage(Schema):
    items: list[LossOut]
    next_cursor: str | None
    counts: dict[str, int]


class LossQuery(Schema):
    """direction: `ours`, `customer` or "" for both; start, end: days, included."""

    direction: str = ""
    staff: str = ""
    start: date | None = None
    end: date | None = None


class AlertRuleBody(Schema):
    mode: str
    hour: int
    managers: list[str]


@router.get("/transfers/leavers", response=LeaverList, operation_id="list_leavers")
def list_leavers(request: HttpRequest) -> dict[str, Any]:
    return {"items": [asdict(one) for one in transfers.list_leavers(actor_of(request))]}


@router.get("/transfers/candidates", response=CandidatesOut, operation_id="list_candidates")
def list_candidates(request: HttpRequest, wanted: Query[CandidateQuery]) -> dict[str, Any]:
    """A giver's customers to choose from: all, or by name, tag, segment, and since when."""
    choice = choosing.choice_of(**wanted.dict(exclude={"account", "giver"}))
    found = choosing.list_candidates(
        actor_of(request), (wanted.account, wanted.giver), choice, now=runtime().clock.now()
    )
    return asdict(found)


@router.post("/transfers/plan", response=TransferPlanOut, operation_id="plan_transfer")
def plan_transfer(request: HttpRequest, body: TransferIn) -> dict[str, Any]:
    plan = transfers.plan_transfer(
        actor_of(request),
        (body.account, body.giver),
        body.customer_ids,
        groups=body.groups,
        taker=body.taker,
        now=runtime().clock.now(),
    )
    return asdict(plan)


@router.post("/transfers", response={201: TransferStarted}, operation_id="start_transfer")
def start_transfer(request: HttpRequest, body: TransferIn) -> Status[dict[str, int]]:
    made = transfers.start_transfer(
        actor_of(request),
        (body.account, body.giver),
        body.taker,
        customer_ids=body.customer_ids,
        groups=body.groups,
        message=body.message,
        now=runtime().clock.now(),
    )
    return Status(201, {"id": made})


@router.get("/transfers", response=TransferList, operation_id="list_transfers")
def list_transfers(request: HttpRequest) -> dict[str, Any]:
    return {"items": [asdict(one) for one in transfers.list_transfers(actor_of(request))]}


@router.get(
    "/transfers/{transfer_id}/items",
    response=TransferItemList,
    operation_id="list_transfer_items",
)
def list_transfer_items(
    request: HttpRequest, transfer_id: int, state: str = "", after: int = 0
) -> dict[str, Any]:
    found = transfers.list_items(actor_of(request), transfer_id, state=state, after=after)
    return {"items": [asdict(one) for one in found]}


@router.post("/transfers/{transfer_id}/stop", response={204: None}, operation_id="stop_transfer")
def stop_transfer(request: HttpRequest, transfer_id: int) -> Status[None]:
    transfers.stop_transfer(actor_of(request), transfer_id, now=runtime().clock.now())
    return Status(204, None)


@router.get("/losses", response=LossPage, operation_id="list_losses")
def list_losses(
    request: HttpRequest, filters: Query[LossQuery], cursor: str = "", limit: int = 50
) -> dict[str, Any]:
    actor, wanted = actor_of(request), losses.parse_filter(**filters.dict())
    page = losses.list_losses(actor, wanted, cursor=cursor, limit=limit)
    return {
        "items": [asdict(one) for one in page.items],
        "next_cursor": page.next_cursor,
        "counts": losses.count_losses(actor, wanted),
    }


@router.get("/losses.csv", operation_id="export_losses")
def export_losses(request: HttpRequest, filters: Query[LossQuery]) -> StreamingHttpResponse:
    wanted = losses.parse_filter(**filters.dict())
    rows = losses.stream_losses(actor_of(request), wanted, now=runtime().clock.now())
    header = (
        *("customer_id", "customer", "account", "staff", "staff_name"),
        *("ended_by", "days", "lost_at"),
    )
    return answer_csv("losses.csv", header, _cells(rows))


@router.get("/alert-rule", response=AlertRuleBody, operation_id="get_alert_rule")
def get_alert_rule(request: HttpRequest) -> dict[str, Any]:
    require(actor_of(request), "guide:read")
    return asdict(losses.get_alert_rule())


@router.put("/alert-rule", response={204: None}, operation_id="set_alert_rule")
def set_alert_rule(request: HttpRequest, body: AlertRuleBody) -> Status[None]:
    rule = losses.AlertRule(body.mode, body.hour, tuple(body.managers))
    losses.set_alert_rule(actor_of(request), rule, now=runtime().clock.now())
    return Status(204, None)


def _cells(rows: Iterator[Any]) -> Iterator[list[Cell]]:
    for row in rows:
        ended_by = "staff" if row.is_ours else "customer"
        yield [
            row.customer_id,
            row.customer_name,
            row.account,
            row.staff,
            row.staff_name,
            ended_by,
            row.days,
            row.lost_at,
        ]
