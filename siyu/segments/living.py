"""Membership kept right: by facts for those they touch, by the clock for what time changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog
from django.db import transaction
from django.db.models import Max

from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.core.writing import insert_values
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound, Refused
from siyu.lake.locks import exclusive
from siyu.segments import columns, evaluator, waiting
from siyu.segments.membership import (
    current_members,
    mark_evaluated,
    members_among,
    tell,
    write_difference,
)
from siyu.segments.models import Changed, Due, Segment, Touched
from siyu.segments.queries import load_definition, reaches
from siyu.segments.rules import decode, is_population_relative
from siyu.segments.touch_notes import note_touches
from siyu.segments.types import Definition, MembershipChange

LOCK = "segments.evaluate"
LIVE_CHUNK = 5_000
FULL_CHUNK = 8
"""Segments evaluated fully under one hold of the lock, so that `live` comes in between."""
log = structlog.get_logger()


class Moved(Protocol):
    """An identity that went to another customer (pool's `Move`)."""

    @property
    def from_customer(self) -> int: ...
    @property
    def to_customer(self) -> int: ...


def hear(batch: Batch) -> None:
    """Note whom the batch touched, in its transaction; `live` looks at them within a second."""
    causes = dict.fromkeys(batch.touched, "state")
    for seen in batch.seen:
        if seen.customer_id is not None:
            kind = "late" if seen.fact.is_late else "fact"
            causes[seen.customer_id] = f"{kind}:{seen.fact.name}"[:96]
    _note(causes.items())


def touch(customer_ids: Iterable[int], *, cause: str = "state") -> None:
    """Note customers whose state changed without a fact: tags, consent, merges by hand."""
    _note((who, cause) for who in sorted(set(customer_ids)))


def _note(causes: Iterable[tuple[int, str]]) -> None:
    insert_values("segments_touched", ("customer_id", "cause"), list(causes))


def on_customers_moved(moves: Sequence[Moved], now: datetime) -> None:
    """After a merge or a split both sides are looked at again."""
    del now
    touch(who for move in moves for who in (move.from_customer, move.to_customer))


def look_at_everybody(*, is_over: bool) -> None:
    """After a bulk write that names no customer: the columns do not tell the truth any more.

    is_over: it was the last one; `clock` judges everybody anew.
    """
    columns.forget()
    if is_over:
        Segment.objects.filter(is_archived=False).update(evaluated_on=None)


def live() -> bool:
    """Look again at the customers that were touched; True when there was somebody."""
    with exclusive(LOCK) as is_mine:
        if not is_mine:
            return False
        now = runtime().clock.now()
        _ring(now)
        note_touches(lambda: _definitions(_usable()), now)
        touched = Touched.objects.order_by("id").values_list("id", "customer_id", "cause")
        rows = list(touched[:LIVE_CHUNK])
        if not rows:
            return False
        causes = _causes(rows)
        segments = _usable()
        found = _evaluate_some(segments, sorted(causes), now)
        due = waiting.due_times(_definitions(segments), now=now, customer_ids=sorted(causes))
        with transaction.atomic():
            changes: list[MembershipChange] = []
            written = members_among(causes)
            for segment, holds in found:
                before = written.get(segment.pk, holds[:0])
                changes += write_difference(segment, holds, before, now=now, cause=causes)
            waiting.write_due(due, customer_ids=sorted(causes))
            Touched.objects.filter(id__in=[row[0] for row in rows]).delete()
            Changed.objects.bulk_create([Changed(customer_id=who) for who in sorted(causes)])
            tell(changes, now)
        return True


def clock() -> bool:
    """Evaluate fully what the passing of time changes; False, as it is never urgent.

    A segment about days changes at the brand's midnight; one about scores with anybody's orders.
    """
    now = runtime().clock.now()
    stale = [pk for pk, (segment, _) in _usable().items() if _is_stale(segment, now)]
    for start in range(0, len(stale), FULL_CHUNK):
        with exclusive(LOCK) as is_mine:
            if is_mine:
                _evaluate_fully(stale[start : start + FULL_CHUNK], now)
    return False


def keep_columns() -> bool:
    """Write the columns of a large pool anew when too many customers changed since."""
    columns.keep()
    return False


def write_all(
    segment: Segment, holds: evaluator.Ids, *, now: datetime, cause: str
) -> list[MembershipChange]:
    """Make the members of a segment those that hold, all customers judged."""
    mark_evaluated(segment, now, changed_id=_last_changed())
    definition = decode(Segment.objects.values_list("definition", flat=True).get(pk=segment.pk))
    due = waiting.due_times({segment.pk: definition}, now=now)
    waiting.write_due(due, segment_ids=[segment.pk])
    return write_difference(segment, holds, current_members(segment.pk), now=now, cause=cause)


def _ring(now: datetime) -> None:
    """Look again at those for whom time alone may have changed something."""
    rows = list(Due.objects.filter(due_at__lt=now).order_by("due_at")[:LIVE_CHUNK])
    if rows:
        with transaction.atomic():
            touch({row.customer_id for row in rows}, cause="clock")
            Due.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _is_stale(segment: Segment, now: datetime) -> bool:
    if segment.evaluated_on != now.astimezone(SHANGHAI).date():
        return True
    is_relative = reaches(decode(segment.definition), is_population_relative)
    return is_relative and segment.judged_changed_id != _last_changed()


def _last_changed() -> int:
    """A mark of what was looked at: the last change, and how much waits."""
    return Changed.objects.aggregate(last=Max("id"))["last"] or 0


def _evaluate_fully(segment_ids: Sequence[int], now: datetime) -> None:
    segments = Segment.objects.filter(pk__in=segment_ids, is_archived=False).in_bulk()
    definitions = {key: decode(row.definition) for key, row in sorted(segments.items())}
    found = evaluator.evaluate_many(definitions, now=now, load=load_definition)
    for key, holds in found.items():
        with transaction.atomic():
            tell(write_all(segments[key], holds, now=now, cause="clock"), now)


def _usable() -> dict[int, tuple[Segment, Definition]]:
    """The segments in use that can be compiled; one that cannot never stops the others."""
    return dict(_each_usable())


def _each_usable() -> Iterator[tuple[int, tuple[Segment, Definition]]]:
    for row in Segment.objects.filter(is_archived=False).order_by("id"):
        try:
            definition = decode(row.definition)
            reaches(definition, is_population_relative)
        except (Refused, NotFound) as error:
            log.warning("segments.unusable", segment_id=row.pk, code=error.code)
        else:
            yield row.pk, (row, definition)


def _definitions(segments: Mapping[int, tuple[Segment, Definition]]) -> dict[int, Definition]:
    return {key: definition for key, (_, definition) in segments.items()}


def _evaluate_some(
    segments: Mapping[int, tuple[Segment, Definition]], customer_ids: list[int], now: datetime
) -> list[tuple[Segment, evaluator.Ids]]:
    """All segments over these customers at once; those about scores wait for `clock`."""
    definitions = {
        key: definition
        for key, definition in _definitions(segments).items()
        if not reaches(definition, is_population_relative)
    }
    if not definitions:
        return []
    found = evaluator.evaluate_many(
        definitions, now=now, load=load_definition, customer_ids=customer_ids
    )
    return [(segments[key][0], holds) for key, holds in found.items()]


def _causes(rows: Iterable[tuple[int, int, str]]) -> dict[int, str]:
    """The cause to name for each customer: a fact before a late fact before a change of state."""
    causes: dict[int, str] = {}
    for _, who, cause in rows:
        if who not in causes or _weight(cause) >= _weight(causes[who]):
            causes[who] = cause
    return causes


def _weight(cause: str) -> int:
    return {"fact": 2, "late": 1}.get(cause.partition(":")[0], 0)
