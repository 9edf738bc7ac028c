"""Reads of segments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from siyu.core.access import Actor, require
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound, Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.segments import evaluator, explaining
from siyu.segments.conditions import start_of_day
from siyu.segments.evaluator import Ids
from siyu.segments.models import Membership, Segment
from siyu.segments.rules import check_cycle, decode, references
from siyu.segments.types import (
    Definition,
    Explanation,
    HistoryPoint,
    MemberRow,
    Preview,
    SegmentRow,
)

HISTORY_DAYS = 30


def get_definition(segment_id: int) -> Definition:
    """The definition of a segment that is in use; NotFound otherwise."""
    found = Segment.objects.filter(pk=segment_id, is_archived=False).first()
    if found is None:
        raise NotFound("segment.unknown", "没有这个人群")
    return decode(found.definition)


def load_definition(segment_id: int) -> Definition:
    """As `get_definition` for a reference inside a definition: Refused when there is none."""
    try:
        return get_definition(segment_id)
    except NotFound as error:
        reason = f"引用的人群 {segment_id} 不存在或已归档"
        raise Refused("segment.reference", reason, field="root") from error


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refused when a definition is wrong, names an unknown segment or runs in a circle."""
    check_cycle(None, decode(definition), load_definition)


def segment_ids() -> set[int]:
    """The segments in use."""
    return set(Segment.objects.filter(is_archived=False).values_list("pk", flat=True))


def evaluate(
    definition: Definition | Mapping[str, Any],
    customer_ids: Iterable[int] | None = None,
    *,
    now: datetime,
) -> Ids:
    """The sorted ids (int64) of the customers in the definition at `now`, a frozen snapshot.

    customer_ids: judge only these.
    """
    return evaluator.evaluate(definition, now=now, load=load_definition, customer_ids=customer_ids)


def matches(definition: Definition | Mapping[str, Any], customer_id: int, *, now: datetime) -> bool:
    """Whether one customer is in the definition at `now`."""
    return bool(len(evaluate(definition, [customer_id], now=now)))


def preview(actor: Actor, definition: Mapping[str, Any], *, now: datetime) -> Preview:
    """What a definition would give now; Refused with the path of a wrong node."""
    require(actor, "segment:read")
    checked = decode(definition)
    check_cycle(None, checked, load_definition)
    return evaluator.preview(checked, now=now, load=load_definition)


def explain(actor: Actor, segment_id: int, customer_id: int, *, now: datetime) -> Explanation:
    """Why a customer is in a segment or not, condition by condition."""
    require(actor, "segment:read")
    definition = get_definition(segment_id)
    found = explaining.explain(definition, customer_id, now=now, load=load_definition)
    if found is None:
        raise NotFound("customer.unknown", "没有这位客户")
    return found


def list_segments(actor: Actor, *, is_archived: bool = False) -> list[SegmentRow]:
    """All segments in use, or those archived, newest first."""
    require(actor, "segment:read")
    return [_row(row) for row in Segment.objects.filter(is_archived=is_archived).order_by("-id")]


def get_segment(actor: Actor, segment_id: int) -> SegmentRow:
    """One segment, archived or not; NotFound."""
    require(actor, "segment:read")
    found = Segment.objects.filter(pk=segment_id).first()
    if found is None:
        raise NotFound("segment.unknown", "没有这个人群")
    return _row(found)


def member_ids(segment_id: int) -> list[int]:
    """The customers in a segment as last written."""
    members = Membership.objects.filter(segment_id=segment_id, valid_to=None)
    return list(members.values_list("customer_id", flat=True))


def members(
    actor: Actor, segment_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[MemberRow]:
    """A page of members, the newest first."""
    get_segment(actor, segment_id)
    limit = max(1, min(limit, MAX_LIMIT))
    query = Membership.objects.filter(segment_id=segment_id, valid_to=None)
    if cursor:
        query = query.filter(id__lt=decode_cursor(cursor, int)[0])
    rows = list(query.order_by("-id")[: limit + 1])
    items = [MemberRow(row.customer_id, row.valid_from, row.cause) for row in rows[:limit]]
    return Page(items, encode_cursor(rows[limit - 1].pk) if len(rows) > limit else None)


def segments_of(customer_id: int) -> list[int]:
    """The segments a customer is in now."""
    stays = Membership.objects.filter(customer_id=customer_id, valid_to=None)
    return list(stays.order_by("segment_id").values_list("segment_id", flat=True))


def history(
    actor: Actor, segment_id: int, *, now: datetime, days: int = HISTORY_DAYS
) -> list[HistoryPoint]:
    """Members at the end of each of the last days of the brand, the last point being now."""
    get_segment(actor, segment_id)
    today = now.astimezone(SHANGHAI).date()
    ends = [min(start_of_day(today, back) + timedelta(days=1), now) for back in range(days)][::-1]
    stays = Membership.objects.filter(segment_id=segment_id)
    counts = stays.aggregate(
        **{
            f"n{index}": Count(
                "id", filter=Q(valid_from__lte=end) & (Q(valid_to=None) | Q(valid_to__gt=end))
            )
            for index, end in enumerate(ends)
        }
    )
    return [HistoryPoint(end, counts[f"n{index}"]) for index, end in enumerate(ends)]


def find_dependents(segment_id: int) -> list[int]:
    """The segments in use that refer to this one, directly or through others."""
    graph = {
        row.pk: references(decode(row.definition))
        for row in Segment.objects.filter(is_archived=False)
    }
    found: set[int] = set()
    level = {segment_id}
    while level := {key for key, refs in graph.items() if refs & level} - found:
        found |= level
    return sorted(found - {segment_id})


def reaches(definition: Definition, test: Callable[[Definition], bool]) -> bool:
    """Whether a definition or one it refers to fulfils the test."""
    return test(definition) or any(
        reaches(load_definition(reference), test) for reference in references(definition)
    )


def _row(row: Segment) -> SegmentRow:
    return SegmentRow(
        id=row.pk,
        name=row.name,
        definition=row.definition,
        count=row.member_count,
        version=row.version,
        is_archived=row.is_archived,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
