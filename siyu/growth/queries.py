"""Reads of growth."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import datetime

import segno
from django.db.models import Count, Q

from siyu.core.access import Actor, require
from siyu.growth.models import CodeAdd, LiveCode
from siyu.growth.types import LiveCodeView
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound
from siyu.pool import queries as pool
from siyu.pool.types import TagRow
from siyu.ports.facts import Fact

QR_SCALE = 12
_channels: dict[str, str] = {}


def list_live_codes(actor: Actor, *, now: datetime) -> list[LiveCodeView]:
    """All live codes, newest first."""
    require(actor, "code:read")
    return _views(LiveCode.objects.order_by("-id"), now)


def get_live_code(actor: Actor, code_id: int, *, now: datetime) -> LiveCodeView:
    """One live code; NotFound when there is none."""
    require(actor, "code:read")
    found = _views(LiveCode.objects.filter(pk=code_id), now)
    if not found:
        raise NotFound("code.unknown", "没有这个活码")
    return found[0]


def find_code(state: str, *, now: datetime) -> LiveCodeView | None:
    """The code a platform's `state` belongs to."""
    return next(iter(_views(LiveCode.objects.filter(state=state), now)), None)


def name_source(fact: Fact) -> str:
    """Where a fact's person comes from: the live code's channel, else the fact's source.

    Channels are remembered; they never change.
    """
    state = fact.properties.get("state")
    if not isinstance(state, str) or not state:
        return fact.source
    if state not in _channels:
        row = LiveCode.objects.filter(state=state).values_list("channel", flat=True).first()
        if row is None:
            return fact.source
        _channels[state] = row
    return _channels[state]


def draw_code(actor: Actor, code_id: int, kind: str, *, now: datetime) -> bytes:
    """The picture to print, as `png` or `svg`."""
    url = get_live_code(actor, code_id, now=now).url
    out = io.BytesIO()
    segno.make(url, error="m").save(out, kind=kind, scale=QR_SCALE, border=4)
    return out.getvalue()


def _views(codes: Iterable[LiveCode], now: datetime) -> list[LiveCodeView]:
    rows = list(codes)
    counts = _counts([row.pk for row in rows], now)
    tags = {tag.id: tag for tag in pool.list_tags()}
    return [_view(row, counts.get(row.pk, {}), tags) for row in rows]


def _view(row: LiveCode, counts: Mapping[str, int], tags: Mapping[int, TagRow]) -> LiveCodeView:
    return LiveCodeView(
        id=row.pk,
        name=row.name,
        platform=row.account.partition(":")[0],
        account=row.account,
        channel=row.channel,
        state=row.state,
        url=row.url,
        staff=list(row.staff),
        tags=[tags[tag_id] for tag_id in row.tag_ids if tag_id in tags],
        welcome_text=row.welcome_text,
        is_active=row.is_active,
        created_at=row.created_at,
        added=counts.get("added", 0),
        added_today=counts.get("today", 0),
        lost=counts.get("lost", 0),
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
        )
    )
    return {
        row["code_id"]: {name: row[name] for name in ("added", "today", "lost")} for row in rows
    }
