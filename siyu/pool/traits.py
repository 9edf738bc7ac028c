"""Traits: what is known of a person, per identity, latest by event time.

Plain values take the fast way: one upsert. Steps (`trait_mode`, see `trait_steps.py`) and the
plain values of fields that have steps are folded in order of event time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from siyu.core.pipeline import Seen
from siyu.pool import profile
from siyu.pool.fields import observing
from siyu.pool.models import Trait
from siyu.pool.rows import among, fetch, insert_rows, listed, ms_of, stamper
from siyu.pool.trait_steps import (
    MAX_VALUE,
    MODES,
    NOTHING,
    SET,
    UNSET,
    Base,
    History,
    Step,
)

MAX_FIELDS = 100
_COLUMNS = ("customer_id", "identity_id", "field", "value", "source", "at", "steps")
LATEST_WINS = (
    "(identity_id, field) DO UPDATE SET value = excluded.value, source = excluded.source,"
    " at = excluded.at WHERE excluded.at > pool_trait.at"
    " OR (excluded.at = pool_trait.at AND (excluded.value, excluded.source)"
    " > (pool_trait.value, pool_trait.source))"
)
REPLACE = (
    "(identity_id, field) DO UPDATE SET value = excluded.value, source = excluded.source,"
    " at = excluded.at, steps = excluded.steps"
)
Key = tuple[int, str]


def record_traits(people: Sequence[Seen]) -> None:
    """Keep the traits of these facts; of equal times the greater value stays.

    What is said of a custom field becomes an observation of it instead.
    """
    custom = observing.record_facts(people)
    words: dict[Key, list[Step]] = defaultdict(list)
    homes: dict[int, int] = {}
    for seen in people:
        if not seen.fact.traits or seen.identity_id is None or seen.customer_id is None:
            continue
        homes[seen.identity_id] = seen.customer_id
        for field, word in _words(seen):
            if field not in custom:
                words[seen.identity_id, field].append(word)
    if words:
        _write(words, homes)


def _words(seen: Seen) -> Iterator[tuple[str, Step]]:
    fact = seen.fact
    told = fact.properties.get("trait_mode")
    mode = told if told in MODES else SET
    for field, value in list(fact.traits.items())[:MAX_FIELDS]:
        text = NOTHING if told == UNSET else _encode(value)
        if text is not None and 0 < len(field) <= 64 and "\x00" not in field:
            yield field, Step(fact.at, fact.source[:160], fact.message_id, mode, text)


def _write(words: dict[Key, list[Step]], homes: dict[int, int]) -> None:
    grown = _with_steps(homes)
    plain: list[tuple[Any, ...]] = []
    folded: list[tuple[Any, ...]] = []
    stamp = stamper()
    stepwise = [
        key for key, told in words.items() if key in grown or any(w.mode != SET for w in told)
    ]
    histories = _histories(stepwise)
    for key, told in words.items():
        identity, field = key
        history = histories.get(key)
        if history is None:
            at, text, source = max((word.at, word.value, word.source) for word in told)
            plain.append((homes[identity], identity, field, text, source, stamp(at), ""))
            continue
        history.take(told)
        first = history.steps[0] if history.steps else told[0]
        now = history.now() or Base(first.at, NOTHING, first.source)
        kept = msgspec.json.encode(history).decode() if history.steps else ""
        folded.append(
            (homes[identity], identity, field, now.value, now.source, stamp(now.at), kept)
        )
    insert_rows(Trait, _COLUMNS, plain, on_conflict=LATEST_WINS)
    insert_rows(Trait, _COLUMNS, folded, on_conflict=REPLACE)
    named = {row[0] for row in (*plain, *folded) if row[2] in profile.NAME_FIELDS}
    if named:
        profile.refresh_names(named)


def _with_steps(identities: Iterable[int]) -> set[Key]:
    sql = (
        "SELECT identity_id, field FROM pool_trait"  # noqa: S608 - no value in the text
        f" WHERE NOT (steps = '') AND {among('identity_id')}"
    )
    return {(row[0], row[1]) for row in fetch(sql, listed(identities))}


def _histories(keys: list[Key]) -> dict[Key, History]:
    """What is stored of these fields, for folding."""
    if not keys:
        return {}
    found = {key: History() for key in keys}
    sql = (
        "SELECT identity_id, field, value, source, at, steps FROM pool_trait"  # noqa: S608
        f" WHERE {among('identity_id')}"
    )
    for identity, field, value, source, at, steps in fetch(sql, listed({k[0] for k in keys})):
        if (identity, field) in found:
            found[identity, field] = (
                msgspec.json.decode(steps, type=History)
                if steps
                else History(Base(ms_of(at), value, source))
            )
    return found


def _encode(value: Any) -> str | None:
    """JSON text, or None for what is empty, too long or not JSON."""
    if value is None or value == "":
        return None
    try:
        text = msgspec.json.encode(value, order="sorted").decode()
    except (TypeError, ValueError):
        return None
    return text if len(text) <= MAX_VALUE and "\\u0000" not in text else None
