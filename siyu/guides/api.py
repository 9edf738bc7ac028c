"""Routes of guides and of pulls from the platforms."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.guides import actions, queries

router = Router(tags=["guides"])


class GuideOut(Schema):
    account: str
    staff: str
    is_active: bool
    customers: int
    added_7d: int
    lost_7d: int
    messages_7d: int
    orders: int
    revenue_fen: int


class GuideList(Schema):
    items: list[GuideOut]


class SourceOut(Schema):
    name: str
    found: int
    changed: int
    gone: int
    error: str


class SyncOut(Schema):
    """share: 0 to 1; seconds_left: null when it cannot be told yet."""

    id: int
    account: str
    state: str
    requested_by: str
    source: str
    sources: list[SourceOut]
    staff_total: int
    staff_done: int
    pages: int
    contacts: int
    expected: int
    changed: int
    gone: int
    share: float
    per_second: float
    seconds_left: int | None
    started_at: datetime
    finished_at: datetime | None
    waits_until: datetime | None
    error: str


class SyncList(Schema):
    items: list[SyncOut]


class SyncStarted(Schema):
    job: int


class StaffNameOut(Schema):
    account: str
    staff: str
    name: str
    position: str
    department: str
    employment: str
    is_active: bool


class StaffNameList(Schema):
    items: list[StaffNameOut]


@router.get("/guides", response=GuideList, operation_id="list_guides")
def list_guides(request: HttpRequest) -> GuideList:
    reports = queries.list_guides(actor_of(request), now=runtime().clock.now())
    return GuideList(items=[GuideOut(**asdict(report)) for report in reports])


@router.post("/accounts/{key}/sync", response={202: SyncStarted}, operation_id="sync_account")
def sync_account(request: HttpRequest, key: str) -> Status[SyncStarted]:
    job = actions.request_sync(actor_of(request), key, now=runtime().clock.now())
    return Status(202, SyncStarted(job=job))


@router.get("/sync", response=SyncList, operation_id="list_syncs")
def list_syncs(request: HttpRequest) -> SyncList:
    syncs = queries.list_syncs(actor_of(request), now=runtime().clock.now())
    return SyncList(items=[SyncOut(**asdict(sync)) for sync in syncs])


@router.get("/staff-names", response=StaffNameList, operation_id="list_staff_names")
def list_staff_names(request: HttpRequest) -> StaffNameList:
    """Names of our staff by account and id."""
    names = queries.list_staff_names(actor_of(request))
    return StaffNameList(items=[StaffNameOut(**asdict(name)) for name in names])
