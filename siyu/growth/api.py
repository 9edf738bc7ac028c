"""Routes of live codes."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.growth import actions, queries
from siyu.growth.types import LiveCodeView

router = Router(tags=["growth"])


class CodeTagOut(Schema):
    id: int
    name: str
    group: str


class LiveCodeOut(Schema):
    id: int
    name: str
    platform: str
    account: str
    channel: str
    state: str
    qr_url: str
    staff: list[str]
    tags: list[CodeTagOut]
    welcome_text: str
    is_active: bool
    created_at: datetime
    added: int
    added_today: int
    lost: int


class LiveCodeList(Schema):
    items: list[LiveCodeOut]


class LiveCodeIn(Schema):
    account: str = Field(max_length=128)
    name: str = Field(max_length=64)
    channel: str = Field("", max_length=64)
    staff: list[str] = Field(max_length=100)
    tag_ids: list[int] = []
    welcome_text: str = Field("", max_length=1000)


class LiveCodePatch(Schema):
    name: str | None = Field(None, max_length=64)
    staff: list[str] | None = Field(None, max_length=100)
    tag_ids: list[int] | None = None
    welcome_text: str | None = Field(None, max_length=1000)
    is_active: bool | None = None


@router.get("/live-codes", response=LiveCodeList, operation_id="list_live_codes")
def list_live_codes(request: HttpRequest) -> LiveCodeList:
    codes = queries.list_live_codes(actor_of(request), now=runtime().clock.now())
    return LiveCodeList(items=[_out(code) for code in codes])


@router.post("/live-codes", response={201: LiveCodeOut}, operation_id="create_live_code")
def create_live_code(request: HttpRequest, body: LiveCodeIn) -> Status[LiveCodeOut]:
    code = actions.create_live_code(
        actor_of(request),
        account=body.account,
        name=body.name,
        channel=body.channel,
        staff=body.staff,
        tag_ids=body.tag_ids,
        welcome_text=body.welcome_text,
        now=runtime().clock.now(),
    )
    return Status(201, _out(code))


@router.patch("/live-codes/{int:code_id}", response=LiveCodeOut, operation_id="update_live_code")
def update_live_code(request: HttpRequest, code_id: int, body: LiveCodePatch) -> LiveCodeOut:
    code = actions.update_live_code(
        actor_of(request),
        code_id,
        name=body.name,
        staff=body.staff,
        tag_ids=body.tag_ids,
        welcome_text=body.welcome_text,
        is_active=body.is_active,
        now=runtime().clock.now(),
    )
    return _out(code)


@router.get("/live-codes/{int:code_id}/qr.png", operation_id="get_live_code_png")
def get_live_code_png(request: HttpRequest, code_id: int) -> HttpResponse:
    return _picture(request, code_id, "png", "image/png")


@router.get("/live-codes/{int:code_id}/qr.svg", operation_id="get_live_code_svg")
def get_live_code_svg(request: HttpRequest, code_id: int) -> HttpResponse:
    return _picture(request, code_id, "svg", "image/svg+xml")


def _picture(request: HttpRequest, code_id: int, kind: str, content_type: str) -> HttpResponse:
    now = runtime().clock.now()
    return HttpResponse(
        queries.draw_code(actor_of(request), code_id, kind, now=now), content_type=content_type
    )


def _out(code: LiveCodeView) -> LiveCodeOut:
    return LiveCodeOut(
        id=code.id,
        name=code.name,
        platform=code.platform,
        account=code.account,
        channel=code.channel,
        state=code.state,
        qr_url=f"/api/live-codes/{code.id}/qr.svg",
        staff=code.staff,
        tags=[CodeTagOut(id=tag.id, name=tag.name, group=tag.group) for tag in code.tags],
        welcome_text=code.welcome_text,
        is_active=code.is_active,
        created_at=code.created_at,
        added=code.added,
        added_today=code.added_today,
        lost=code.lost,
    )
