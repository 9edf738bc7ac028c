"""Customers whose touches changed state: read from the lake's notes, since reach tells nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from django.db import transaction

from siyu.lake.changes import changed_since, mark_of
from siyu.lake.mirror import MirrorTable, find_table
from siyu.lake.state import Snapshot, open_snapshot, within
from siyu.segments.models import Mark, Segment, Touched
from siyu.segments.queries import reaches
from siyu.segments.rules import asks_for_touches
from siyu.segments.types import Definition

TABLE = "touches"
CAUSE = "touch"
MANY = 20_000
"""More touches than this at once (a broadcast) are judged with everybody by the clock."""
CHUNK = 5_000


def note_touches(load: Callable[[], Mapping[int, Definition]], now: datetime) -> None:
    """Mark whose touches changed since the last call. load: the definitions, asked if need be."""
    mirror = find_table(TABLE)
    if mirror is None:
        return
    known = Mark.objects.filter(name=TABLE).values_list("mark", flat=True).first()
    with open_snapshot() as snapshot:
        mark = mark_of(snapshot)
        if mark == known:
            return
        asking = [key for key, one in load().items() if reaches(one, asks_for_touches)]
        keys = None if known is None else _changed_keys(snapshot, mirror, known)
        whom = set(_customers(snapshot, mirror, keys)) if asking and keys else set()
    with transaction.atomic():
        if keys is None:
            Segment.objects.filter(pk__in=asking).update(evaluated_on=None)
        touched = [Touched(customer_id=who, cause=CAUSE) for who in sorted(whom)]
        Touched.objects.bulk_create(touched)
        Mark.objects.update_or_create(name=TABLE, defaults={"mark": mark, "at": now})


def _changed_keys(snapshot: Snapshot, mirror: MirrorTable, mark: int) -> list[int] | None:
    """Ids of touches; None when there are too many, or it is not known which."""
    changed = changed_since(snapshot, mark, sources=mirror.sources)
    if changed is None:
        return None
    keys = {key for found in changed.values() for key in found}
    if None in keys or len(keys) > MANY:
        return None
    return sorted(key for key in keys if key is not None)


def _customers(snapshot: Snapshot, mirror: MirrorTable, keys: list[int]) -> Iterator[int]:
    for start in range(0, len(keys), CHUNK):
        rows = within(mirror.sql, mirror.changing_key, keys[start : start + CHUNK])
        found: Iterable[int | None] = snapshot.read(rows, {mirror.key: "int"})[0].to_pylist()
        yield from (who for who in found if who is not None)
