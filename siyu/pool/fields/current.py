"""The values of now: settled from observations, kept where lists, segments and the lake read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from siyu.kernel.clock import SHANGHAI, to_ms
from siyu.pool.fields.catalogue import load_fields
from siyu.pool.fields.models import FieldValue
from siyu.pool.fields.rules import RANKS, settle
from siyu.pool.fields.types import FieldInfo, Observed, Told
from siyu.pool.rows import among, execute, fetch, insert_rows, listed, ms_of, stamper
from siyu.pool.types import Move, customers_of

AT_ONCE = 5_000
_COLUMNS = ("customer_id", "field_id", "position", "text", "number", "time", "source", "at")


def refresh(customer_ids: Iterable[int], fields: Collection[FieldInfo]) -> None:
    """Settle these fields of these customers from all that was ever told."""
    ids = sorted(set(customer_ids))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        _write(some, fields, _load(some, fields))


def on_customers_moved(moves: Sequence[Move], _now: datetime) -> None:
    """Observations have followed their identities: settle both sides again."""
    fields = load_fields().values()
    if fields:
        refresh(customers_of(moves), fields)


def _load(
    customer_ids: Sequence[int], fields: Collection[FieldInfo]
) -> dict[tuple[int, int], list[Observed]]:
    found: dict[tuple[int, int], list[Observed]] = defaultdict(list)
    for customer, field, mode, value, source, at in fetch(
        "SELECT customer_id, field_id, mode, value, source, at FROM pool_observation"  # noqa: S608
        f" WHERE {among('customer_id')} AND {among('field_id')} AND reason = ''",
        listed(customer_ids),
        listed(field.id for field in fields),
    ):
        found[customer, field].append(Observed(ms_of(at), RANKS[mode], value, source, mode))
    return found


def _write(
    customer_ids: Sequence[int],
    fields: Collection[FieldInfo],
    observed: dict[tuple[int, int], list[Observed]],
) -> None:
    stamp = stamper()
    by_id = {field.id: field for field in fields}
    rows: list[tuple[Any, ...]] = []
    for (customer, field_id), words in observed.items():
        told = settle(by_id[field_id], words)
        if told is not None:
            for position, shape in enumerate(_shapes(by_id[field_id], told)):
                text, number, ms = shape
                time = None if ms is None else stamp(ms)
                rows.append(
                    (customer, field_id, position, text, number, time, told.source, stamp(told.at))
                )
    execute(
        f"DELETE FROM pool_fieldvalue WHERE {among('customer_id')} AND {among('field_id')}",  # noqa: S608
        listed(customer_ids),
        listed(by_id),
    )
    insert_rows(FieldValue, _COLUMNS, rows)


def _shapes(field: FieldInfo, told: Told) -> list[tuple[str, float | None, int | None]]:
    """(text, number, time in ms) of each element."""
    value = told.value
    if field.type == "choices":
        return [(element, None, None) for element in value]
    if field.type == "bool":
        return [("true" if value else "false", float(value), None)]
    if field.type in {"number", "integer"}:
        return [(msgspec.json.encode(value).decode(), float(value), None)]
    if field.type == "date":
        return [(value, None, to_ms(datetime.fromisoformat(value).replace(tzinfo=SHANGHAI)))]
    if field.type == "datetime":
        return [(value, None, to_ms(datetime.fromisoformat(value)))]
    return [(value, None, None)]


def value_of(field: FieldInfo, texts: Sequence[str]) -> Any:
    """The value as it was told, from the texts of its rows."""
    if field.type == "choices":
        return list(texts)
    if field.type in {"number", "integer", "bool"}:
        return msgspec.json.decode(texts[0])
    return texts[0]
