"""Reads of talk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from siyu.core.access import Actor, require
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.kernel.phones import mask_phones_in
from siyu.pool import queries as pool
from siyu.reach import queries as reach
from siyu.reach.types import OpenChannel, TouchState
from siyu.talk.desk_queries import (
    REPLY,
    desk_places,
    reply_step,
    silent_replies,
    why_silent,
)
from siyu.talk.models import Conversation, Message
from siyu.talk.types import ConversationView, MessageView

LOOK_AHEAD = 4


def visible_conversations(actor: Actor, rows: Iterable[Conversation]) -> list[Conversation]:
    """Of some conversations, those whose customer the actor may see."""
    found = list(rows)
    mine = pool.visible_customer_ids(actor, {row.customer_id for row in found})
    return [row for row in found if row.customer_id in mine]


def list_conversations(
    actor: Actor, cursor: str | None, limit: int, *, now: datetime
) -> Page[ConversationView]:
    """Conversations, the latest first."""
    require(actor, "talk:read")
    limit = max(1, min(limit, MAX_LIMIT))
    rows, next_cursor = _page(actor, cursor, limit)
    return Page(_views(rows, now), next_cursor)


def show_conversation(actor: Actor, conversation_id: int, *, now: datetime) -> ConversationView:
    """One conversation as the list shows it, however old it is."""
    return _views([get_conversation(actor, conversation_id)], now)[0]


def get_conversation(actor: Actor, conversation_id: int) -> Conversation:
    """One conversation the actor may read; NotFound otherwise."""
    require(actor, "talk:read")
    rows = visible_conversations(actor, Conversation.objects.filter(pk=conversation_id))
    if not rows:
        raise NotFound("talk.unknown", "没有这个会话")
    return rows[0]


def list_messages(
    actor: Actor, conversation_id: int, cursor: str | None, limit: int
) -> Page[MessageView]:
    """Messages, the newest first; the first page begins with replies that are not out yet."""
    row = get_conversation(actor, conversation_id)
    limit = max(1, min(limit, MAX_LIMIT))
    query = Message.objects.filter(conversation=row)
    if cursor:
        at, last_id = _place(cursor)
        query = query.filter(Q(at__lt=at) | Q(at=at, pk__lt=last_id))
    found = list(query.order_by("-at", "-id")[: limit + 1])
    messages = found[:limit]
    more = len(found) > limit
    pending = [] if cursor else _pending(row)
    unheard = silent_replies(row, messages, is_first=not cursor, is_last=not more)
    said = sorted([*map(_message, messages), *unheard], key=lambda one: one.at, reverse=True)
    return Page(
        pending + said,
        encode_cursor(messages[-1].at.isoformat(), messages[-1].pk) if more else None,
    )


def find_reply_channel(row: Conversation, now: datetime) -> OpenChannel | None:
    """The open channel of the conversation's account that needs no one's confirmation; None
    also while others answer at its desk."""
    if why_silent(row):
        return None
    channels = reach.open_channels([row.customer_id], now).get(row.customer_id, [])
    return _open(row, channels)


def _page(actor: Actor, cursor: str | None, limit: int) -> tuple[list[Conversation], str | None]:
    """A page of visible rows: reads on while a guide's own ones are too few."""
    rows: list[Conversation] = []
    for _ in range(LOOK_AHEAD):
        found = list(_after(cursor).order_by("-last_at", "-id")[: limit + 1])
        page = found[:limit]
        cursor = encode_cursor(page[-1].last_at.isoformat(), page[-1].pk) if page else None
        rows += visible_conversations(actor, page)
        if len(found) <= limit:
            return rows, None
        if len(rows) >= limit // 2:
            break
    return rows, cursor


def _after(cursor: str | None) -> QuerySet[Conversation]:
    if not cursor:
        return Conversation.objects.all()
    at, last_id = _place(cursor)
    return Conversation.objects.filter(Q(last_at__lt=at) | Q(last_at=at, pk__lt=last_id))


def _place(cursor: str) -> tuple[datetime, int]:
    at, last_id = decode_cursor(cursor, str, int)
    try:
        return datetime.fromisoformat(at).astimezone(UTC), last_id
    except (OverflowError, ValueError) as error:
        raise Refused("page.cursor", "翻页游标无效", field="cursor") from error


def _open(row: Conversation, channels: Sequence[OpenChannel]) -> OpenChannel | None:
    return next(
        (
            channel
            for channel in channels
            if channel.account == row.account
            and channel.is_windowed
            and channel.is_marketing
            and channel.context.get("conversation_id", row.thread) == row.thread
            and not channel.reason_if_closed
        ),
        None,
    )


def _views(rows: Sequence[Conversation], now: datetime) -> list[ConversationView]:
    customers = {row.customer_id for row in rows}
    names, channels = pool.names_of(customers), reach.open_channels(customers, now)
    places = desk_places(rows)
    return [
        replace(
            _view(row, names.get(row.customer_id, ""), channels.get(row.customer_id, [])),
            **places.get(row.pk, {}),
        )
        for row in rows
    ]


def _view(row: Conversation, name: str, channels: Sequence[OpenChannel]) -> ConversationView:
    channel = _open(row, channels)
    return ConversationView(
        id=row.pk,
        customer_id=row.customer_id,
        customer_name=name,
        platform=row.account.partition(":")[0],
        account=row.account,
        last_text=mask_phones_in(row.last_text),
        last_at=row.last_at,
        unread=row.unread,
        is_open=channel is not None,
        window_until=channel.until if channel else None,
        remaining=channel.remaining if channel else None,
    )


def _pending(row: Conversation) -> list[MessageView]:
    return [
        MessageView(
            id=f"touch:{touch.id}",
            is_ours=True,
            is_manual=False,
            kind="text",
            text=touch.text_preview,
            at=touch.planned_at,
            state=touch.state,
            reason=touch.reason,
        )
        for touch in reach.touches_of(row.customer_id)
        if touch.campaign == REPLY
        and touch.step == reply_step(row.pk)
        and touch.state != TouchState.DELIVERED
    ]


def _message(row: Message) -> MessageView:
    return MessageView(
        id=str(row.pk),
        is_ours=row.is_ours,
        is_manual=row.is_manual,
        kind=row.kind,
        text=mask_phones_in(row.text),
        at=row.at,
        state="sent" if row.is_ours else "received",
    )
