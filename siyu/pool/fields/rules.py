"""Which of all observations is a field's value: pure, and the same in whatever order they came.

Words are read in order of event time. A plain value stands for itself; a step (`set_once`,
`increment`, `append`) makes a value of the one before; "nothing" (`unset`) takes away every word
up to its time. The field's rule then picks:

- `latest`: the last value by event time; `first`: the first;
- `priority`: the last value of the source named earliest in the list (unnamed ones come last);
- `max`, `min`: the greatest or smallest value ever told;
- `union`: every choice ever told.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import msgspec

from siyu.kernel.errors import Refused
from siyu.pool.fields.types import FIRST, MAX, MIN, PRIORITY, UNION, FieldInfo, Observed, Told
from siyu.pool.fields.values import in_order, parse_value

SET, UNSET = "set", "unset"
STEPS = ("set_once", "increment", "append")
RANKS = {SET: 0, UNSET: 1} | dict.fromkeys(STEPS, 2)


def settle(field: FieldInfo, observed: Iterable[Observed]) -> Told | None:
    """The value of now; None when nothing is known."""
    told = _timeline(field, observed)
    if not told:
        return None
    if field.rule == FIRST:
        return told[0]
    if field.rule == PRIORITY:
        return max(enumerate(told), key=lambda one: (-_rank(field, one[1].source), one[0]))[1]
    if field.rule == MAX:
        return max(told, key=lambda one: one.value)
    if field.rule == MIN:
        return min(told, key=lambda one: one.value)
    return _united(field, told) if field.rule == UNION else told[-1]


def _timeline(field: FieldInfo, observed: Iterable[Observed]) -> list[Told]:
    """Every value the field ever had since it was last taken away."""
    told: list[Told] = []
    for word in sorted(observed):
        if word.mode == UNSET:
            told.clear()
            continue
        before = told[-1].value if told else None
        after = _apply(field, word.mode, before, msgspec.json.decode(word.value))
        if after is not None and (word.mode == SET or after != before):
            told.append(Told(after, word.source, word.at))
    return told


def _apply(field: FieldInfo, mode: str, before: Any, value: Any) -> Any:
    """The value after a word, None when the word does not fit."""
    if mode == SET or before is None:
        return value
    if mode == "set_once":
        return before
    after = in_order(field, {*before, *value}) if mode == "append" else before + value
    with suppress(Refused):
        return parse_value(field, after)
    return None


def _rank(field: FieldInfo, source: str) -> int:
    """The place of the first entry of `sources` that is the source or its beginning before `:`."""
    for place, name in enumerate(field.sources):
        if source == name or source.startswith(f"{name}:"):
            return place
    return len(field.sources)


def _united(field: FieldInfo, told: list[Told]) -> Told:
    chosen: set[str] = set()
    last = told[0]
    for one in told:
        if not chosen.issuperset(one.value):
            chosen.update(one.value)
            last = one
    return Told(in_order(field, chosen), last.source, last.at)
