"""Writes of segments: definitions and their members; `living` keeps the members right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import Conflict, Refused
from siyu.lake.locks import exclusive
from siyu.segments import evaluator
from siyu.segments.living import (
    LOCK,
    clock,
    hear,
    keep_columns,
    live,
    look_at_everybody,
    on_customers_moved,
    touch,
    write_all,
)
from siyu.segments.membership import current_members, on_change, tell, write_difference
from siyu.segments.models import Due, Segment
from siyu.segments.queries import find_dependents, get_definition, load_definition
from siyu.segments.rules import check_cycle, decode, encode
from siyu.segments.types import Definition

__all__ = [
    "LOCK",
    "archive_segment",
    "clock",
    "create_segment",
    "hear",
    "keep_columns",
    "live",
    "look_at_everybody",
    "on_change",
    "on_customers_moved",
    "refresh_segments",
    "touch",
    "update_segment",
]

MAX_NAME = 64


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
            tell(write_all(segment, holds, now=now, cause="created"), now)
    return int(segment.pk)


def update_segment(
    actor: Actor,
    segment_id: int,
    name: str,
    definition: Mapping[str, Any],
    *,
    now: datetime,
    version: int | None = None,
) -> None:
    """Change a segment, its members, and those of the segments that refer to it.

    version: what the editor started from; Conflict when somebody changed the segment since.
    """
    require(actor, "segment:write")
    checked = decode(definition)
    clean = _checked_name(name)

    def load(reference: int) -> Definition:
        return checked if reference == segment_id else load_definition(reference)

    with exclusive(LOCK, wait=True):
        get_definition(segment_id)
        _check_version(segment_id, version)
        check_cycle(segment_id, checked, load)
        ids = [segment_id, *find_dependents(segment_id)]
        definitions = {key: load(key) for key in sorted(ids)}
        found = evaluator.evaluate_many(definitions, now=now, load=load)
        with _unique_name(), transaction.atomic():
            Segment.objects.filter(pk=segment_id).update(
                name=clean, definition=encode(checked), updated_at=now, version=F("version") + 1
            )
            record_audit(actor, "update_segment", f"segment:{segment_id}", now=now)
            _write_found(found, now=now, cause="updated")


def refresh_segments(segment_ids: Iterable[int], *, now: datetime, cause: str) -> None:
    """Bring segments, and those that refer to them, up to date at once, all customers."""
    with exclusive(LOCK, wait=True):
        named = set(segment_ids)
        ids = named.union(*(find_dependents(segment_id) for segment_id in named))
        definitions = {key: get_definition(key) for key in sorted(ids)}
        found = evaluator.evaluate_many(definitions, now=now, load=load_definition)
        with transaction.atomic():
            _write_found(found, now=now, cause=cause)


def _write_found(found: Mapping[int, evaluator.Ids], *, now: datetime, cause: str) -> None:
    for segment in Segment.objects.filter(pk__in=found).order_by("id"):
        tell(write_all(segment, found[segment.pk], now=now, cause=cause), now)


def _check_version(segment_id: int, version: int | None) -> None:
    stands = Segment.objects.filter(pk=segment_id).values_list("version", flat=True).first()
    if version is not None and version != stands:
        raise Conflict("segment.version", "别人刚改过这个人群, 请刷新后再改", field="version")


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
        Due.objects.filter(segment_id=segment_id).delete()
        record_audit(actor, "archive_segment", f"segment:{segment_id}", now=now)
        tell(changes, now)


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
