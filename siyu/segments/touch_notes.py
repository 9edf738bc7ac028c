"""Customers whose touches changed state: read from the lake's notes, since reach tells nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from django.db import transaction

from siyu.lake.changes import mark_of, notes_since
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
STEP = 1_000
"""The mark is written anew when it moved so far, even if no touch changed."""
_seen: set[int] = set()
"""Notes that were heard and may come again."""


def note_touches(
    load: Callable[[], Mapping[int, Definition]], now: datetime, *, many: int = MANY
) -> None:
    """Mark whose touches changed since the last call.

    load: the definitions, asked if need be. many: more changes than these are left to the clock.
    """
    global _seen  # noqa: PLW0603 - one per process; another process looks again at some
    mirror = find_table(TABLE)
    if mirror is None or not mirror.sources:
        return
    known = Mark.objects.filter(name=TABLE).values_list("mark", flat=True).first()
    with open_snapshot() as snapshot:
        mark = mark_of(snapshot)
        notes = None if known is None else notes_since(snapshot, known, mirror.sources)
        fresh = None if notes is None else {notes[one] for one in notes.keys() - _seen}
        if fresh == set() and known is not None and mark - known < STEP:
            return
        asking = [key for key, one in load().items() if reaches(one, asks_for_touches)]
        keys = _few(fresh, many)
        whom = set(_customers(snapshot, mirror, keys)) if asking and keys else set()
    with transaction.atomic():
        if keys is None:
            Segment.objects.filter(pk__in=asking).update(evaluated_on=None)
        touched = [Touched(customer_id=who, cause=CAUSE) for who in sorted(whom)]
        Touched.objects.bulk_create(touched)
        Mark.objects.update_or_create(name=TABLE, defaults={"mark": mark, "at": now})
    _seen = set(notes or ())


def _few(keys: set[int | None] | None, many: int) -> list[int] | None:
    """Ids of touches; None when there are too many, or it is not known which."""
    if keys is None or None in keys or len(keys) > many:
        return None
    return sorted(key for key in keys if key is not None)


def _customers(snapshot: Snapshot, mirror: MirrorTable, keys: list[int]) -> Iterator[int]:
    for start in range(0, len(keys), CHUNK):
        some = within(mirror.sql, mirror.changing_key, keys[start : start + CHUNK])
        sql = f"SELECT {mirror.key} FROM ({some}) AS touched"  # noqa: S608
        found: Iterable[int | None] = snapshot.read(sql, {mirror.key: "int"})[0].to_pylist()
        yield from (who for who in found if who is not None)
