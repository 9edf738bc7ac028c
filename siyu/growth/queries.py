"""Reads of growth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from siyu.core.access import Actor, require
from siyu.growth.arrangements import plan_of
from siyu.growth.attribution import state_of
from siyu.growth.models import CodeAdd, CodeGroup, LinkQuota, LiveCode
from siyu.growth.types import LiveCodeView
from siyu.growth.welcomes import says_of
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound
from siyu.pool import queries as pool
from siyu.pool.types import TagRow
from siyu.ports.facts import Fact

_channels: dict[str, str] = {}


def list_live_codes(
    actor: Actor, *, kind: str = "", is_archived: bool = False, now: datetime
) -> list[LiveCodeView]:
    """The codes and links, or those of one kind, newest first."""
    require(actor, "code:read")
    found = LiveCode.objects.filter(archived_at__isnull=not is_archived).order_by("-id")
    return _views(found.filter(kind=kind) if kind else found, now)


def list_code_groups(actor: Actor) -> list[tuple[int, str]]:
    """Groups of codes, id and name."""
    require(actor, "code:read")
    return list(CodeGroup.objects.order_by("name").values_list("pk", "name"))


def get_live_code(actor: Actor, code_id: int, *, now: datetime) -> LiveCodeView:
    """One live code; NotFound when there is none."""
    require(actor, "code:read")
    found = _views(LiveCode.objects.filter(pk=code_id), now)
    if not found:
        raise NotFound("code.unknown", "没有这个活码")
    return found[0]


def list_link_quotas(actor: Actor) -> list[LinkQuota]:
    """What is left of each account's links."""
    require(actor, "code:read")
    return list(LinkQuota.objects.order_by("account"))


def find_code(state: str, *, now: datetime) -> LiveCodeView | None:
    """The code a platform's `state` belongs to."""
    return next(iter(_views(LiveCode.objects.filter(state=state), now)), None)


def channel_of(fact: Fact) -> str | None:
    """The channel of the live code somebody came through; None when it was none of ours.

    Channels are remembered; they never change.
    """
    told = fact.properties.get("state")
    if not isinstance(told, str) or not told:
        return None
    state = state_of(told)
    if state not in _channels:
        row = LiveCode.objects.filter(state=state).values_list("channel", flat=True).first()
        if row is None:
            return None
        _channels[state] = row
    return _channels[state]


def _views(codes: QuerySet[LiveCode], now: datetime) -> list[LiveCodeView]:
    rows = list(codes.select_related("group"))
    counts = _counts([row.pk for row in rows], now)
    tags = {tag.id: tag for tag in pool.list_tags()}
    return [_view(row, counts.get(row.pk, {}), tags) for row in rows]


def _view(row: LiveCode, counts: Mapping[str, int], tags: Mapping[int, TagRow]) -> LiveCodeView:
    return LiveCodeView(
        id=row.pk,
        kind=row.kind,
        name=row.name,
        platform=row.account.partition(":")[0],
        account=row.account,
        channel=row.channel,
        group_id=row.group_id,
        group=row.group.name if row.group else "",
        state=row.state,
        url=row.url,
        staff=list(row.staff),
        departments=list(row.departments),
        plan=plan_of(row),
        on_duty=list(row.told.get("staff", row.staff)),
        on_duty_departments=list(row.told.get("departments", row.departments)),
        is_accepting=bool(row.told.get("is_accepted", True)),
        error=row.error,
        is_gone=row.gone_at is not None,
        tags=[tags[tag_id] for tag_id in row.tag_ids if tag_id in tags],
        remark=row.remark,
        description=row.description,
        welcome_text=row.welcome_text,
        says=says_of(row),
        blocked_names=list(row.blocked_names),
        slug=(row.slug or "") if row.is_open else "",
        page=dict(row.page),
        is_active=row.is_active,
        is_archived=row.archived_at is not None,
        created_at=row.created_at,
        added=counts.get("added", 0),
        added_today=counts.get("today", 0),
        lost=counts.get("lost", 0),
        spoke=counts.get("spoke", 0),
    )


def _counts(code_ids: list[int], now: datetime) -> dict[int, dict[str, int]]:
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = (
        CodeAdd.objects.filter(code_id__in=code_ids)
        .values("code_id")
        .annotate(
            added=Count("id"),
            today=Count("id", filter=Q(added_at__gte=midnight)),
            lost=Count("id", filter=Q(lost_at__isnull=False)),
            spoke=Count("id", filter=Q(spoke_at__isnull=False)),
        )
    )
    return {
        row["code_id"]: {name: row[name] for name in ("added", "today", "lost", "spoke")}
        for row in rows
    }
