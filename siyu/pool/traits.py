"""Traits: what is known of a person, per identity, latest by event time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from siyu.core.pipeline import Seen
from siyu.pool import profile
from siyu.pool.models import Trait
from siyu.pool.rows import insert_rows, stamper

MAX_FIELDS = 100
MAX_VALUE = 8192
_COLUMNS = ("customer_id", "identity_id", "field", "value", "source", "at")
LATEST_WINS = (
    "(identity_id, field) DO UPDATE SET value = excluded.value, source = excluded.source,"
    " at = excluded.at WHERE excluded.at > pool_trait.at"
    " OR (excluded.at = pool_trait.at AND (excluded.value, excluded.source)"
    " > (pool_trait.value, pool_trait.source))"
)


def record_traits(people: Iterable[Seen]) -> None:
    """Keep the traits of these facts; of equal times the greater value stays."""
    latest: dict[tuple[int, str], tuple[int, str, str, int]] = {}
    for seen in people:
        fact = seen.fact
        if not fact.traits or seen.identity_id is None or seen.customer_id is None:
            continue
        for field, value in list(fact.traits.items())[:MAX_FIELDS]:
            text = _encode(value)
            if text is None or not 0 < len(field) <= 64 or "\x00" in field:
                continue
            key = (seen.identity_id, field)
            told = (fact.at, text, fact.source[:160], seen.customer_id)
            latest[key] = max(latest[key], told) if key in latest else told
    _write(latest)


def _write(latest: dict[tuple[int, str], tuple[int, str, str, int]]) -> None:
    stamp = stamper()
    rows = [
        (customer, identity, field, text, source, stamp(at))
        for (identity, field), (at, text, source, customer) in latest.items()
    ]
    insert_rows(Trait, _COLUMNS, rows, on_conflict=LATEST_WINS)
    named = {row[0] for row in rows if row[2] in profile.NAME_FIELDS}
    if named:
        profile.refresh_names(named)


def _encode(value: Any) -> str | None:
    """JSON text, or None for what is empty, too long or not JSON."""
    if value is None or value == "":
        return None
    try:
        text = msgspec.json.encode(value, order="sorted").decode()
    except (TypeError, ValueError):
        return None
    return text if len(text) <= MAX_VALUE and "\\u0000" not in text else None
