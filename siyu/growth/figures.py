"""Statistics per day, per code and per member of staff, counted from the additions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet, TextField
from django.db.models.sql.compiler import SQLCompiler

from siyu.core.access import Actor, require
from siyu.growth.models import CodeAdd, LinkDay, LiveCode, PageDay
from siyu.growth.neighbours import staff_of
from siyu.growth.types import CodeDay
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused

MAX_DAYS = 180
KEPT = (1, 7, 30)
DAY_SECONDS = 86_400
By = Literal["day", "code", "staff"]
ADDED = ("added", "spoke", *(f"{word}_{days}" for days in KEPT for word in ("due", "kept")))


class ShanghaiDay(Func):
    """The day of a time in Shanghai, as 2026-11-11; SQLite keeps times in UTC."""

    template = "date(%(expressions)s, '+8 hours')"
    output_field = TextField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, Any]:
        """The same as PostgreSQL says it."""
        words = "to_char(%(expressions)s AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"
        return self.as_sql(compiler, connection, template=words, **more)


class InSeconds(Func):
    """A time as a whole number of seconds, for differences."""

    template = "CAST(round(julianday(%(expressions)s) * 86400) AS INTEGER)"
    output_field = BigIntegerField()

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, Any]:
        """The same as PostgreSQL says it."""
        words = "round(extract(epoch FROM %(expressions)s))::bigint"
        return self.as_sql(compiler, connection, template=words, **more)


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
    rows = CodeAdd.objects.alias(stayed=InSeconds(F("lost_at")) - InSeconds(F("added_at")))
    if asked.codes:
        rows = rows.filter(code_id__in=asked.codes)
    if asked.staff:
        rows = rows.filter(staff=asked.staff)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, *found in _grouped(rows, asked.by, "added_at", (start, end), _added(now)):
        counts[str(key)].update(zip(ADDED, found, strict=True))
    for key, lost in _grouped(rows, asked.by, "lost_at", (start, end), {"lost": Count("pk")}):
        counts[str(key)]["lost"] = lost
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


def _grouped(
    rows: QuerySet[CodeAdd],
    by: By,
    column: str,
    span: tuple[datetime, datetime],
    counted: Mapping[str, Count],
) -> Iterable[tuple[Any, ...]]:
    """Key and counts of the rows whose time in `column` lies within the span."""
    key = {"code": F("code_id"), "staff": F("staff"), "day": ShanghaiDay(F(column))}[by]
    within = rows.filter(**{f"{column}__gte": span[0], f"{column}__lt": span[1]})
    grouped = within.order_by().annotate(key=key).values("key").annotate(**counted)
    return grouped.values_list("key", *counted)


def _added(now: datetime) -> dict[str, Count]:
    """What is counted of additions; see `ADDED`."""
    counted = {"added": Count("pk"), "spoke": Count("pk", filter=Q(spoke_at__isnull=False))}
    for days in KEPT:
        due = Q(added_at__lte=now - timedelta(days=days))
        kept = due & (Q(lost_at__isnull=True) | Q(stayed__gt=days * DAY_SECONDS))
        counted[f"due_{days}"] = Count("pk", filter=due)
        counted[f"kept_{days}"] = Count("pk", filter=kept)
    return counted


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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
