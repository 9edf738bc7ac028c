"""Routes of automatic replies."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.talk import auto_replies

router = Router(tags=["talk"])


class AutoReplyIn(Schema):
    name: str = Field(max_length=64)
    account: str = Field("", max_length=128)
    trigger: str = Field(max_length=16)
    match: str = Field("contains", max_length=16)
    words: list[str] = Field([], max_length=50)
    reply: dict[str, str]
    position: int = Field(0, ge=-1000, le=1000)
    is_active: bool = True


class AutoReplyOut(AutoReplyIn):
    """is_ready: False while the picture is not at the platform."""

    id: int
    hits: int
    is_ready: bool


class AutoReplyList(Schema):
    items: list[AutoReplyOut]


class AutoReplyTryIn(Schema):
    account: str = Field(max_length=128)
    text: str = Field(max_length=2000)


class AutoReplyTryOut(Schema):
    reply: AutoReplyOut | None


@router.get("/auto-replies", response=AutoReplyList, operation_id="list_auto_replies")
def list_auto_replies(request: HttpRequest) -> AutoReplyList:
    found = auto_replies.list_auto_replies(actor_of(request))
    return AutoReplyList(items=[AutoReplyOut(**asdict(one)) for one in found])


@router.post("/auto-replies", response={201: AutoReplyOut}, operation_id="create_auto_reply")
def create_auto_reply(request: HttpRequest, body: AutoReplyIn) -> Status[AutoReplyOut]:
    now = runtime().clock.now()
    made = auto_replies.save_auto_reply(actor_of(request), None, body.dict(), now=now)
    return Status(201, AutoReplyOut(**asdict(made)))


@router.put("/auto-replies/{int:reply_id}", response=AutoReplyOut, operation_id="update_auto_reply")
def update_auto_reply(request: HttpRequest, reply_id: int, body: AutoReplyIn) -> AutoReplyOut:
    now = runtime().clock.now()
    changed = auto_replies.save_auto_reply(actor_of(request), reply_id, body.dict(), now=now)
    return AutoReplyOut(**asdict(changed))


@router.delete(
    "/auto-replies/{int:reply_id}", response={204: None}, operation_id="delete_auto_reply"
)
def delete_auto_reply(request: HttpRequest, reply_id: int) -> Status[None]:
    auto_replies.delete_auto_reply(actor_of(request), reply_id, now=runtime().clock.now())
    return Status(204, None)


@router.post("/auto-replies/try", response=AutoReplyTryOut, operation_id="try_auto_reply")
def try_auto_reply(request: HttpRequest, body: AutoReplyTryIn) -> AutoReplyTryOut:
    found = auto_replies.try_message(actor_of(request), body.account, body.text)
    return AutoReplyTryOut(reply=AutoReplyOut(**asdict(found)) if found else None)
