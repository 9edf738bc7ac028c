"""Routes of the inbox."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.talk import actions, queries

router = Router(tags=["talk"])


class ConversationOut(Schema):
    id: int
    customer_id: int
    customer_name: str
    platform: str
    account: str
    last_text: str
    last_at: datetime
    unread: int
    is_open: bool
    window_until: datetime | None
    remaining: int | None
    desk: str
    session: str
    session_staff: str
    servicers: list[str]
    is_desk_lost: bool


class ConversationPage(Schema):
    items: list[ConversationOut]
    next_cursor: str | None


class MessageOut(Schema):
    id: str
    is_ours: bool
    is_manual: bool
    kind: str
    text: str
    at: datetime
    state: str
    reason: str


class MessagePage(Schema):
    items: list[MessageOut]
    next_cursor: str | None


class ReplyIn(Schema):
    text: str = Field(min_length=1, max_length=4000)


class ReplyOut(Schema):
    touch_id: int


@router.get("/conversations", response=ConversationPage, operation_id="list_conversations")
def list_conversations(
    request: HttpRequest, cursor: str | None = None, limit: int = 50
) -> ConversationPage:
    page = queries.list_conversations(actor_of(request), cursor, limit, now=runtime().clock.now())
    return ConversationPage(
        items=[ConversationOut(**asdict(item)) for item in page.items],
        next_cursor=page.next_cursor,
    )


@router.get(
    "/conversations/{int:conversation_id}",
    response=ConversationOut,
    operation_id="get_conversation",
)
def get_conversation(request: HttpRequest, conversation_id: int) -> ConversationOut:
    found = queries.show_conversation(actor_of(request), conversation_id, now=runtime().clock.now())
    return ConversationOut(**asdict(found))


@router.get(
    "/conversations/{int:conversation_id}/messages",
    response=MessagePage,
    operation_id="list_messages",
)
def list_messages(
    request: HttpRequest, conversation_id: int, cursor: str | None = None, limit: int = 50
) -> MessagePage:
    page = queries.list_messages(actor_of(request), conversation_id, cursor, limit)
    return MessagePage(
        items=[MessageOut(**asdict(item)) for item in page.items], next_cursor=page.next_cursor
    )


@router.post(
    "/conversations/{int:conversation_id}/reply",
    response={201: ReplyOut},
    operation_id="reply_to_conversation",
)
def reply_to_conversation(
    request: HttpRequest, conversation_id: int, body: ReplyIn
) -> Status[ReplyOut]:
    touch_id = actions.reply(
        actor_of(request), conversation_id, body.text, now=runtime().clock.now()
    )
    return Status(201, ReplyOut(touch_id=touch_id))


@router.post(
    "/conversations/{int:conversation_id}/read",
    response={204: None},
    operation_id="mark_conversation_read",
)
def mark_conversation_read(request: HttpRequest, conversation_id: int) -> Status[None]:
    actions.mark_read(actor_of(request), conversation_id, now=runtime().clock.now())
    return Status(204, None)
