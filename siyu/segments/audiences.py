"""Segments side by side and over time: overlap, growth, members with their rows, export."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from siyu.core.access import Actor, require
from siyu.kernel.cells import Cell
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.lake.session import open_session
from siyu.pool.export import HEADER, export_rows
from siyu.pool.lookups import rows_among
from siyu.pool.types import CustomerRow
from siyu.segments import evaluator
from siyu.segments.compile import compile_definition
from siyu.segments.conditions import start_of_day
from siyu.segments.models import Membership
from siyu.segments.queries import get_segment, load_definition
from siyu.segments.rules import ROOT
from siyu.segments.types import Definition, Or, SegmentRef

MAX_COMPARED = 5
MAX_GROWTH_DAYS = 366
EXPORT_HEADER = (*HEADER, "entered_at", "cause")


@dataclass(frozen=True)
class Region:
    """Customers in all of `segment_ids` and in none of the other compared segments."""

    segment_ids: list[int]
    count: int


@dataclass(frozen=True)
class ComparedSegment:
    id: int
    name: str
    count: int


@dataclass(frozen=True)
class Overlap:
    """Every non-empty region, the largest first; `outside` customers are in no segment."""

    segments: list[ComparedSegment]
    regions: list[Region]
    outside: int
    took_ms: int


@dataclass(frozen=True)
class GrowthDay:
    """One day of the brand: size at its end (now for today), who entered and who left."""

    date: str
    size: int
    entered: int
    left: int


@dataclass(frozen=True)
class GrowthCause:
    """Why people entered or left: the kind of cause, such as `fact`, `clock`, `updated`."""

    cause: str
    entered: int
    left: int


@dataclass(frozen=True)
class Growth:
    days: list[GrowthDay]
    causes: list[GrowthCause]


@dataclass(frozen=True)
class Member:
    """A member and since when; row is None when the actor may not see the customer."""

    id: int
    entered_at: datetime
    cause: str
    row: CustomerRow | None


def find_overlap(actor: Actor, segment_ids: Sequence[int], *, now: datetime) -> Overlap:
    """Who is in which of 2 to 5 segments, by one evaluation of all of them at `now`."""
    ids = list(dict.fromkeys(segment_ids))
    if not 2 <= len(ids) <= MAX_COMPARED:
        raise Refused("segment.compared", f"请选 2 到 {MAX_COMPARED} 个人群", field="ids")
    names = {row_id: get_segment(actor, row_id).name for row_id in ids}
    started = time.monotonic()
    counts = _count_masks(ids, now)
    regions = [
        Region([row_id for place, row_id in enumerate(ids) if mask >> place & 1], count)
        for mask, count in counts.items()
        if mask
    ]
    segments = [
        ComparedSegment(row_id, names[row_id], sum(n for m, n in counts.items() if m >> place & 1))
        for place, row_id in enumerate(ids)
    ]
    return Overlap(
        segments=segments,
        regions=sorted(regions, key=lambda region: (-region.count, region.segment_ids)),
        outside=counts.get(0, 0),
        took_ms=round((time.monotonic() - started) * 1000),
    )


def _count_masks(ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Customers by the bits of the segments they are in; bit 0 is the first id."""
    whole = Definition(1, Or([SegmentRef(segment_id=row_id) for row_id in ids]))
    compiled = compile_definition(whole, now=now, load=load_definition)
    holds = {node.path: node.holds for node in compiled.nodes}
    bits = " + ".join(
        f"CASE WHEN {holds[f'{ROOT}.children.{place}']} THEN {1 << place} ELSE 0 END"
        for place in range(len(ids))
    )
    sql = f"{compiled.with_clause}\nSELECT {bits} AS mask, count(*) FROM flags GROUP BY 1"
    with open_session() as session, evaluator.evaluating(session):
        return dict(session.execute(sql, compiled.parameters).fetchall())


def find_growth(actor: Actor, segment_id: int, *, days: int, now: datetime) -> Growth:
    """Sizes, entries and exits of the last days, today being the last, and their causes."""
    segment = get_segment(actor, segment_id)
    days = max(1, min(days, MAX_GROWTH_DAYS))
    today = now.astimezone(SHANGHAI).date()
    since = start_of_day(today, days - 1)
    entered = _moves(segment_id, "valid_from", "cause", since)
    left = _moves(segment_id, "valid_to", "left_cause", since)
    size = segment.count
    found = []
    for back in range(days):
        day = (today - timedelta(days=back)).isoformat()
        came, went = (sum(m.get(day, {}).values()) for m in (entered, left))
        found.append(GrowthDay(day, size, came, went))
        size -= came - went
    return Growth(found[::-1], _by_cause(entered, left))


Moves = dict[str, dict[str, int]]


def _moves(segment_id: int, moment: str, cause: str, since: datetime) -> Moves:
    """Stays that began or ended, by day of the brand and kind of cause."""
    if connection.vendor == "postgresql":
        day = f"to_char({moment} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')"
        kind = f"split_part({cause}, ':', 1)"
    else:
        day = f"substr(datetime({moment}, '+8 hours'), 1, 10)"
        kind = f"substr({cause}, 1, instr({cause} || ':', ':') - 1)"
    since_stored = connection.ops.adapt_datetimefield_value(since)
    found: Moves = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {day}, {kind}, COUNT(*) FROM segments_membership"  # noqa: S608 - names of ours
            f" WHERE segment_id = %s AND {moment} >= %s GROUP BY 1, 2",
            [segment_id, since_stored],
        )
        for date, told, count in cursor.fetchall():
            found.setdefault(date, {})[told] = count
    return found


def _by_cause(entered: Moves, left: Moves) -> list[GrowthCause]:
    totals: dict[str, list[int]] = {}
    for place, moves in enumerate((entered, left)):
        for causes in moves.values():
            for cause, count in causes.items():
                totals.setdefault(cause, [0, 0])[place] += count
    ordered = sorted(totals.items(), key=lambda item: (-sum(item[1]), item[0]))
    return [GrowthCause(cause, came, went) for cause, (came, went) in ordered]


def list_members(
    actor: Actor, segment_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[Member]:
    """A page of members by customer number, the highest first, with the rows of the pool."""
    get_segment(actor, segment_id)
    size = max(1, min(limit, MAX_LIMIT))
    test = Q(customer_id__lt=decode_cursor(cursor, int)[0]) if cursor else Q()
    stays = _stays(segment_id).filter(test).order_by("-customer_id")[: size + 1]
    found = list(stays.values_list("customer_id", "valid_from", "cause"))
    page = _with_rows(actor, found[:size])
    return Page(page, encode_cursor(found[size - 1][0]) if len(found) > size else None)


def stream_members(
    actor: Actor, segment_id: int, at_once: int = MAX_LIMIT
) -> Iterator[tuple[Cell, ...]]:
    """Every member the actor may see, in the order of `EXPORT_HEADER`; memory stays flat."""
    require(actor, "customer:export")
    get_segment(actor, segment_id)
    return _export(actor, segment_id, at_once)


def _export(actor: Actor, segment_id: int, at_once: int) -> Iterator[tuple[Cell, ...]]:
    last = 0
    stays = _stays(segment_id).order_by("customer_id")
    columns = ("customer_id", "valid_from", "cause")
    while found := list(stays.filter(customer_id__gt=last).values_list(*columns)[:at_once]):
        for member in _with_rows(actor, found):
            if member.row is not None:
                [cells] = export_rows([member.row])
                yield (*cells, member.entered_at, member.cause)
        last = found[-1][0]


def _stays(segment_id: int) -> Any:
    return Membership.objects.filter(segment_id=segment_id, valid_to=None)


def _with_rows(actor: Actor, found: Sequence[tuple[int, datetime, str]]) -> list[Member]:
    rows = rows_among(actor, [who for who, _, _ in found])
    return [Member(who, at, cause, rows.get(who)) for who, at, cause in found]
