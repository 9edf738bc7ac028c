"""Writes of live codes and links: made at the platform first, then kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.growth import rules
from siyu.growth.arrangements import (
    as_json,
    check_plan,
    check_says,
    materials_of,
    plan_of,
    read_plan,
    read_says,
)
from siyu.growth.duty import as_told, books_of, issuer, issuer_of, keep_told, spec_of
from siyu.growth.hearing import hear
from siyu.growth.models import CodeGroup, LiveCode
from siyu.growth.queries import get_live_code
from siyu.growth.types import LiveCodeView, Plan, Says
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.materials import actions as materials
from siyu.pool import queries as pool_queries
from siyu.reach import actions as reach

__all__ = [
    "create_code_group",
    "create_live_code",
    "delete_live_code",
    "hear",
    "recheck",
    "update_live_code",
]

KINDS = ("code", "link")
MAX_NAMES, MAX_PATTERN = 100, 32
DELETED = "已在这里删除, 印出去的二维码扫不了"
EDITED = (
    "name",
    "group",
    "plan",
    "staff",
    "departments",
    "tag_ids",
    "remark",
    "description",
    "said",
    "welcome_text",
    "blocked_names",
    "page",
    "slug",
    "is_open",
    "is_active",
    "archived_at",
)
"""What people change; the rest of a row is the duty's."""
PAGE_FIELDS = {"title": 64, "text": 300, "hint": 64}


def create_live_code(
    actor: Actor,
    *,
    account: str,
    name: str,
    staff: Sequence[str] = (),
    channel: str = "",
    tag_ids: Sequence[int] = (),
    welcome_text: str = "",
    now: datetime,
    **more: Any,
) -> LiveCodeView:
    """Make a code at the platform and keep it. channel: where it will hang; "" = its name.

    more: `kind`, and everything `update_live_code` takes. Refused when the platform has no such
    codes, or a field is wrong; the platform's own errors are passed on, then nothing is kept.
    """
    require(actor, "code:write")
    kind = more.pop("kind", "code")
    if kind not in KINDS:
        raise Refused("code.kind", "类型须为活码或获客链接", field="kind")
    code = LiveCode(
        account=account,
        kind=kind,
        name=name,
        channel=channel or name,
        state=f"{kind[0]}{secrets.token_hex(10)}",
        created_at=now,
        recheck_at=now,
    )
    more.setdefault("plan", Plan(staff=tuple(staff)))
    if welcome_text:
        more.setdefault("says", Says(text=welcome_text))
    _fill(code, {**more, "name": name, "tag_ids": list(tag_ids)})
    plan = plan_of(code)
    want = rules.wanted(code.name, plan, now, books_of(code, now))
    remote = issuer(account, kind).create_code(spec_of(code, want))
    code.remote_id, code.picture_url = remote.remote_id, remote.picture_url
    code.url = remote.url or remote.picture_url
    code.told, code.recheck_at = as_told(want), rules.next_change(plan, now)
    with transaction.atomic():
        code.save()
        _want_media(code, now)
        detail = {"name": name, "account": account, "staff": list(plan.staff)}
        record_audit(actor, "create_live_code", f"live_code:{code.pk}", now=now, detail=detail)
    return get_live_code(actor, code.pk, now=now)


def update_live_code(actor: Actor, code_id: int, *, now: datetime, **changes: Any) -> LiveCodeView:
    """Change what is given: name, group_id, plan (or staff alone), tag_ids, remark, description,
    says (or welcome_text alone), blocked_names, page, is_open, is_active, is_archived.

    A code switched off still counts, but tags and greets nobody. The platform is told at once
    when another is on duty now; when it refuses, its error is passed on and nothing is kept.
    """
    require(actor, "code:write")
    code = LiveCode.objects.filter(pk=code_id).first()
    if code is None:
        raise NotFound("code.unknown", "没有这个活码")
    before, seen = _face(code), code.recheck_at
    given = {name: value for name, value in changes.items() if value is not None}
    _check_there(code, given)
    _fill(code, given)
    is_told = bool(given.keys() & {"name", "plan", "staff"})
    if is_told:
        _tell_now(code, now)
    if "is_archived" in given:
        code.archived_at = now if given["is_archived"] else None
    with transaction.atomic():
        code.save(update_fields=EDITED)
        if is_told:
            keep_told(code, seen, now)
        _want_media(code, now)
        after = _face(code)
        changed = {
            name: [before[name], now_] for name, now_ in after.items() if before[name] != now_
        }
        detail = {"fields": sorted(given), "changed": changed}
        record_audit(actor, "update_live_code", f"live_code:{code_id}", now=now, detail=detail)
    return get_live_code(actor, code_id, now=now)


def delete_live_code(actor: Actor, code_id: int, *, now: datetime) -> None:
    """Delete at the platform, so that the picture stops working, and archive here; whom it
    brought stays counted."""
    require(actor, "code:write")
    code = LiveCode.objects.filter(pk=code_id).first()
    if code is None:
        raise NotFound("code.unknown", "没有这个活码")
    issuer_of(code).delete_code(code.remote_id)
    with transaction.atomic():
        LiveCode.objects.filter(pk=code_id).update(
            is_active=False,
            is_open=False,
            archived_at=now,
            recheck_at=None,
            gone_at=now,
            error=DELETED,
        )
        record_audit(actor, "delete_live_code", f"live_code:{code_id}", now=now)


def create_code_group(actor: Actor, name: str, *, now: datetime) -> int:
    """A group for codes; the one of this name when there is one. Returns its id."""
    require(actor, "code:write")
    plain = name.strip()
    if not 1 <= len(plain) <= 64:
        raise Refused("group.name", "分组名称须为 1 到 64 个字", field="name")
    with transaction.atomic():
        row, is_new = CodeGroup.objects.get_or_create(name=plain)
        if is_new:
            record_audit(actor, "create_code_group", f"code_group:{row.pk}", now=now)
    return int(row.pk)


def rename_code_group(actor: Actor, group_id: int, name: str, *, now: datetime) -> None:
    """Another name for a group; Conflict when another group has it."""
    require(actor, "code:write")
    plain = name.strip()
    if not 1 <= len(plain) <= 64:
        raise Refused("group.name", "分组名称须为 1 到 64 个字", field="name")
    if CodeGroup.objects.filter(name=plain).exclude(pk=group_id).exists():
        raise Conflict("group.taken", "已有同名的分组", field="name")
    with transaction.atomic():
        if not CodeGroup.objects.filter(pk=group_id).update(name=plain):
            raise NotFound("group.unknown", "没有这个分组")
        record_audit(
            actor, "rename_code_group", f"code_group:{group_id}", now=now, detail={"name": plain}
        )


def delete_code_group(actor: Actor, group_id: int, *, now: datetime) -> None:
    """The group is no more; its codes are in none."""
    require(actor, "code:write")
    with transaction.atomic():
        if not CodeGroup.objects.filter(pk=group_id).delete()[0]:
            raise NotFound("group.unknown", "没有这个分组")
        record_audit(actor, "delete_code_group", f"code_group:{group_id}", now=now)


def _check_there(code: LiveCode, given: Mapping[str, Any]) -> None:
    """A code the platform has no more is only moved and archived."""
    if code.gone_at is not None and given.keys() - {"is_archived", "group_id"}:
        raise Conflict("code.gone", "平台上已没有这个码, 改了也不起作用; 请复制成一个新的")


def _fill(code: LiveCode, given: Mapping[str, Any]) -> None:
    """Put checked values into the row."""
    if "name" in given:
        code.name = _checked_name(given["name"])
    if "plan" in given or "staff" in given:
        plan = read_plan(given.get("plan", code.plan))
        if "staff" in given:
            plan = _with_staff(plan, given["staff"])
        check_plan(plan)
        code.plan, code.staff = as_json(plan), list(plan.staff)
        code.departments = list(plan.departments)
    if "says" in given or "welcome_text" in given:
        says = read_says(given["says"]) if "says" in given else Says(text=given["welcome_text"])
        check_says(says)
        code.said, code.welcome_text = as_json(says), says.text
    if "tag_ids" in given:
        _require_tags(given["tag_ids"])
        code.tag_ids = list(given["tag_ids"])
    _fill_texts(code, given)
    _fill_page(code, given)
    if "is_active" in given:
        code.is_active = bool(given["is_active"])
    if "group_id" in given:
        code.group = _group(given["group_id"])


def _fill_texts(code: LiveCode, given: Mapping[str, Any]) -> None:
    for field, most in (("remark", 64), ("description", 200)):
        if field in given:
            text = str(given[field]).strip()
            if len(text) > most:
                raise Refused(f"code.{field}", f"最多 {most} 字", field=field)
            if text:
                reach.check_template(text, field=field)
            setattr(code, field, text)
    if "blocked_names" in given:
        names = [str(one).strip() for one in given["blocked_names"] if str(one).strip()]
        if len(names) > MAX_NAMES or any(len(one) > MAX_PATTERN for one in names):
            raise Refused("code.blocked", f"最多 {MAX_NAMES} 个昵称关键词", field="blocked_names")
        code.blocked_names = names


def _fill_page(code: LiveCode, given: Mapping[str, Any]) -> None:
    if "page" in given:
        page = {field: str(given["page"].get(field, "")).strip() for field in PAGE_FIELDS}
        for field, most in PAGE_FIELDS.items():
            if len(page[field]) > most:
                raise Refused("code.page", f"最多 {most} 字", field=f"page.{field}")
        code.page = page
    if "is_open" in given:
        code.is_open = bool(given["is_open"])
        code.slug = code.slug or (secrets.token_hex(8) if code.is_open else None)


def _with_staff(plan: Plan, staff: Sequence[str]) -> Plan:
    return read_plan({**as_json(plan), "staff": list(staff)})


def _tell_now(code: LiveCode, now: datetime) -> None:
    """Tell the platform of a changed plan before it is kept; its refusal is passed on."""
    plan = plan_of(code)
    want = rules.wanted(code.name, plan, now, books_of(code, now))
    if as_told(want) != code.told:
        issuer_of(code).update_code(code.remote_id, spec_of(code, want))
    code.told, code.error = as_told(want), ""
    code.recheck_at = rules.next_change(plan, now)


def _want_media(code: LiveCode, now: datetime) -> None:
    wanted = materials_of(read_says(code.said)) if code.said else set()
    if wanted:
        materials.want_media(code.account, wanted, now=now)


def _face(code: LiveCode) -> dict[str, Any]:
    """What the change log compares."""
    return {
        "name": code.name,
        "group": code.group_id,
        "plan": code.plan,
        "tags": code.tag_ids,
        "remark": code.remark,
        "description": code.description,
        "said": code.said,
        "blocked_names": code.blocked_names,
        "page": code.page,
        "is_open": code.is_open,
        "is_active": code.is_active,
        "is_archived": code.archived_at is not None,
    }


def _checked_name(name: str) -> str:
    if not 1 <= len(name.strip()) <= 64:
        raise Refused("code.name", "活码名称须为 1 到 64 个字", field="name")
    return name


def _group(group_id: int) -> CodeGroup | None:
    """The group, or None for 0."""
    if not group_id:
        return None
    found = CodeGroup.objects.filter(pk=group_id).first()
    if found is None:
        raise Refused("group.unknown", "没有这个分组", field="group_id")
    return found


def _require_tags(tag_ids: Sequence[int]) -> None:
    unknown = set(tag_ids) - {tag.id for tag in pool_queries.list_tags()} if tag_ids else set()
    if unknown:
        raise Refused("code.tag", f"没有编号为 {min(unknown)} 的标签", field="tag_ids")


def recheck(account: str, now: datetime) -> None:
    """Look at all codes of an account at once. Runs in the caller's transaction."""
    rows = LiveCode.objects.filter(account=account, recheck_at__isnull=False)
    rows.update(recheck_at=now)
    transaction.on_commit(lambda: wake("growth.duty"))
