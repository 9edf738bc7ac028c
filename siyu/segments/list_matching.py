"""Lines of a list to people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.pool.lookups import Person, match_customers, match_values
from siyu.pool.masking import mask_identity
from siyu.segments.list_types import BY_ID, ListChoice, Miss

MAX_ID = 2**63 - 1


@dataclass
class Found:
    """people: identity id → customer id. matched: lines that named one of them."""

    people: dict[int, int] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)
    matched: int = 0


def match_lines(lines: Iterable[tuple[int, list[str]]], choice: ListChoice) -> Found:
    """Who each line names; by one query for all of them."""
    found = Found()
    keys: list[tuple[int, str, str | int]] = []
    for number, cells in lines:
        told = cells[choice.column] if choice.column < len(cells) else ""
        try:
            keys.append((number, told, _key(choice.kind, told)))
        except Refused as error:
            found.misses.append(Miss(number, error.code, shown_of(choice.kind, told)))
    people = _people(choice.kind, {key for _, _, key in keys})
    for number, told, key in keys:
        person = people.get(key)
        if person is not None:
            found.people[person[1]] = person[0]
            found.matched += 1
        else:
            code = "list.ambiguous" if key in people else "list.unmatched"
            found.misses.append(Miss(number, code, shown_of(choice.kind, told)))
    found.misses.sort(key=lambda miss: miss.line)
    return found


def check_kind(kind: str) -> str:
    """The kind; Refused when nobody declares such a namespace."""
    if kind != BY_ID:
        runtime().namespaces.get(kind)
    return kind


def shown_of(kind: str, told: str) -> str:
    """A value as reports show it."""
    return told[:20] if kind == BY_ID else mask_identity(kind, told)[:64]


def _key(kind: str, told: str) -> str | int:
    if not told:
        raise Refused("list.blank", "这一行没有值", field=kind)
    if kind != BY_ID:
        return runtime().namespaces.identity(kind, told).value
    text = told.removeprefix("#")
    if not (text.isascii() and text.isdigit()) or not 0 < int(text[:20]) <= MAX_ID:
        raise Refused("list.number", "这不是客户号", field=kind)
    return int(text)


def _people(kind: str, keys: set[str | int]) -> Mapping[Any, Person | None]:
    if kind == BY_ID:
        return match_customers(key for key in keys if isinstance(key, int))
    return match_values(kind, (key for key in keys if isinstance(key, str)))
