"""Statistics per day, per code and per member of staff, counted from the additions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from siyu.core.access import Actor, require
from siyu.growth.models import CodeAdd, LinkDay, LiveCode, PageDay
from siyu.growth.neighbours import staff_of
from siyu.growth.types import CodeDay
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused

MAX_DAYS = 180
KEPT = (1, 7, 30)
By = Literal["day", "code", "staff"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which figures: codes (() = all), staff ("" = all), the first and last day in Shanghai, and
    per what."""

    codes: tuple[int, ...]
    first: date
    last: date
    by: By = "day"
    staff: str = ""


def code_figures(actor: Actor, asked: Asked, *, now: datetime) -> list[CodeDay]:
    """Additions, losses and what became of them; days without any are there with zeros.

    added and kept_*: by the day of the addition; lost: by the day of the loss; net = added -
    lost. Who comes again after a loss is added once more.
    """
    require(actor, "code:read")
    span = (asked.last - asked.first).days
    if not 0 <= span < MAX_DAYS:
        raise Refused("figures.span", f"时间范围最多 {MAX_DAYS} 天", field="first")
    start, end = _midnight(asked.first), _midnight(asked.last + timedelta(days=1))
    rows = CodeAdd.objects.all()
    if asked.codes:
        rows = rows.filter(code_id__in=asked.codes)
    if asked.staff:
        rows = rows.filter(staff=asked.staff)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    listed = ("code_id", "staff", "added_at", "lost_at", "spoke_at")
    for row in rows.filter(added_at__gte=start, added_at__lt=end).values_list(*listed).iterator():
        _count_added(counts[_key(asked.by, row[0], row[1], row[2])], row[2:], now)
    lost = rows.filter(lost_at__gte=start, lost_at__lt=end).values_list(
        "code_id", "staff", "lost_at"
    )
    for code, staff, at in lost.iterator():
        if at is not None:
            counts[_key(asked.by, code, staff, at)]["lost"] += 1
    _count_opened(counts, asked)
    if asked.by == "day":
        keys = [(asked.first + timedelta(days=n)).isoformat() for n in range(span + 1)]
    else:
        keys = sorted(counts, key=lambda key: (-counts[key]["added"], key))
    names = _names(asked.by, keys)
    return [CodeDay(key=key, name=names.get(key, ""), **counts[key]) for key in keys]


def total_of(days: Iterable[CodeDay]) -> CodeDay:
    """All of them together."""
    total = CodeDay(key="")
    for day in days:
        names = [name for name in day.__dataclass_fields__ if name not in {"key", "name"}]
        total = replace(total, **{n: getattr(total, n) + getattr(day, n) for n in names})
    return total


def _count_added(count: dict[str, int], times: Sequence[datetime | None], now: datetime) -> None:
    added, lost, spoke = times
    assert added is not None
    count["added"] += 1
    count["spoke"] += spoke is not None
    for days in KEPT:
        until = added + timedelta(days=days)
        if until <= now:
            count[f"due_{days}"] += 1
            count[f"kept_{days}"] += lost is None or lost > until


def _count_opened(counts: dict[str, dict[str, int]], asked: Asked) -> None:
    """Clicks of links and views of public pages, which no member of staff causes."""
    if asked.by == "staff" or asked.staff:
        return
    days = {"day__gte": asked.first, "day__lte": asked.last}
    codes = LiveCode.objects.filter(pk__in=asked.codes) if asked.codes else LiveCode.objects.all()
    for one, day, clicks in LinkDay.objects.filter(code__in=codes, **days).values_list(
        "code_id", "day", "clicks"
    ):
        counts[day.isoformat() if asked.by == "day" else str(one)]["clicks"] += clicks
    pages = {slug: pk for pk, slug in codes.exclude(slug=None).values_list("pk", "slug")}
    for slug, day, views in PageDay.objects.filter(page__in=pages, **days).values_list(
        "page", "day", "views"
    ):
        counts[day.isoformat() if asked.by == "day" else str(pages[slug])]["views"] += views


def _names(by: By, keys: Sequence[str]) -> dict[str, str]:
    if by == "code":
        rows = LiveCode.objects.filter(pk__in=keys).values_list("pk", "name")
        return {str(pk): name for pk, name in rows}
    if by == "day":
        return {}
    accounts = LiveCode.objects.order_by().values_list("account", flat=True).distinct()
    known = [staff_of(account) for account in accounts]
    return {key: one[key].name for key in keys for one in known if key in one}


def _key(by: By, code: int, staff: str, at: datetime) -> str:
    if by == "code":
        return str(code)
    return staff if by == "staff" else at.astimezone(SHANGHAI).date().isoformat()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
