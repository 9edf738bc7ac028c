"""Routes of follow codes, app links, templates, permissions and shipping."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema, Status

from siyu.core.access import require
from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.fans import app_links, follow_codes, orders, templates
from siyu.pool import queries as pool
from siyu.ports.orders import Parcel, Shipment
from siyu.reach import permits

router = Router(tags=["fans"])


class FollowCodeOut(Schema):
    id: int
    account: str
    name: str
    channel: str
    scene: str
    url: str
    expires_at: datetime | None
    tag_ids: list[int]
    is_active: bool
    created_at: datetime
    followed: int
    followed_today: int
    left: int
    scans: int


class FollowCodeList(Schema):
    items: list[FollowCodeOut]


class FollowCodeIn(Schema):
    account: str = Field(max_length=128)
    name: str = Field(max_length=64)
    channel: str = Field("", max_length=64)
    days: int = Field(0, ge=0, le=30)
    tag_ids: list[int] = Field([], max_length=20)


class FollowCodePatch(Schema):
    name: str | None = Field(None, max_length=64)
    tag_ids: list[int] | None = Field(None, max_length=20)
    is_active: bool | None = None


class AppLinkIn(Schema):
    account: str = Field(max_length=128)
    kind: Literal["url", "scheme", "short"] = "url"
    name: str = Field(max_length=64)
    page: str = Field(max_length=512)
    query: str = Field("", max_length=1024)
    days: int = Field(30, ge=1, le=30)


class AppLinkOut(Schema):
    id: int
    account: str
    kind: str
    name: str
    page: str
    query: str
    url: str
    expires_at: datetime | None
    created_by: str
    created_at: datetime


class AppLinkList(Schema):
    items: list[AppLinkOut]


class MessageTemplateFieldOut(Schema):
    key: str
    name: str
    example: str


class MessageTemplateOut(Schema):
    id: str
    title: str
    channel: str
    fields: list[MessageTemplateFieldOut]
    is_one_time: bool


class MessageTemplateList(Schema):
    items: list[MessageTemplateOut]


class MessageTemplateSendIn(Schema):
    account: str = Field(max_length=128)
    channel: str = Field(max_length=48)
    customer_id: int
    text: str = Field(max_length=2000)


class SentTemplateOut(Schema):
    touch_id: int


class PermitOut(Schema):
    account: str
    channel: str
    template: str
    left: int
    granted: int
    spent: int
    withdrawn: int
    heard_at: datetime


class PermitList(Schema):
    items: list[PermitOut]


class ParcelIn(Schema):
    item: str = Field(max_length=120)
    express: str = Field("", max_length=32)
    number: str = Field("", max_length=64)
    receiver_contact: str = Field("", max_length=64)


class ShipmentIn(Schema):
    account: str = Field(max_length=128)
    transaction_id: str = Field(min_length=1, max_length=64)
    payer: str = Field(min_length=1, max_length=128)
    kind: Literal["express", "city", "virtual", "pick_up"]
    parcels: list[ParcelIn] = Field(min_length=1, max_length=10)
    is_complete: bool = True


@router.get("/follow-codes", response=FollowCodeList, operation_id="list_follow_codes")
def list_follow_codes(request: HttpRequest) -> FollowCodeList:
    found = follow_codes.list_follow_codes(actor_of(request), now=runtime().clock.now())
    return FollowCodeList(items=[FollowCodeOut(**asdict(one)) for one in found])


@router.post("/follow-codes", response={201: FollowCodeOut}, operation_id="create_follow_code")
def create_follow_code(request: HttpRequest, body: FollowCodeIn) -> Status[FollowCodeOut]:
    now = runtime().clock.now()
    made = follow_codes.create_follow_code(actor_of(request), **body.dict(), now=now)
    return Status(201, FollowCodeOut(**asdict(made)))


@router.patch(
    "/follow-codes/{int:code_id}", response=FollowCodeOut, operation_id="update_follow_code"
)
def update_follow_code(request: HttpRequest, code_id: int, body: FollowCodePatch) -> FollowCodeOut:
    now = runtime().clock.now()
    changed = follow_codes.update_follow_code(actor_of(request), code_id, **body.dict(), now=now)
    return FollowCodeOut(**asdict(changed))


@router.get("/follow-codes/{int:code_id}/qr.png", operation_id="get_follow_code_png")
def get_follow_code_png(request: HttpRequest, code_id: int) -> HttpResponse:
    picture = follow_codes.draw_follow_code(actor_of(request), code_id, "png")
    return HttpResponse(picture, content_type="image/png")


@router.get("/follow-codes/{int:code_id}/qr.svg", operation_id="get_follow_code_svg")
def get_follow_code_svg(request: HttpRequest, code_id: int) -> HttpResponse:
    picture = follow_codes.draw_follow_code(actor_of(request), code_id, "svg")
    return HttpResponse(picture, content_type="image/svg+xml")


@router.get("/app-links", response=AppLinkList, operation_id="list_app_links")
def list_app_links(request: HttpRequest) -> AppLinkList:
    found = app_links.list_app_links(actor_of(request))
    return AppLinkList(items=[AppLinkOut(**asdict(one)) for one in found])


@router.post("/app-links", response={201: AppLinkOut}, operation_id="create_app_link")
def create_app_link(request: HttpRequest, body: AppLinkIn) -> Status[AppLinkOut]:
    now = runtime().clock.now()
    made = app_links.create_app_link(actor_of(request), **body.dict(), now=now)
    return Status(201, AppLinkOut(**asdict(made)))


@router.get(
    "/message-templates", response=MessageTemplateList, operation_id="list_message_templates"
)
def list_message_templates(request: HttpRequest, account: str) -> MessageTemplateList:
    found = templates.list_templates(actor_of(request), account)
    return MessageTemplateList(items=[MessageTemplateOut(**asdict(one)) for one in found])


@router.post(
    "/message-templates/send", response={201: SentTemplateOut}, operation_id="send_template"
)
def send_template(request: HttpRequest, body: MessageTemplateSendIn) -> Status[SentTemplateOut]:
    now = runtime().clock.now()
    touch_id = templates.send_template(actor_of(request), **body.dict(), now=now)
    return Status(201, SentTemplateOut(touch_id=touch_id))


@router.get(
    "/customers/{int:customer_id}/permits", response=PermitList, operation_id="list_permits"
)
def list_permits(request: HttpRequest, customer_id: int) -> PermitList:
    actor = actor_of(request)
    require(actor, "touch:read")
    customer = pool.current_customer_id(customer_id)
    pool.require_visible(actor, customer)
    return PermitList(items=[PermitOut(**asdict(one)) for one in permits.list_permits(customer)])


@router.post("/shipments", response={204: None}, operation_id="report_shipment")
def report_shipment(request: HttpRequest, body: ShipmentIn) -> Status[None]:
    shipment = Shipment(
        transaction_id=body.transaction_id,
        payer=body.payer,
        kind=body.kind,
        parcels=tuple(Parcel(**parcel.dict()) for parcel in body.parcels),
        is_complete=body.is_complete,
    )
    orders.report_shipment(actor_of(request), body.account, shipment, now=runtime().clock.now())
    return Status(204, None)
