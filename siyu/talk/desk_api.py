"""Routes of service desks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.talk import desks

router = Router(tags=["talk"])


class ServicerOut(Schema):
    staff: str
    is_receiving: bool


class DeskOut(Schema):
    id: int
    account: str
    remote_id: str
    name: str
    servicers: list[ServicerOut]
    welcome_text: str
    open: int
    human: int
    pulled_at: datetime | None
    error: str
    is_ours: bool


class DeskList(Schema):
    items: list[DeskOut]


class NewDesk(Schema):
    account: str = Field(max_length=128)
    name: str = Field(min_length=1, max_length=16)


class NewDeskOut(Schema):
    id: int


class DeskPatch(Schema):
    name: str | None = Field(None, min_length=1, max_length=16)
    welcome_text: str | None = Field(None, max_length=600)


class DeskRefreshIn(Schema):
    account: str = Field(max_length=128)


class DeskRefreshOut(Schema):
    desks: int


class ServicersIn(Schema):
    add: list[str] = Field([], max_length=100)
    remove: list[str] = Field([], max_length=100)


class ServicersOut(Schema):
    refused: dict[str, str]


class DeskLinkIn(Schema):
    scene: str = Field("", max_length=32)


class DeskLinkOut(Schema):
    url: str


class HandOverIn(Schema):
    state: str = Field(max_length=16)
    staff: str = Field("", max_length=64)


@router.get("/desks", response=DeskList, operation_id="list_desks")
def list_desks(request: HttpRequest) -> DeskList:
    found = desks.list_desks(actor_of(request))
    return DeskList(items=[DeskOut(**asdict(one)) for one in found])


@router.post("/desks", response={201: NewDeskOut}, operation_id="create_desk")
def create_desk(request: HttpRequest, body: NewDesk) -> Status[NewDeskOut]:
    made = desks.create_desk(actor_of(request), body.account, body.name, now=_now())
    return Status(201, NewDeskOut(id=made))


@router.post("/desks/refresh", response=DeskRefreshOut, operation_id="refresh_desks")
def refresh_desks(request: HttpRequest, body: DeskRefreshIn) -> DeskRefreshOut:
    return DeskRefreshOut(desks=desks.refresh_desks(actor_of(request), body.account, now=_now()))


@router.patch("/desks/{int:desk_id}", response={204: None}, operation_id="update_desk")
def update_desk(request: HttpRequest, desk_id: int, body: DeskPatch) -> Status[None]:
    desks.update_desk(
        actor_of(request), desk_id, name=body.name, welcome_text=body.welcome_text, now=_now()
    )
    return Status(204, None)


@router.delete("/desks/{int:desk_id}", response={204: None}, operation_id="delete_desk")
def delete_desk(request: HttpRequest, desk_id: int) -> Status[None]:
    desks.delete_desk(actor_of(request), desk_id, now=_now())
    return Status(204, None)


@router.post(
    "/desks/{int:desk_id}/servicers", response=ServicersOut, operation_id="change_servicers"
)
def change_servicers(request: HttpRequest, desk_id: int, body: ServicersIn) -> ServicersOut:
    refused = desks.change_servicers(
        actor_of(request), desk_id, add=body.add, remove=body.remove, now=_now()
    )
    return ServicersOut(refused=dict(refused))


@router.post("/desks/{int:desk_id}/link", response=DeskLinkOut, operation_id="make_desk_link")
def make_desk_link(request: HttpRequest, desk_id: int, body: DeskLinkIn) -> DeskLinkOut:
    return DeskLinkOut(url=desks.make_link(actor_of(request), desk_id, body.scene))


@router.post(
    "/conversations/{int:conversation_id}/hand-over",
    response={204: None},
    operation_id="hand_over_conversation",
)
def hand_over_conversation(
    request: HttpRequest, conversation_id: int, body: HandOverIn
) -> Status[None]:
    desks.hand_over(actor_of(request), conversation_id, body.state, body.staff, now=_now())
    return Status(204, None)


def _now() -> datetime:
    return runtime().clock.now()
