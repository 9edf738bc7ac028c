"""Cells of exported tables: text that a spreadsheet would run as a formula is disarmed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

Cell = str | int | float | bool | datetime | None
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
BOM = "\ufeff"
ROWS_AT_ONCE = 500


def safe_cell(value: Cell) -> str | int | float:
    """The cell as it is written: numbers stay numbers, dangerous text starts with `'`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    text = value.isoformat() if isinstance(value, datetime) else value
    return f"'{text}" if text.lstrip(" \u3000").startswith(_STARTS) else text


def stream_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """CSV text in pieces, with a BOM so that Excel reads UTF-8; text cells are quoted."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    buffer.write(BOM)
    writer.writerow([safe_cell(name) for name in header])
    for count, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell) for cell in row])
        if count % ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()
