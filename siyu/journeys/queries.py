"""Reads of journeys: the list, one with its numbers, people and their paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from siyu.core.access import Actor, require
from siyu.journeys.models import Entry, Journey, Step
from siyu.journeys.types import EntryRow, JourneyRow, JourneyView, NodeCount, PathStep
from siyu.kernel.errors import NotFound
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.pool import queries as pool


def list_journeys(actor: Actor) -> list[JourneyRow]:
    """All journeys, newest first, with their counts."""
    require(actor, "journey:read")
    rows = list(Journey.objects.order_by("-id").defer("draft"))
    counts = _counts(row.pk for row in rows)
    return [_journey_row(row, counts.get(row.pk, (0, 0, 0))) for row in rows]


def get_journey(actor: Actor, journey_id: int) -> JourneyView:
    """One journey. The definition is the draft, which equals the live one after publishing."""
    require(actor, "journey:read")
    row = _get(journey_id)
    exits = (
        Entry.objects.filter(journey_id=journey_id, state="exited")
        .values_list("exit_reason")
        .annotate(count=Count("id"))
    )
    return JourneyView(
        row=_journey_row(row, _counts([journey_id]).get(journey_id, (0, 0, 0))),
        definition=row.draft,
        nodes=_node_counts(row),
        exits=dict(exits),
    )


def list_entries(
    actor: Actor, journey_id: int, *, cursor: str | None = None, limit: int = 50
) -> Page[EntryRow]:
    """People of a journey, newest first, each with the path so far."""
    require(actor, "journey:read")
    _get(journey_id)
    found = Entry.objects.filter(journey_id=journey_id)
    if cursor:
        (last,) = decode_cursor(cursor, int)
        found = found.filter(pk__lt=last)
    limit = max(1, min(limit, MAX_LIMIT))
    rows = list(found.order_by("-id")[: limit + 1])
    next_cursor = encode_cursor(rows[limit - 1].pk) if len(rows) > limit else None
    return Page(_entry_rows(rows[:limit]), next_cursor)


def entries_of(customer_id: int) -> list[EntryRow]:
    """All journeys of one customer, newest first: why this person was spoken to."""
    return _entry_rows(list(Entry.objects.filter(customer_id=customer_id).order_by("-id")[:50]))


def count_due(now: datetime) -> int:
    """People who could be moved on at `now`."""
    live = Journey.objects.filter(state="live").values_list("pk", flat=True)
    return Entry.objects.filter(state="active", due_at__lte=now, journey_id__in=list(live)).count()


def _get(journey_id: int) -> Journey:
    row = Journey.objects.filter(pk=journey_id).first()
    if row is None:
        raise NotFound("journey.unknown", "没有这个旅程")
    return row


def _counts(journey_ids: Iterable[int]) -> dict[int, tuple[int, int, int]]:
    rows = (
        Entry.objects.filter(journey_id__in=list(journey_ids))
        .values_list("journey_id")
        .annotate(
            entered=Count("id"),
            active=Count("id", filter=Q(state="active")),
            goals=Count("id", filter=Q(exit_reason="goal")),
        )
    )
    return {journey_id: (entered, active, goals) for journey_id, entered, active, goals in rows}


def _journey_row(row: Journey, counts: tuple[int, int, int]) -> JourneyRow:
    return JourneyRow(row.pk, row.name, row.state, row.version, *counts, row.updated_at)


def _node_counts(row: Journey) -> list[NodeCount]:
    """For every node of the draft, then of older versions: came, stay, went on."""
    came = dict(
        Step.objects.filter(journey_id=row.pk).values_list("node").annotate(count=Count("id"))
    )
    stay = dict(
        Entry.objects.filter(journey_id=row.pk, state="active")
        .exclude(awaits="")
        .values_list("node")
        .annotate(count=Count("id"))
    )
    drawn = [str(node.get("id", "")) for node in _nodes(row.draft)]
    older = sorted(set(came) - set(drawn))
    return [
        NodeCount(node, came.get(node, 0), stay.get(node, 0), came.get(node, 0) - stay.get(node, 0))
        for node in (*drawn, *older)
    ]


def _nodes(definition: Any) -> list[dict[str, Any]]:
    nodes = definition.get("nodes") if isinstance(definition, dict) else None
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def _entry_rows(rows: list[Entry]) -> list[EntryRow]:
    names = pool.names_of({row.customer_id for row in rows})
    paths: dict[int, list[PathStep]] = defaultdict(list)
    steps = Step.objects.filter(entry_id__in=[row.pk for row in rows]).order_by("id")
    for step in steps:
        paths[step.entry_id].append(PathStep(step.node, step.at, step.outcome))
    return [
        EntryRow(
            id=row.pk,
            customer_id=row.customer_id,
            customer_name=names.get(row.customer_id, ""),
            state=row.state,
            node=row.node,
            entered_at=row.entered_at,
            due_at=row.due_at if row.state == "active" else None,
            exit_reason=row.exit_reason,
            path=paths[row.pk],
        )
        for row in rows
    ]
