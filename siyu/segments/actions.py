"""Writes of segments: definitions, and membership kept right by facts and by the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol

from django.db import IntegrityError, connection, transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Conflict, Refused
from siyu.lake.locks import exclusive
from siyu.lake.session import open_session
from siyu.segments import evaluator
from siyu.segments.compile import compile_definition
from siyu.segments.membership import (
    current_members,
    mark_evaluated,
    on_change,
    tell,
    write_difference,
)
from siyu.segments.models import Segment, Touched
from siyu.segments.queries import find_dependents, get_definition, load_definition, reaches
from siyu.segments.rules import (
    check_cycle,
    decode,
    encode,
    is_population_relative,
)
from siyu.segments.types import Definition, MembershipChange

__all__ = [
    "archive_segment",
    "clock",
    "create_segment",
    "hear",
    "live",
    "on_change",
    "on_customers_moved",
    "touch",
    "update_segment",
]

LOCK = "segments.evaluate"
LIVE_CHUNK = 2_000
MAX_NAME = 64


class Moved(Protocol):
    """An identity that went to another customer (pool's `Move`)."""

    @property
    def from_customer(self) -> int: ...
    @property
    def to_customer(self) -> int: ...


def create_segment(actor: Actor, name: str, definition: Mapping[str, Any], *, now: datetime) -> int:
    """Make a segment and its first members; its id. Refused with the path of a wrong node."""
    require(actor, "segment:write")
    checked = decode(definition)
    check_cycle(None, checked, load_definition)
    clean = _checked_name(name)
    with exclusive(LOCK, wait=True):
        holds = evaluator.evaluate(checked, now=now, load=load_definition)
        with _unique_name(), transaction.atomic():
            segment = Segment.objects.create(
                name=clean, definition=encode(checked), created_at=now, updated_at=now
            )
            record_audit(actor, "create_segment", f"segment:{segment.pk}", now=now)
            tell(_write_all(segment, holds, now=now, cause="created"), now)
    return int(segment.pk)


def update_segment(
    actor: Actor, segment_id: int, name: str, definition: Mapping[str, Any], *, now: datetime
) -> None:
    """Change a segment, its members, and those of the segments that refer to it."""
    require(actor, "segment:write")
    checked = decode(definition)
    clean = _checked_name(name)

    def load(reference: int) -> Definition:
        return checked if reference == segment_id else load_definition(reference)

    with exclusive(LOCK, wait=True):
        get_definition(segment_id)
        check_cycle(segment_id, checked, load)
        affected = Segment.objects.filter(pk__in=[segment_id, *find_dependents(segment_id)])
        found = [
            (segment, evaluator.evaluate(load(segment.pk), now=now, load=load))
            for segment in affected.order_by("id")
        ]
        with _unique_name(), transaction.atomic():
            Segment.objects.filter(pk=segment_id).update(
                name=clean, definition=encode(checked), updated_at=now
            )
            record_audit(actor, "update_segment", f"segment:{segment_id}", now=now)
            for segment, holds in found:
                tell(_write_all(segment, holds, now=now, cause="updated"), now)


def archive_segment(actor: Actor, segment_id: int, *, now: datetime) -> None:
    """Close a segment: everybody leaves. Conflict while another segment refers to it."""
    require(actor, "segment:write")
    with exclusive(LOCK, wait=True), transaction.atomic():
        get_definition(segment_id)
        if find_dependents(segment_id):
            raise Conflict("segment.referenced", "其他人群引用了它, 不能归档", field="segment_id")
        segment = Segment.objects.get(pk=segment_id)
        nobody = current_members(segment_id)[:0]
        changes = write_difference(
            segment, nobody, current_members(segment_id), now=now, cause="archived"
        )
        Segment.objects.filter(pk=segment_id).update(is_archived=True, updated_at=now)
        record_audit(actor, "archive_segment", f"segment:{segment_id}", now=now)
        tell(changes, now)


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
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO segments_touched (customer_id, cause) VALUES (%s, %s)", list(causes)
        )


def on_customers_moved(moves: Sequence[Moved], now: datetime) -> None:
    """After a merge or a split both sides are looked at again."""
    del now
    touch(who for move in moves for who in (move.from_customer, move.to_customer))


def live() -> bool:
    """Look again at the customers that were touched; True when there was somebody."""
    with exclusive(LOCK) as is_mine:
        if not is_mine:
            return False
        touched = Touched.objects.order_by("id").values_list("id", "customer_id", "cause")
        rows = list(touched[:LIVE_CHUNK])
        if not rows:
            return False
        causes = _causes(rows)
        now = runtime().clock.now()
        found = _evaluate_some(sorted(causes), now)
        with transaction.atomic():
            changes: list[MembershipChange] = []
            for segment, holds in found:
                written = current_members(segment.pk, causes)
                changes += write_difference(segment, holds, written, now=now, cause=causes)
            Touched.objects.filter(id__in=[row[0] for row in rows]).delete()
            tell(changes, now)
        return True


def clock() -> bool:
    """Evaluate fully what the passing of time changes; False, as it is never urgent.

    A segment about days changes at the brand's midnight; one about scores with anybody's orders.
    """
    now = runtime().clock.now()
    today = now.astimezone(SHANGHAI).date()
    with exclusive(LOCK) as is_mine:
        if not is_mine:
            return False
        for segment in Segment.objects.filter(is_archived=False).order_by("id"):
            definition = decode(segment.definition)
            is_old = segment.evaluated_on is None or segment.evaluated_on != today
            if is_old or reaches(definition, is_population_relative):
                holds = evaluator.evaluate(definition, now=now, load=load_definition)
                with transaction.atomic():
                    tell(_write_all(segment, holds, now=now, cause="clock"), now)
    return False


def _write_all(
    segment: Segment, holds: evaluator.Ids, *, now: datetime, cause: str
) -> list[MembershipChange]:
    mark_evaluated(segment, now)
    return write_difference(segment, holds, current_members(segment.pk), now=now, cause=cause)


def _evaluate_some(customer_ids: list[int], now: datetime) -> list[tuple[Segment, evaluator.Ids]]:
    """All segments over these customers in one session; those about scores wait for `clock`."""
    segments = list(Segment.objects.filter(is_archived=False).order_by("id"))
    if not segments:
        return []
    found = []
    with open_session(customer_ids) as session, evaluator.evaluating(session):
        for segment in segments:
            definition = decode(segment.definition)
            compiled = compile_definition(definition, now=now, load=load_definition)
            if not compiled.needs_everybody:
                found.append((segment, evaluator.member_ids(session, compiled)))
    return found


def _causes(rows: Iterable[tuple[int, int, str]]) -> dict[int, str]:
    """The cause to name for each customer: a fact before a late fact before a change of state."""
    causes: dict[int, str] = {}
    for _, who, cause in rows:
        if who not in causes or _weight(cause) >= _weight(causes[who]):
            causes[who] = cause
    return causes


def _weight(cause: str) -> int:
    return {"fact": 2, "late": 1}.get(cause.partition(":")[0], 0)


@contextmanager
def _unique_name() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict("segment.name_taken", "已有同名人群", field="name") from error


def _checked_name(name: str) -> str:
    clean = name.strip()
    if not clean or len(clean) > MAX_NAME:
        raise Refused("segment.name", f"名称须为 1 到 {MAX_NAME} 个字", field="name")
    return clean
