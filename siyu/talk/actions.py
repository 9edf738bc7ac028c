"""Writes of talk: remember what was said, answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch
from siyu.kernel.errors import Refused
from siyu.kernel.ids import new_id
from siyu.reach import actions as reach
from siyu.reach.types import DESK_LOST, NOT_OUR_TURN, SERVICE, TouchPlan
from siyu.talk.desk_queries import REPLY, reply_step, why_silent
from siyu.talk.models import Conversation, Message
from siyu.talk.queries import find_reply_channel, get_conversation
from siyu.talk.recording import read_batch, record
from siyu.talk.scripts import forget_identities as forget_scripts

_SILENT = {
    NOT_OUR_TURN: ("talk.in_hands", "正由员工接待或已结束, 现在不能从这里回复"),
    DESK_LOST: ("talk.desk_lost", "客服账号已删除或不再授权给本应用, 不能从这里回复"),
}
REPLY_LIFE = timedelta(minutes=30)


def record_messages(batch: Batch) -> None:
    """Stage: keep the messages of the batch."""
    said = read_batch(batch)
    if said:
        record(said)


def forget_identities(identity_ids: Iterable[int]) -> None:
    """Erasure: the conversations through these identities go with every word of them."""
    ids = list(identity_ids)
    rows = Conversation.objects.filter(identity_id__in=ids)
    Message.objects.filter(conversation__in=rows).delete()
    rows.delete()
    forget_scripts(ids)


def reply(actor: Actor, conversation_id: int, text: str, *, now: datetime) -> int:
    """Answer in a conversation; returns the touch. Refused when its window is closed."""
    require(actor, "talk:write")
    row = get_conversation(actor, conversation_id)
    text = text.strip()
    if silence := why_silent(row):
        raise Refused(*_SILENT[silence], field="text")
    channel = find_reply_channel(row, now)
    if channel is None:
        raise Refused("talk.closed", "回复窗口已关闭, 要等客户再次发来消息", field="text")
    if not 1 <= len(text) <= channel.max_chars:
        raise Refused("talk.text", f"回复须为 1 到 {channel.max_chars} 个字", field="text")
    latest = now + REPLY_LIFE
    plan = TouchPlan(
        campaign=REPLY,
        version=0,
        step=reply_step(row.pk),
        entry_key=new_id(),
        customer_id=row.customer_id,
        identity_id=row.identity_id,
        channel=channel.channel,
        template=text,
        purpose=SERVICE,
        due_at=now,
        expires_at=min(latest, channel.until or latest),
        context={"account": row.account},
        is_literal=True,
        is_urgent=True,
    )
    with transaction.atomic():
        touch_id = reach.plan_touches([plan], now=now)[0]
        Conversation.objects.filter(pk=row.pk).update(unread=0)
        record_audit(actor, "reply", f"conversation:{row.pk}", now=now)
    return touch_id


def mark_read(actor: Actor, conversation_id: int, *, now: datetime) -> None:
    """Nothing in this conversation is unread any more."""
    require(actor, "talk:write")
    row = get_conversation(actor, conversation_id)
    if row.unread == 0:
        return
    with transaction.atomic():
        Conversation.objects.filter(pk=row.pk).update(unread=0)
        record_audit(actor, "mark_read", f"conversation:{row.pk}", now=now)
