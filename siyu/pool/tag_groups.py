"""Tag groups and what a tag is: order, colour, exclusivity, expiry, name, merging."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import belongings, tag_states
from siyu.pool.models import CustomerTag, PlatformTag, Tag, TagGroup
from siyu.pool.rows import execute
from siyu.pool.tag_names import NameChange, keep_remote_names, tell_name
from siyu.pool.tagging import require_unused
from siyu.pool.tags import require_tags
from siyu.pool.types import TagDetail, TagGroupRow

MAX_DAYS = 3_660
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class GroupDraft:
    name: str
    color: str = ""
    is_exclusive: bool = False


@dataclass(frozen=True)
class TagDraft:
    """expires_days and expires_at: at most one of them."""

    name: str
    group_id: int
    expires_days: int | None = None
    expires_at: datetime | None = None


def list_groups(actor: Actor) -> list[TagGroupRow]:
    """All groups with their tags in use, by place and name."""
    require(actor, "customer:read")
    tags: dict[int, list[TagDetail]] = {}
    for tag in Tag.objects.filter(is_archived=False).order_by("name"):
        detail = TagDetail(tag.pk, tag.name, tag.expires_days, tag.expires_at)
        tags.setdefault(tag.group_id, []).append(detail)
    return [
        TagGroupRow(group.pk, group.name, group.color, group.is_exclusive, tags.get(group.pk, []))
        for group in TagGroup.objects.order_by("position", "name")
    ]


def create_group(actor: Actor, draft: GroupDraft, *, now: datetime) -> int:
    """A new group, last in order; its id."""
    require(actor, "tag:write")
    values = _checked_group(draft)
    with transaction.atomic():
        _require_free_name(values["name"], 0)
        group = TagGroup.objects.create(position=TagGroup.objects.count(), **values)
        detail = {"name": values["name"]}
        record_audit(actor, "create_tag_group", f"tag_group:{group.pk}", now=now, detail=detail)
    return int(group.pk)


def update_group(actor: Actor, group_id: int, draft: GroupDraft, *, now: datetime) -> None:
    """Change a group; when it becomes exclusive or no longer is, its carriers are settled."""
    require(actor, "tag:write")
    values = _checked_group(draft)
    with transaction.atomic():
        group = _get_group(group_id)
        _require_free_name(values["name"], group_id)
        if group.is_exclusive != draft.is_exclusive:
            Tag.objects.filter(group_id=group_id).update(settle_after=0)
        if group.name != values["name"]:
            keep_remote_names(Q(group_id=group_id))
            tell_name(NameChange(group_id, 0, group.name, values["name"]), now)
        TagGroup.objects.filter(pk=group_id).update(**values)
        record_audit(actor, "update_tag_group", f"tag_group:{group_id}", now=now, detail=values)


def order_groups(actor: Actor, group_ids: Sequence[int], *, now: datetime) -> None:
    """Put the groups in this order; those not named come after."""
    require(actor, "tag:write")
    with transaction.atomic():
        known = list(TagGroup.objects.order_by("position", "name").values_list("pk", flat=True))
        if set(group_ids) - set(known):
            raise NotFound("tag_group.missing", "没有这个标签组", field="ids")
        rest = [pk for pk in known if pk not in set(group_ids)]
        for place, pk in enumerate((*dict.fromkeys(group_ids), *rest)):
            TagGroup.objects.filter(pk=pk).update(position=place)
        record_audit(actor, "order_tag_groups", "tag_groups", now=now)


def delete_group(actor: Actor, group_id: int, *, now: datetime) -> None:
    """Remove a group without tags in use. Conflict while it has some."""
    require(actor, "tag:write")
    with transaction.atomic():
        group = _get_group(group_id)
        if Tag.objects.filter(group_id=group_id).exists():
            raise Conflict("tag_group.used", "组里还有标签, 含已归档的, 不能删除", field="group_id")
        group.delete()
        record_audit(actor, "delete_tag_group", f"tag_group:{group_id}", now=now)


def update_tag(actor: Actor, tag_id: int, draft: TagDraft, *, now: datetime) -> None:
    """Rename a tag, move it to a group, change its expiry; carriers are settled."""
    require(actor, "tag:write")
    name = draft.name.strip()
    if not 0 < len(name) <= 64 or "\x00" in name:
        raise Refused("tag.name", "标签和分组名称须为 1 至 64 个字", field="name")
    _check_expiry(draft)
    with transaction.atomic():
        require_tags([tag_id])
        _get_group(draft.group_id)
        if Tag.objects.filter(group_id=draft.group_id, name=name).exclude(pk=tag_id).exists():
            raise Conflict("tag.taken", "这个组里已有同名标签, 可以改为合并", field="name")
        ends = draft.expires_at.astimezone(UTC) if draft.expires_at else None
        values: dict[str, Any] = {
            "name": name,
            "group_id": draft.group_id,
            "expires_days": draft.expires_days,
            "expires_at": ends,
        }
        before = Tag.objects.get(pk=tag_id)
        if any(getattr(before, key) != value for key, value in values.items() if key != "name"):
            values["settle_after"] = 0
            Tag.objects.filter(group_id=before.group_id, group__is_exclusive=True).update(
                settle_after=0
            )
        keep_remote_names(Q(pk=tag_id))
        if name != before.name:
            tell_name(NameChange(draft.group_id, tag_id, before.name, name), now)
        Tag.objects.filter(pk=tag_id).update(**values)
        detail = {"name": name, "before": before.name}
        record_audit(actor, "update_tag", f"tag:{tag_id}", now=now, detail=detail)


def merge_tags(actor: Actor, tag_id: int, into_id: int, *, now: datetime) -> None:
    """Everybody with the one carries the other from now on; the one is archived for good.

    Who said it and when is kept; what platforms call the one means the other. Conflict while a
    segment or a rule uses the one.
    """
    require(actor, "tag:write")
    if tag_id == into_id:
        raise Refused("tag.same", "不能与自己合并", field="into_id")
    with transaction.atomic():
        require_tags([tag_id, into_id])
        require_unused(tag_id)
        carriers = CustomerTag.objects.filter(tag_id=tag_id)
        customers = set(carriers.values_list("customer_id", flat=True))
        _move_rows(tag_id, into_id)
        keep_remote_names(Q(pk=tag_id))
        PlatformTag.objects.filter(tag_id=tag_id).update(tag_id=into_id)
        Tag.objects.filter(pk=tag_id).update(is_archived=True, merged_into=into_id)
        tag_states.settle(customers, now, also=[into_id])
        belongings.tell_changed(customers, now)
        detail = {"into": into_id, "customers": len(customers)}
        record_audit(actor, "merge_tags", f"tag:{tag_id}", now=now, detail=detail)


def _move_rows(tag_id: int, into_id: int) -> None:
    """The first time and the last time of equal rows stay."""
    execute(
        "INSERT INTO pool_customertag (customer_id, identity_id, tag_id, origin, source, at,"
        " last_at, is_active) SELECT customer_id, identity_id, %s, origin, source, at,"
        " COALESCE(last_at, at), TRUE FROM pool_customertag WHERE tag_id = %s"
        " ON CONFLICT (identity_id, tag_id, origin, source) DO UPDATE SET"
        " at = CASE WHEN excluded.at < pool_customertag.at THEN excluded.at"
        " ELSE pool_customertag.at END,"
        " last_at = CASE WHEN excluded.last_at > COALESCE(pool_customertag.last_at,"
        " pool_customertag.at) THEN excluded.last_at"
        " ELSE COALESCE(pool_customertag.last_at, pool_customertag.at) END",
        into_id,
        tag_id,
    )
    execute("DELETE FROM pool_customertag WHERE tag_id = %s", tag_id)


def _checked_group(draft: GroupDraft) -> dict[str, Any]:
    name = draft.name.strip()
    if not 0 < len(name) <= 64 or "\x00" in name:
        raise Refused("tag.name", "标签和分组名称须为 1 至 64 个字", field="name")
    if draft.color and not _COLOR.fullmatch(draft.color):
        raise Refused("tag_group.color", "颜色须写作 #rrggbb", field="color")
    return {"name": name, "color": draft.color.lower(), "is_exclusive": draft.is_exclusive}


def _require_free_name(name: str, own_id: int) -> None:
    if TagGroup.objects.filter(name=name).exclude(pk=own_id).exists():
        raise Conflict("tag_group.taken", "已有同名的标签组", field="name")


def _check_expiry(draft: TagDraft) -> None:
    if draft.expires_days is not None and not 0 < draft.expires_days <= MAX_DAYS:
        raise Refused("tag.expires_days", f"有效天数须为 1 至 {MAX_DAYS}", field="expires_days")
    if draft.expires_days is not None and draft.expires_at is not None:
        raise Refused("tag.expiry", "有效天数与到期日只能填一个", field="expires_at")
    if draft.expires_at is not None and draft.expires_at.tzinfo is None:
        raise Refused("tag.expires_at", "到期时间须带时区", field="expires_at")


def _get_group(group_id: int) -> TagGroup:
    found = TagGroup.objects.filter(pk=group_id).first()
    if found is None:
        raise NotFound("tag_group.missing", "没有这个标签组", field="group_id")
    return found
