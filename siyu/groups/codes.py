"""Group codes: made at the platform first; swapped before a group is full."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import segno
from django.db import transaction
from django.db.models import F

from siyu.core.access import Actor, require
from siyu.core.accounts import connector, manifests
from siyu.core.audit import record_audit
from siyu.core.runtime import runtime
from siyu.groups.code_rules import Candidate, choose_groups, has_room, number_after
from siyu.groups.counting import code_days, code_totals
from siyu.groups.hearing import queue
from siyu.groups.models import GroupCode, Invitation, KeywordPage
from siyu.groups.queries import refs_by_remote, refs_of
from siyu.groups.types import CodeCount, GroupCodeView, GroupRef
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Conflict, NotFound, PlatformError, Refused
from siyu.ports.groups import GroupCodeIssuer, GroupCodeSpec, RemoteGroupCode

CEILING = "group_members_by_scan"
MAX_CANDIDATES = 50
CHECK_EVERY = timedelta(minutes=2)
CODES_PER_TURN = 20
QR_SCALE = 12
_TAKEN = ("remote_id", "shown", "url")
"""What the platform says of a code; see `_take`."""


@dataclass(frozen=True, kw_only=True)
class GroupCodeIn:
    """What a person says of a code; see `GroupCode`."""

    name: str
    groups: Sequence[int]
    is_growing: bool = False
    base_name: str = ""
    base_number: int = 1
    capacity: int = 0
    title: str = ""
    text: str = ""


def create_code(actor: Actor, account: str, given: GroupCodeIn, *, now: datetime) -> GroupCodeView:
    """Make a code at the platform and keep it."""
    require(actor, "group:write")
    refs = _check(account, given)
    row = GroupCode(
        account=account,
        state=f"g{secrets.token_hex(8)}",
        slug=secrets.token_urlsafe(9),
        created_at=now,
        **_values(given),
    )
    issuer = _issuer(account)
    chosen, _ = choose_groups(_candidates(refs), _limit(row), issuer.max_groups)
    _take(row, issuer.create_code(_spec(row, chosen)))
    with transaction.atomic():
        row.save()
        record_audit(actor, "create_group_code", f"group_code:{row.pk}", now=now)
    return views_of([row])[0]


def update_code(actor: Actor, code_id: int, given: GroupCodeIn, *, now: datetime) -> GroupCodeView:
    """Change everything a code does, at the platform first; its picture stays."""
    require(actor, "group:write")
    row = _row(code_id)
    refs = _check(row.account, given)
    for field, value in _values(given).items():
        setattr(row, field, value)
    issuer = _issuer(row.account)
    chosen, _ = choose_groups(_candidates(refs), _limit(row), issuer.max_groups)
    _take(row, issuer.update_code(row.remote_id, _spec(row, chosen)))
    with transaction.atomic():
        row.save(update_fields=(*_values(given), *_TAKEN))
        record_audit(actor, "update_group_code", f"group_code:{row.pk}", now=now)
    return views_of([row])[0]


def delete_code(actor: Actor, code_id: int, *, now: datetime) -> None:
    """Delete a code at the platform and here. Conflict while invitations or pages name it."""
    require(actor, "group:write")
    row = _row(code_id)
    if Invitation.objects.filter(code=row).exists():
        raise Conflict("group_code.used", "还有入群邀请使用这个群活码", field="code")
    for page in KeywordPage.objects.order_by("pk"):
        if any(entry["code_id"] == row.pk for entry in page.entries):
            raise Conflict(
                "group_code.used", f"关键词页面“{page.name}”还在用这个群活码", field="code"
            )
    _issuer(row.account).delete_code(row.remote_id)
    with transaction.atomic():
        row.delete()
        record_audit(actor, "delete_group_code", f"group_code:{code_id}", now=now)


def tend_codes() -> bool:
    """Duty: swap groups that are nearly full, learn of groups the platform made."""
    now = runtime().clock.now()
    due = GroupCode.objects.order_by(F("checked_at").asc(nulls_first=True), "pk")
    rows = [
        row
        for row in due[:CODES_PER_TURN]
        if row.checked_at is None or row.checked_at <= now - CHECK_EVERY
    ]
    for row in rows:
        _tend_one(row, now)
    return bool(rows)


def _tend_one(row: GroupCode, now: datetime) -> None:
    """Tend a code and keep what came of it; where somebody changed its groups in between, what
    the platform has now is read again at the next turn."""
    before, row.checked_at = list(row.groups), now
    try:
        tend(row, now)
        row.error = ""
    except (PlatformError, Refused, NotFound) as error:
        row.error = error.reason[:200]
    with transaction.atomic():
        kept = GroupCode.objects.select_for_update().filter(pk=row.pk).first()
        if kept is None:
            return
        if kept.groups == before:
            row.save(update_fields=("groups", "next_number", "checked_at", "error", *_TAKEN))
        else:
            GroupCode.objects.filter(pk=row.pk).update(checked_at=None)


def tend(row: GroupCode, now: datetime) -> None:
    """Bring one code up to date with its groups and the platform."""
    issuer = _issuer(row.account)
    remote = issuer.fetch_code(row.remote_id)
    if remote is None:
        raise Refused("group_code.gone", "平台上已没有这个群活码, 请删除后重建")
    _adopt(row, remote, now)
    refs = _refs(row)
    names = [one.name for one in refs]
    row.next_number = number_after(names, row.base_name, row.next_number)
    chosen, is_free = choose_groups(_candidates(refs), _limit(row), issuer.max_groups)
    if chosen and set(chosen) != set(remote.groups) and (is_free or not row.is_growing):
        remote = issuer.update_code(row.remote_id, _spec(row, chosen))
    _take(row, remote)


def list_codes(actor: Actor) -> list[GroupCodeView]:
    """All group codes, the newest first."""
    require(actor, "group:read")
    return views_of(GroupCode.objects.order_by("-pk"))


def get_code(actor: Actor, code_id: int) -> GroupCodeView:
    """One group code; NotFound when there is none."""
    require(actor, "group:read")
    return views_of([_row(code_id)])[0]


def days_of_code(actor: Actor, code_id: int, start: date, end: date) -> list[CodeCount]:
    """Who came by a code a day, and how many of them have left since."""
    require(actor, "group:read")
    state = _row(code_id).state
    return code_days([state], start, end).get(state, [])


def draw_code(actor: Actor, code_id: int, kind: str) -> bytes:
    """The picture to print, as `png` or `svg`."""
    return draw(get_code(actor, code_id).url, kind)


def find_by_slug(slug: str) -> GroupCodeView:
    """The code of a public page; NotFound when there is none."""
    row = GroupCode.objects.filter(slug=slug).first()
    if row is None:
        raise NotFound("group_code.unknown", "没有这个群活码")
    return views_of([row])[0]


def count_view(code_id: int) -> None:
    """One more look at the code's page."""
    GroupCode.objects.filter(pk=code_id).update(views=F("views") + 1)


def page_path(code_id: int) -> str:
    """Where a code is shown to customers; "" when there is none."""
    slug = GroupCode.objects.filter(pk=code_id).values_list("slug", flat=True).first()
    return path_of(slug) if slug else ""


def path_of(slug: str) -> str:
    return f"/g/{slug}"


def draw(url: str, kind: str) -> bytes:
    """A QR code of an address; NotFound while the platform has given none."""
    if not url:
        raise NotFound("group_code.no_picture", "平台还没有给出图片, 请过几分钟再看")
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind=kind, scale=QR_SCALE, border=4)
    return out.getvalue()


def views_of(codes: Iterable[GroupCode]) -> list[GroupCodeView]:
    """Codes with their groups and counts, three queries for all of them."""
    rows = list(codes)
    refs = refs_of({pk for row in rows for pk in row.groups})
    totals = code_totals([row.state for row in rows])
    return [_view(row, refs, totals.get(row.state, (0, 0))) for row in rows]


def _view(row: GroupCode, refs: dict[int, GroupRef], total: tuple[int, int]) -> GroupCodeView:
    mine = [refs[pk] for pk in row.groups if pk in refs]
    limit = _limit(row)
    return GroupCodeView(
        id=row.pk,
        account=row.account,
        name=row.name,
        slug=row.slug,
        state=row.state,
        url=row.url,
        page_path=path_of(row.slug),
        groups=mine,
        shown=[one.id for one in mine if one.remote_id in row.shown],
        is_growing=row.is_growing,
        base_name=row.base_name,
        next_number=row.next_number,
        capacity=row.capacity,
        limit=limit,
        is_full=not row.is_growing and not any(has_room(one, limit) for one in _candidates(mine)),
        title=row.title,
        text=row.text,
        views=row.views,
        joined=total[0],
        present=total[1],
        error=row.error,
        created_at=row.created_at,
    )


def _values(given: GroupCodeIn) -> dict[str, Any]:
    return {
        "name": given.name.strip(),
        "groups": list(given.groups),
        "is_growing": given.is_growing,
        "base_name": given.base_name.strip(),
        "next_number": given.base_number,
        "capacity": given.capacity,
        "title": given.title.strip(),
        "text": given.text.strip(),
    }


def _check(account: str, given: GroupCodeIn) -> list[GroupRef]:
    if not 1 <= len(given.name.strip()) <= 64:
        raise Refused("group_code.name", "名称须为 1 到 64 个字", field="name")
    if given.is_growing and not given.base_name.strip():
        raise Refused("group_code.base_name", "自动建群须填写群名前缀", field="base_name")
    if not 0 <= given.base_number < 100_000 or given.capacity < 0:
        raise Refused("group_code.number", "起始序号或上限不正确", field="base_number")
    if not 1 <= len(set(given.groups)) <= MAX_CANDIDATES:
        raise Refused("group_code.groups", f"请选择 1 到 {MAX_CANDIDATES} 个群", field="groups")
    refs = refs_of(given.groups)
    wrong = [pk for pk in given.groups if pk not in refs or refs[pk].account != account]
    if wrong:
        raise Refused("group_code.groups", "所选的群不属于这个账号", field="groups")
    return [refs[pk] for pk in given.groups]


def _spec(row: GroupCode, chosen: Sequence[str]) -> GroupCodeSpec:
    if not chosen:
        raise Refused("group_code.groups", "所选的群都已解散", field="groups")
    return GroupCodeSpec(
        name=row.name,
        state=row.state,
        groups=tuple(chosen),
        is_growing=row.is_growing,
        base_name=row.base_name,
        base_number=row.next_number,
    )


def _adopt(row: GroupCode, remote: RemoteGroupCode, now: datetime) -> None:
    """Groups the platform made for this code become its candidates."""
    known = refs_by_remote(row.account, remote.groups)
    row.groups = [*row.groups, *(one.id for one in known.values() if one.id not in row.groups)]
    strangers = [(row.account, one) for one in remote.groups if one not in known]
    if strangers:
        queue(strangers, now)
        row.checked_at = None


def _take(row: GroupCode, remote: RemoteGroupCode) -> None:
    row.remote_id, row.shown = remote.remote_id, list(remote.groups)
    row.url = remote.url or row.url


def _refs(row: GroupCode) -> list[GroupRef]:
    refs = refs_of(row.groups)
    return [refs[pk] for pk in row.groups if pk in refs]


def _candidates(refs: Iterable[GroupRef]) -> list[Candidate]:
    return [Candidate(one.remote_id, one.members, one.is_dismissed) for one in refs]


def _limit(row: GroupCode) -> int:
    """Members at which a group counts as full."""
    day = runtime().clock.now().astimezone(SHANGHAI).date().isoformat()
    manifest = manifests().get(row.account.partition(":")[0])
    ceiling = manifest.ceiling(CEILING, day) if manifest else 0
    return min(row.capacity or ceiling, ceiling or row.capacity) or 200


def _row(code_id: int) -> GroupCode:
    row = GroupCode.objects.filter(pk=code_id).first()
    if row is None:
        raise NotFound("group_code.unknown", "没有这个群活码")
    return row


def _issuer(account: str) -> GroupCodeIssuer:
    issuer = connector(account).group_codes
    if issuer is None:
        raise Refused("group_code.platform", "这个平台没有群活码", field="account")
    return issuer
