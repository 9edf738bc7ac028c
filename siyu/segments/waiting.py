"""The wheel: for whom and when time alone may change a segment, beside the turn of the day.

"A, then no B within 3 days" becomes true at a moment of its own for each customer. Only those
who wait have a row, so the wheel costs what is pending, not what there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from siyu.segments import evaluator
from siyu.segments.bitmaps import Level, show_tables
from siyu.segments.conditions import bound_in
from siyu.segments.leaves import Leaves
from siyu.segments.models import Due
from siyu.segments.queries import load_definition
from siyu.segments.rules import walk
from siyu.segments.sequences import sequence_sql
from siyu.segments.types import Definition, SegmentRef
from siyu.segments.types import Sequence as Steps

CHUNK = 5_000
DueTimes = dict[int, dict[int, datetime]]
"""Segment id → customer id → when."""


def due_times(
    definitions: Mapping[int, Definition],
    *,
    now: datetime,
    customer_ids: Sequence[int] | None = None,
) -> DueTimes:
    """The next moment for everybody, or for these customers, by segment; segments without such

    conditions are left out.
    """
    nodes = {key: _waiting_nodes(found, set()) for key, found in definitions.items()}
    asked = {key: found for key, found in nodes.items() if found}
    if not asked:
        return {}
    found: DueTimes = {key: {} for key in asked}
    wanted = None if customer_ids is None else np.asarray(customer_ids, np.int64)
    with evaluator.levels_of(wanted) as levels:
        for level in levels:
            show_tables(level, {"events"})
            for key, steps in asked.items():
                for node in steps:
                    for who, at in _pending(level, node, now):
                        known = found[key].get(who)
                        found[key][who] = at if known is None else min(at, known)
    return found


def write_due(
    due: DueTimes,
    *,
    segment_ids: Iterable[int] = (),
    customer_ids: Sequence[int] | None = None,
) -> None:
    """Replace what was known: of whole segments, or of these customers in all segments."""
    Due.objects.filter(segment_id__in=list(segment_ids)).delete()
    if customer_ids:
        for start in range(0, len(customer_ids), CHUNK):
            Due.objects.filter(customer_id__in=customer_ids[start : start + CHUNK]).delete()
    Due.objects.bulk_create(
        [
            Due(segment_id=key, customer_id=who, due_at=at)
            for key, people in due.items()
            for who, at in people.items()
        ],
        batch_size=CHUNK,
    )


def _waiting_nodes(definition: Definition, seen: set[int]) -> list[Steps]:
    """The sequences that wait for an absence, those of referenced segments too."""
    found: list[Steps] = []
    for _, node in walk(definition.root):
        if isinstance(node, Steps) and node.steps[-1].absent:
            found.append(node)
        if isinstance(node, SegmentRef) and node.segment_id not in seen:
            seen.add(node.segment_id)
            found += _waiting_nodes(load_definition(node.segment_id), seen)
    return found


def _pending(level: Level, node: Steps, now: datetime) -> Iterable[tuple[int, datetime]]:
    leaves = Leaves(now, is_columnar=level.is_columnar)
    sql = sequence_sql(node, now=now, today=leaves.today, bind=leaves.bind).pending
    used = bound_in(sql, leaves.parameters.values)
    rows = level.session.execute(sql, used).fetchall()
    places, is_known = level.place_of(np.asarray([row[0] for row in rows], np.int64))
    hidden = set(level.hidden.tolist())
    for (who, at), place, known in zip(rows, places.tolist(), is_known.tolist(), strict=True):
        if known and place not in hidden:
            yield who, at.astimezone(UTC)
