"""Whole columns of cells to values: times, JSON texts, yes and no. Vectorised, exact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from siyu.core.tabular.parse import FIRST_YEAR, DateOrder, detect_date_order, parse_time
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Wrong = dict[int, Refused]
NOTHING = np.iinfo(np.int64).min
_ISO = r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9]$"
_EPOCH_MS = r"^1[0-9]{12}$"
_NUMBER = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$"
_ESCAPED = r'["\\\x00-\x1f]'


def read_times(
    texts: pa.Array, *, zone: str, order: DateOrder | None, now: datetime
) -> tuple[Ints, Wrong]:
    """Milliseconds of every cell (`NOTHING` when empty), and the cells that are no time.

    Naive times are of `zone`. Times before 1990 and after tomorrow are refused.
    """
    found = np.full(len(texts), NOTHING)
    rest = ~flags(pc.equal(texts, ""))
    is_iso = rest & flags(pc.match_substring_regex(texts, _ISO))
    quick = _iso(texts.filter(pa.array(is_iso)), zone) if is_iso.any() else None
    if quick is not None:
        found[is_iso] = quick
        rest &= ~is_iso
    is_epoch = rest & flags(pc.match_substring_regex(texts, _EPOCH_MS))
    if is_epoch.any():
        found[is_epoch] = texts.filter(pa.array(is_epoch)).cast(pa.int64()).to_numpy()
        rest &= ~is_epoch
    wrong = _one_by_one(texts, np.flatnonzero(rest), found, zone=zone, order=order)
    first = to_ms(datetime(FIRST_YEAR, 1, 1, tzinfo=now.tzinfo))
    last = to_ms(now + timedelta(days=1))
    outside = (found != NOTHING) & ((found < first) | (found > last))
    out_of_range = Refused("import.date_range", "日期早于 1990 年或在未来", field="at")
    wrong |= dict.fromkeys(np.flatnonzero(outside).tolist(), out_of_range)
    return found, wrong


def _iso(texts: pa.Array, zone: str) -> Ints | None:
    """None when one of them is no day of the calendar."""
    try:
        naive = texts.cast(pa.timestamp("ms"))
        aware = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="latest")
        return np.asarray(aware.cast(pa.int64()).to_numpy())
    except pa.ArrowInvalid:
        return None


def _one_by_one(
    texts: pa.Array, rows: Ints, found: Ints, *, zone: str, order: DateOrder | None
) -> Wrong:
    if not len(rows):
        return {}
    cells = texts.take(pa.array(rows)).to_pylist()
    told_order = order or detect_date_order(cells)
    local, wrong = ZoneInfo(zone), {}
    known: dict[str, int | Refused] = {}
    for row, cell in zip(rows.tolist(), cells, strict=True):
        if cell not in known:
            try:
                known[cell] = to_ms(parse_time(cell, told_order, local))
            except Refused as refusal:
                known[cell] = Refused(refusal.code, refusal.reason, field="at")
        answer = known[cell]
        if isinstance(answer, Refused):
            wrong[row] = answer
        else:
            found[row] = answer
    return wrong


def each_text(texts: pa.Array, read: Callable[[str], str]) -> list[str]:
    """`read` of every filled cell, once per distinct value; "" stays ""."""
    codes = texts.dictionary_encode()
    told = [read(text) if text else "" for text in codes.dictionary.to_pylist()]
    return [told[code] for code in codes.indices.to_pylist()]


def json_texts(texts: pa.Array) -> list[str]:
    """Cells as JSON strings, "" for empty ones."""
    return each_text(texts, lambda text: msgspec.json.encode(text).decode())


def json_values(texts: pa.Array) -> pa.Array:
    """Cells as JSON: numbers where the whole column is numbers, else strings; "" for empty."""
    filled = texts.filter(pc.not_equal(texts, ""))
    if len(filled) and pc.all(pc.match_substring_regex(filled, _NUMBER)).as_py():
        return texts
    if not pc.any(pc.match_substring_regex(texts, _ESCAPED)).as_py():
        quoted = pc.binary_join_element_wise('"', texts, '"', "")
        return pc.if_else(pc.equal(texts, ""), "", quoted)
    return pa.array(json_texts(texts), pa.string())


def json_objects(columns: dict[str, pa.Array]) -> pa.Array:
    """One JSON object a row out of columns of JSON values; empty values are left out."""
    size = len(next(iter(columns.values())))
    parts = []
    for name, values in columns.items():
        head = "," + msgspec.json.encode(name).decode() + ":"
        told = pc.binary_join_element_wise(head, values, "")
        parts.append(pc.if_else(pc.equal(values, ""), "", told))
    body = pc.binary_join_element_wise(*parts, "") if parts else pa.array([""] * size)
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(body, start=1), "}", "")


def flags(column: pa.Array) -> Flags:
    """A boolean column for numpy."""
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=bool)
