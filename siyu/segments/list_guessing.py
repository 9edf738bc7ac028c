"""Which column of a list names people, and by what: told from names, shapes and the pool."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice

from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.kernel.phones import normalise_phone
from siyu.pool.lookups import count_namespaces, match_customers
from siyu.pool.masking import mask_identity
from siyu.segments.list_files import Line
from siyu.segments.list_types import BY_ID, ColumnGuess, Inspection, ListSource

SAMPLE = 200
SHOWN = 3
COLUMNS = 30
_NUMBER = re.compile(r"\d{1,18}")
_ID_HEADER = re.compile(r"^(customer[_ ]?id|客户号|客户 ?id|客户编号|siyu[_ ]?id)$", re.IGNORECASE)
PHONE = "phone"


def inspect_source(source: ListSource) -> Inspection:
    """Guess from the first 200 lines."""
    lines = list(islice(source.lines(), SAMPLE))
    header, body = split_header(lines)
    width = min(COLUMNS, max(len(line.cells) for line in lines))
    columns = [_guess(index, header, body) for index in range(width)]
    best = max(columns, key=_weight)
    return Inspection(columns, best.index if best.kind else None)


def split_header(lines: Sequence[Line]) -> tuple[list[str], Sequence[Line]]:
    """A first line without any digit is a header."""
    if is_header(lines[0]):
        return lines[0].cells, lines[1:]
    return [], lines


def is_header(line: Line) -> bool:
    return not any(char.isdigit() for cell in line.cells for char in cell)


def _guess(index: int, header: list[str], body: Sequence[Line]) -> ColumnGuess:
    name = header[index] if index < len(header) else ""
    told = [line.cells[index] for line in body if index < len(line.cells)]
    values = [cell for cell in told if cell]
    kind, known = _kind(name, values)
    sample = [mask_identity(kind, value) for value in values[:SHOWN]]
    return ColumnGuess(index, name, sample, kind, known, len(values))


def _kind(name: str, values: list[str]) -> tuple[str, int]:
    numbers = {int(value) for value in values if _NUMBER.fullmatch(value)}
    if _ID_HEADER.match(name):
        return BY_ID, len(match_customers(numbers))
    phones = set()
    for value in values:
        with suppress(Refused):
            phones.add(normalise_phone(value))
    if values and len(phones) * 2 >= len(set(values)):
        return PHONE, count_namespaces(phones).get(PHONE, 0)
    known = {
        namespace: count
        for namespace, count in count_namespaces(set(values)).items()
        if namespace in {rule.name for rule in runtime().namespaces}
    }
    if known:
        kind = max(known, key=lambda namespace: known[namespace])
        return kind, known[kind]
    if values and len(numbers) * 2 >= len(set(values)) and (found := match_customers(numbers)):
        return BY_ID, len(found)
    return "", 0


def _weight(column: ColumnGuess) -> tuple[bool, bool, int]:
    """A bare number may be a row number, so it yields to everything that is told apart better."""
    is_sure = column.kind != BY_ID or bool(_ID_HEADER.match(column.name))
    return bool(column.kind), is_sure, column.known
