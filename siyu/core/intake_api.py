"""Routes of write keys, refused items and the intake's state."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema, Status

from siyu.core import rejected, write_keys
from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.intake import inbox_status
from siyu.core.models import IntakeState
from siyu.core.runtime import runtime

router = Router(tags=["intake"])


class WriteKeyIn(Schema):
    name: str
    platform: str = "web"


class WriteKeyMade(Schema):
    """`key` is shown this once."""

    id: int
    name: str
    key: str


class WriteKeyOut(Schema):
    id: int
    name: str
    platform: str
    hint: str
    is_active: bool
    created_at: datetime


class WriteKeyList(Schema):
    items: list[WriteKeyOut]


class RejectedOut(Schema):
    id: int
    at: datetime
    source: str
    code: str
    reason: str
    field: str
    sample: str


class RejectedPage(Schema):
    items: list[RejectedOut]
    next_cursor: str | None


class IntakeOut(Schema):
    inbox_pending: int
    accepted_total: int
    rejected_total: int
    last_event_at: datetime | None


@router.get("/write-keys", response=WriteKeyList, operation_id="list_write_keys")
def list_write_keys(request: HttpRequest) -> WriteKeyList:
    views = write_keys.list_write_keys(actor_of(request))
    return WriteKeyList(items=[WriteKeyOut(**asdict(view)) for view in views])


@router.post("/write-keys", response={201: WriteKeyMade}, operation_id="create_write_key")
def create_write_key(request: HttpRequest, body: WriteKeyIn) -> Status[WriteKeyMade]:
    actor, now = actor_of(request), runtime().clock.now()
    key = write_keys.create_write_key(actor, body.name, body.platform, now=now)
    made = next(view for view in write_keys.list_write_keys(actor) if view.name == body.name)
    return Status(201, WriteKeyMade(id=made.id, name=made.name, key=key))


@router.delete("/write-keys/{key_id}", response={204: None}, operation_id="revoke_write_key")
def revoke_write_key(request: HttpRequest, key_id: int) -> Status[None]:
    write_keys.revoke_write_key(actor_of(request), key_id, now=runtime().clock.now())
    return Status(204, None)


@router.get("/rejected", response=RejectedPage, operation_id="list_rejected")
def list_rejected(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> RejectedPage:
    page = rejected.list_rejected(actor_of(request), cursor, limit)
    items = [RejectedOut(**asdict(view)) for view in page.items]
    return RejectedPage(items=items, next_cursor=page.next_cursor)


@router.get("/intake", response=IntakeOut, operation_id="get_intake")
def get_intake(request: HttpRequest) -> IntakeOut:
    require(actor_of(request), "overview:read")
    state = IntakeState.objects.filter(pk=1).first() or IntakeState()
    return IntakeOut(
        inbox_pending=inbox_status().items,
        accepted_total=state.accepted_total,
        rejected_total=state.rejected_total,
        last_event_at=state.last_event_at,
    )
