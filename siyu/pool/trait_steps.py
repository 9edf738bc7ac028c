"""Traits that grow step by step: 神策's `profile_set_once`, `increment`, `append`, `unset`.

A trait's value is its base (the latest plain value, or an `unset`, which is the plain value
"nothing") and, in order of event time, the steps since then:

- `set_once` gives a value where there is none;
- `increment` adds a number to a number, or to nothing;
- `append` adds elements to a list, or to nothing; every element is kept once;
- a step that does not fit the value (a number to a text) changes nothing.

Steps are kept with the row, so facts may arrive in any order: a late step takes its place, a
late plain value replaces the steps before it. One message's step is kept once. A row keeps its
latest 64 steps; older ones become the base for good, and what arrives earlier than that base is
ignored. Steps count per identity (the best one of the fact), like all traits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

SET, UNSET = "set", "unset"
MODES = frozenset(("set_once", "increment", "append"))
MAX_STEPS = 64
MAX_VALUE = 8192
NOTHING = "null"


class Step(NamedTuple):
    """One word about one field. `value` is JSON; plain words have mode `set`."""

    at: int
    source: str
    message_id: str
    mode: str
    value: str


class Base(NamedTuple):
    """The plain value steps start from; it orders like the rows do."""

    at: int
    value: str
    source: str


class History(msgspec.Struct, array_like=True):
    """What a row keeps beside its value."""

    base: Base | None = None
    steps: list[Step] = []

    def take(self, words: Iterable[Step]) -> None:
        """Let words take their places, whatever their order."""
        known = {step[:4] for step in self.steps}
        for word in words:
            if word.mode == SET:
                told = Base(word.at, word.value, word.source)
                self.base = told if self.base is None else max(self.base, told)
            elif word[:4] not in known:
                known.add(word[:4])
                self.steps.append(word)
        since = self.base.at if self.base else 0
        self.steps = sorted(step for step in self.steps if step.at >= since)
        self._settle()

    def now(self) -> Base | None:
        """The value of now, when and by whom it was told; None when nothing was."""
        return _fold(self.base, self.steps)

    def _settle(self) -> None:
        count = len(self.steps) - MAX_STEPS
        if count > 0:
            self.base = _fold(self.base, self.steps[:count])
            self.steps = self.steps[count:]


def _fold(base: Base | None, steps: Iterable[Step]) -> Base | None:
    for step in steps:
        before = msgspec.json.decode(base.value) if base else None
        after = _apply(step.mode, before, msgspec.json.decode(step.value))
        if after == before:
            continue
        text = msgspec.json.encode(after, order="sorted").decode()
        if len(text) <= MAX_VALUE:
            base = Base(step.at, text, step.source)
    return base


def _apply(mode: str, before: Any, value: Any) -> Any:
    if mode == "set_once":
        return value if before is None else before
    if mode == "increment":
        start = 0 if before is None else before
        return start + value if _is_number(start) and _is_number(value) else before
    added = value if isinstance(value, list) else [value]
    if before is not None and not isinstance(before, list):
        return before
    kept = list(before or ())
    for element in added:
        if element not in kept:
            kept.append(element)
    return kept


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
