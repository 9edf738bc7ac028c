"""Work on custom fields for later: adopt plain traits, and settle values by a changed rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.pool import belongings
from siyu.pool.fields import current
from siyu.pool.fields.catalogue import info_of
from siyu.pool.fields.models import CustomField, Observation
from siyu.pool.fields.observing import NOTHING, Word, encode, observe
from siyu.pool.fields.rules import SET, UNSET
from siyu.pool.fields.types import FieldInfo
from siyu.pool.fields.values import parse_value
from siyu.pool.rows import among, execute, fetch, listed, ms_of, resolving
from siyu.pool.trait_steps import Base, History

AT_ONCE = 5_000


def work_on_fields() -> bool:
    """One piece of work on each field that waits for some; True when there may be more."""
    waiting = CustomField.objects.exclude(adopt_after=None, redo_after=None).order_by("id")
    did_work = False
    for field_id in list(waiting.values_list("pk", flat=True)):
        with resolving():
            row = CustomField.objects.get(pk=field_id)
            if row.adopt_after is not None:
                _adopt(row, row.adopt_after)
            elif row.redo_after is not None:
                _redo(row, row.redo_after)
        did_work = True
    return did_work


def _adopt(row: CustomField, after: int) -> None:
    """The next plain traits of this key become observations."""
    found = fetch(
        "SELECT id, customer_id, identity_id, value, source, at, steps FROM pool_trait"
        " WHERE field = %s AND id > %s ORDER BY id LIMIT %s",
        row.key,
        after,
        AT_ONCE,
    )
    field = info_of(row)
    observe(word for trait in found for word in _words(field, trait))
    ids = [trait[0] for trait in found]
    if ids:
        execute(f"DELETE FROM pool_trait WHERE {among('id')}", listed(ids))  # noqa: S608
        belongings.tell_changed({trait[1] for trait in found}, runtime().clock.now())
    CustomField.objects.filter(pk=row.pk).update(
        adopt_after=ids[-1] if len(ids) == AT_ONCE else None
    )


def _words(field: FieldInfo, trait: tuple[Any, ...]) -> Iterator[Word]:
    _, customer, identity, value, source, at, steps = trait
    history = msgspec.json.decode(steps, type=History) if steps else None
    base = history.base if history else Base(ms_of(at), value, source)
    if base is not None:
        mode = UNSET if base.value == NOTHING else SET
        told = msgspec.json.decode(base.value)
        yield Word(customer, identity, field, told, base.source, base.at, mode)
    for step in history.steps if history else ():
        told = msgspec.json.decode(step.value)
        yield Word(
            customer, identity, field, told, step.source, step.at, step.mode, step.message_id
        )


def _redo(row: CustomField, after: int) -> None:
    """Settle the next customers' values again."""
    field = info_of(row)
    if after == 0:
        _reconsider(field)
    found = fetch(
        "SELECT DISTINCT customer_id FROM pool_observation"
        " WHERE field_id = %s AND customer_id > %s ORDER BY customer_id LIMIT %s",
        field.id,
        after,
        AT_ONCE,
    )
    ids = [one[0] for one in found]
    before = _texts(field, ids)
    current.refresh(ids, [field])
    now = _texts(field, ids)
    changed = {who for who, _ in before ^ now}
    if changed:
        belongings.tell_changed(changed, runtime().clock.now())
    CustomField.objects.filter(pk=row.pk).update(
        redo_after=ids[-1] if len(ids) == AT_ONCE else None
    )


def _texts(field: FieldInfo, customer_ids: list[int]) -> set[tuple[int, str]]:
    rows = fetch(
        f"SELECT customer_id, text FROM pool_fieldvalue WHERE field_id = %s"  # noqa: S608
        f" AND {among('customer_id')}",
        field.id,
        listed(customer_ids),
    )
    return {(row[0], row[1]) for row in rows}


def _reconsider(field: FieldInfo) -> None:
    """Values refused under the former definition count when they fit the one of now."""
    refused = Observation.objects.filter(field_id=field.id, mode=SET).exclude(reason="")
    for one in refused.iterator(chunk_size=AT_ONCE):
        try:
            value = parse_value(field, msgspec.json.decode(one.value))
        except Refused:
            continue
        Observation.objects.filter(pk=one.pk).update(value=encode(value), reason="")
