"""Writes and reads of automatic replies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.core.runtime import runtime
from siyu.kernel.errors import NotFound, Refused
from siyu.materials import actions as materials
from siyu.ports import facts
from siyu.ports.facts import Fact
from siyu.talk.answering import load_rules, picture_of, sayable_replies
from siyu.talk.auto_rules import DEFAULT, MATCHES, MESSAGE, REGEX, TRIGGERS, choose, search_pattern
from siyu.talk.models import AutoReply
from siyu.talk.types import AutoReplyView

MAX_WORDS, MAX_WORD = 50, 100
MAX_RULES = 500
MAX_TEXT = 600
ANY_PLATFORM = frozenset({"text", "link"})
"""Kinds that every platform can carry, as text where it must be."""
_NEEDED = {
    "text": ("text",),
    "link": ("title", "url"),
    "image": (),
    "mini_program": ("title", "app_id", "page"),
}


def list_auto_replies(actor: Actor) -> list[AutoReplyView]:
    """All automatic replies in the order they are tried."""
    require(actor, "talk:read")
    rows = list(AutoReply.objects.order_by("position", "id"))
    sayable = sayable_replies(rows, runtime().clock.now())
    return [_view(row, is_ready=row.pk in sayable) for row in rows]


def save_auto_reply(
    actor: Actor, reply_id: int | None, values: Mapping[str, Any], *, now: datetime
) -> AutoReplyView:
    """Make a reply, or replace one. values: name, account, trigger, match, words, reply,
    position, is_active. Refused with the field when something is wrong."""
    require(actor, "code:write")
    _check(values)
    with transaction.atomic():
        if reply_id is None:
            if AutoReply.objects.count() >= MAX_RULES:
                raise Refused("reply.count", f"自动回复最多 {MAX_RULES} 条")
            row = AutoReply(created_at=now)
        else:
            row = _row(reply_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        if pictures := materials.materials_in([picture_of(row.reply)]):
            materials.want_media(row.account, pictures, now=now)
        action = "create_auto_reply" if reply_id is None else "update_auto_reply"
        record_audit(actor, action, f"auto_reply:{row.pk}", now=now, detail={"name": row.name})
    return _view(row)


def delete_auto_reply(actor: Actor, reply_id: int, *, now: datetime) -> None:
    """It is said no more."""
    require(actor, "code:write")
    with transaction.atomic():
        row = _row(reply_id)
        target, name = f"auto_reply:{row.pk}", row.name
        row.delete()
        record_audit(actor, "delete_auto_reply", target, now=now, detail={"name": name})


def try_message(actor: Actor, account: str, text: str) -> AutoReplyView | None:
    """Which reply a message would get now."""
    require(actor, "talk:read")
    fact = Fact(
        name=facts.MESSAGE_RECEIVED,
        at=0,
        received_at=0,
        source=account,
        message_id="try",
        platform=account.partition(":")[0],
        account=account,
        private={"text": text},
    )
    rule = choose(load_rules(), fact)
    return _view(AutoReply.objects.get(pk=rule.id)) if rule else None


def _check(values: Mapping[str, Any]) -> None:
    if not 1 <= len(values["name"].strip()) <= 64:
        raise Refused("reply.name", "名称须为 1 到 64 个字", field="name")
    if values["trigger"] not in TRIGGERS:
        raise Refused("reply.trigger", "触发方式无效", field="trigger")
    if values["match"] not in MATCHES:
        raise Refused("reply.match", "匹配方式无效", field="match")
    if values["account"] and values["account"] not in active_accounts():
        raise Refused("reply.account", "没有这个账号", field="account")
    _check_words(values)
    _check_reply(values["reply"], values["account"])


def _check_words(values: Mapping[str, Any]) -> None:
    words: Sequence[str] = values["words"]
    if values["trigger"] == MESSAGE and not words:
        raise Refused("reply.words", "请填写至少一个关键词", field="words")
    if values["trigger"] == DEFAULT and words:
        raise Refused("reply.words", "默认回复不填关键词", field="words")
    if len(words) > MAX_WORDS or any(not 1 <= len(word.strip()) <= MAX_WORD for word in words):
        raise Refused(
            "reply.words", f"关键词最多 {MAX_WORDS} 个, 每个 1 到 {MAX_WORD} 字", field="words"
        )
    if values["match"] == REGEX:
        for word in words:
            search_pattern(word)


def _check_reply(reply: Mapping[str, str], account: str) -> None:
    kind = reply.get("kind", "")
    if kind not in _NEEDED:
        raise Refused("reply.kind", "回复类型无效", field="kind")
    for name in _NEEDED[kind]:
        if not reply.get(name, "").strip():
            raise Refused("reply.missing", "回复内容不完整", field=name)
    if len(reply.get("text", "")) > MAX_TEXT:
        raise Refused("reply.text", f"回复最多 {MAX_TEXT} 个字", field="text")
    if kind == "link" and not reply["url"].startswith(("http://", "https://")):
        raise Refused("reply.url", "链接须以 http(s):// 开头", field="url")
    if kind == "image" and not reply.get("media_id"):
        materials.check_attachments([picture_of(reply)], field="material")
    if kind not in ANY_PLATFORM and (not account or connector(account).replies is None):
        raise Refused(
            "reply.kind", "图片和小程序只能用于公众号的回复, 请选定公众号", field="account"
        )


def _row(reply_id: int) -> AutoReply:
    row = AutoReply.objects.filter(pk=reply_id).first()
    if row is None:
        raise NotFound("reply.unknown", "没有这条自动回复")
    return row


def _view(row: AutoReply, *, is_ready: bool = True) -> AutoReplyView:
    return AutoReplyView(
        id=row.pk,
        account=row.account,
        name=row.name,
        trigger=row.trigger,
        match=row.match,
        words=list(row.words),
        reply=dict(row.reply),
        position=row.position,
        is_active=row.is_active,
        hits=row.hits,
        is_ready=is_ready,
    )
