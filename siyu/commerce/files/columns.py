"""Columns by their distinct values: each value is parsed once, however often it appears."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from siyu.core.tabular.parse import clean_text
from siyu.core.tabular.tables import RefusedRow
from siyu.kernel.errors import Refused

Value = TypeVar("Value")
Parsed = TypeVar("Parsed")
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NOTHING = np.iinfo(np.int64).min
"""Stands for "no value" in integer columns."""


@dataclass(frozen=True)
class Coded(Generic[Value]):
    """`values[codes[i]]` is the value of row i; None where the cell is empty or refused."""

    codes: Ints
    values: list[Value | None]

    def ints(self) -> Ints:
        """The values as integers, `NOTHING` for None."""
        table = [NOTHING if value is None else value for value in self.values]
        return np.array(table, dtype=np.int64)[self.codes]

    def is_there(self) -> Flags:
        return np.array([value is not None for value in self.values], dtype=bool)[self.codes]


@dataclass
class Refusals:
    """Rows found bad so far, the first reason of each row kept."""

    rows: Ints
    bad: Flags
    found: dict[int, Refused] = field(default_factory=dict)

    def add(self, mask: Flags, refusal: Refused) -> None:
        """Refuse the rows of the mask that are not refused yet."""
        for index in np.flatnonzero(mask & ~self.bad):
            self.found[int(index)] = refusal
        self.bad |= mask

    def listed(self, sample: Callable[[int], str]) -> list[RefusedRow]:
        """All refused rows with number, code, reason and a sample of the row."""
        return [
            RefusedRow(int(self.rows[index]), refusal.code, refusal.reason, sample(index))
            for index, refusal in sorted(self.found.items())
        ]


def code_text(column: pa.Array) -> Coded[str]:
    """The cleaned text of a column; equal texts have equal codes."""
    encoded = column.dictionary_encode()
    cleaned = [clean_text(value) for value in encoded.dictionary.to_pylist()]
    place: dict[str, int] = {}
    remap = np.array([place.setdefault(text, len(place)) for text in cleaned], dtype=np.int64)
    codes = remap[encoded.indices.to_numpy(zero_copy_only=False)] if cleaned else _no_codes()
    return Coded(codes, [text or None for text in place])


def parse_values(
    column: Coded[str], parse: Callable[[str], Parsed], refusals: Refusals | None
) -> Coded[Parsed]:
    """Every distinct value parsed; those refused become None and refuse their rows, if asked."""
    values: list[Parsed | None] = []
    wrong: list[tuple[int, Refused]] = []
    for code, text in enumerate(column.values):
        try:
            values.append(None if text is None else parse(text))
        except Refused as refusal:
            values.append(None)
            wrong.append((code, refusal))
    if refusals is not None:
        for reason in _reasons(wrong):
            codes = [code for code, each in wrong if _same(each, reason)]
            refusals.add(np.isin(column.codes, codes), reason)
    return Coded(column.codes, values)


def unify(column: Coded[str]) -> Coded[str]:
    """The same column with equal values under one code: `17850.0` and `17850` after parsing."""
    place: dict[str | None, int] = {}
    remap = np.array([place.setdefault(v, len(place)) for v in column.values], dtype=np.int64)
    return Coded(remap[column.codes], list(place))


def empty_column(size: int) -> Coded[str]:
    """A column the file does not have."""
    return Coded(np.zeros(size, dtype=np.int64), [None])


def _reasons(wrong: Sequence[tuple[int, Refused]]) -> list[Refused]:
    return list({(each.code, each.reason): each for _, each in wrong}.values())


def _same(one: Refused, other: Refused) -> bool:
    return (one.code, one.reason) == (other.code, other.reason)


def _no_codes() -> Ints:
    return np.zeros(0, dtype=np.int64)
