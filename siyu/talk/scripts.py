"""Scripts 话术: groups and texts of the company and of each person, searched, counted when sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool.queries import current_customer_id, identities_of, require_visible
from siyu.talk.models import Script, ScriptGroup, ScriptSend

MAX_TEXT, MAX_ATTACHMENTS, MAX_SCRIPTS, FOUND = 2000, 9, 2000, 200
KINDS = {"image", "link", "miniprogram", "video", "file"}


@dataclass(frozen=True, kw_only=True)
class ScriptGroupView:
    """is_mine: a person's own group, seen by nobody else."""

    id: int
    name: str
    is_mine: bool
    scripts: int


@dataclass(frozen=True, kw_only=True)
class ScriptView:
    """attachments: neutral shapes, each with `type`. sent: times it was sent."""

    id: int
    group_id: int
    title: str
    text: str
    attachments: list[dict[str, str]]
    sent: int


def list_groups(actor: Actor) -> list[ScriptGroupView]:
    """The company's groups, then one's own."""
    require(actor, "script:read")
    counts: dict[int, int] = {}
    for group in Script.objects.filter(group__in=_groups(actor)).values_list("group_id", flat=True):
        counts[group] = counts.get(group, 0) + 1
    return [
        ScriptGroupView(
            id=row.pk, name=row.name, is_mine=bool(row.owner), scripts=counts.get(row.pk, 0)
        )
        for row in _groups(actor).order_by("owner", "position", "pk")
    ]


def list_scripts(actor: Actor, *, q: str = "", group_id: int | None = None) -> list[ScriptView]:
    """Scripts whose title or text has all words of `q`, the most sent first."""
    require(actor, "script:read")
    found = Script.objects.filter(group__in=_groups(actor))
    if group_id is not None:
        found = found.filter(group_id=group_id)
    for word in q.split()[:5]:
        found = found.filter(Q(title__icontains=word) | Q(text__icontains=word))
    return [_view(row) for row in found.order_by("-sent", "pk")[:FOUND]]


def get_script(actor: Actor, script_id: int) -> ScriptView:
    """One script of the company's or one's own; NotFound otherwise."""
    require(actor, "script:read")
    return _view(_find(actor, script_id))


def create_group(actor: Actor, name: str, *, is_mine: bool, now: datetime) -> int:
    """A group of the company's, or one's own."""
    require(actor, "script:read" if is_mine else "script:write")
    owner = actor.name if is_mine else ""
    name = _text("name", name, 32)
    with transaction.atomic():
        if ScriptGroup.objects.filter(owner=owner, name=name).exists():
            raise Conflict("script.group", "已经有同名分组", field="name")
        row = ScriptGroup.objects.create(name=name, owner=owner)
        record_audit(actor, "create_script_group", f"script_group:{row.pk}", now=now, detail={})
    return int(row.pk)


def delete_group(actor: Actor, group_id: int, *, now: datetime) -> None:
    """Delete a group that is empty."""
    row = _writable(actor, group_id)
    with transaction.atomic():
        if row.script_set.exists():
            raise Conflict("script.used", "分组里还有话术")
        row.delete()
        record_audit(actor, "delete_script_group", f"script_group:{group_id}", now=now, detail={})


def save_script(
    actor: Actor,
    group_id: int,
    *,
    title: str,
    text: str,
    attachments: Sequence[Mapping[str, Any]] = (),
    script_id: int | None = None,
    now: datetime,
) -> int:
    """Make a script, or change one; returns its id."""
    group = _writable(actor, group_id)
    title, text = _text("title", title, 64), text.strip()
    kept = [_attachment(one) for one in attachments]
    if len(text) > MAX_TEXT or len(kept) > MAX_ATTACHMENTS or not (text or kept):
        raise Refused(
            "script.text", f"话术须有内容: 文字最多 {MAX_TEXT} 字, 附件最多 9 个", field="text"
        )
    with transaction.atomic():
        if script_id is None and group.script_set.count() >= MAX_SCRIPTS:
            raise Refused("script.many", f"一个分组最多 {MAX_SCRIPTS} 条", field="group_id")
        row = Script(group=group) if script_id is None else _find(actor, script_id)
        if script_id is not None:
            _writable(actor, row.group_id)
        row.group, row.title, row.text = group, title, text
        row.attachments, row.updated_at = kept, now
        row.save()
        record_audit(actor, "save_script", f"script:{row.pk}", now=now, detail={"title": title})
    return int(row.pk)


def delete_script(actor: Actor, script_id: int, *, now: datetime) -> None:
    """Delete a script; how often it was sent to whom stays."""
    row = _find(actor, script_id)
    _writable(actor, row.group_id)
    with transaction.atomic():
        row.delete()
        record_audit(actor, "delete_script", f"script:{script_id}", now=now, detail={})


def note_sent(actor: Actor, script_id: int, customer_id: int, *, now: datetime) -> int:
    """A script went to a customer of the actor's; returns how often it was sent in all."""
    require(actor, "script:read")
    with transaction.atomic():
        row, current = _find(actor, script_id), current_customer_id(customer_id)
        require_visible(actor, current)
        identity = identities_of([current])[current][0].id
        ScriptSend.objects.create(
            script=row, customer_id=current, identity_id=identity, by=actor.name, at=now
        )
        Script.objects.filter(pk=row.pk).update(sent=F("sent") + 1)
        detail = {"script": row.pk}
        record_audit(actor, "send_script", f"customer:{current}", now=now, detail=detail)
    return row.sent + 1


def forget_identities(identity_ids: list[int]) -> None:
    """Erasure: what was sent to these people is forgotten."""
    ScriptSend.objects.filter(identity_id__in=identity_ids).delete()


def _groups(actor: Actor) -> QuerySet[ScriptGroup]:
    return ScriptGroup.objects.filter(owner__in=("", actor.name))


def _find(actor: Actor, script_id: int) -> Script:
    row = Script.objects.filter(pk=script_id, group__in=_groups(actor)).first()
    if row is None:
        raise NotFound("script.missing", "没有这条话术")
    return row


def _writable(actor: Actor, group_id: int) -> ScriptGroup:
    """A group the actor may change: his own, or the company's with the right for it."""
    require(actor, "script:read")
    row = _groups(actor).filter(pk=group_id).first()
    if row is None:
        raise NotFound("script.group_missing", "没有这个分组", field="group_id")
    if not row.owner:
        require(actor, "script:write")
    return row


def _attachment(told: Mapping[str, Any]) -> dict[str, str]:
    if told.get("type") not in KINDS:
        raise Refused("script.attachment", f"附件类型只能是 {sorted(KINDS)}", field="attachments")
    kept = {str(name): str(value) for name, value in told.items()}
    if sum(len(value) for value in kept.values()) > 4096:
        raise Refused("script.attachment", "附件内容过长", field="attachments")
    link = kept.get("url", "")
    if link and not link.startswith(("https://", "http://")):
        raise Refused("script.link", "链接须以 http(s):// 开头", field="attachments")
    return kept


def _text(field: str, value: str, most: int) -> str:
    text = value.strip()
    if not 1 <= len(text) <= most:
        raise Refused("script.text", f"1 到 {most} 个字", field=field)
    return text


def _view(row: Script) -> ScriptView:
    return ScriptView(
        id=row.pk,
        group_id=row.group_id,
        title=row.title,
        text=row.text,
        attachments=row.attachments,
        sent=row.sent,
    )
