"""Files as people have them, made on the spot."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from siyu.commerce.files.assemble import Assembled, assemble
from siyu.commerce.files.formats import (
    ColumnMapping,
    check_mapping,
    guess_mapping,
    read_order_table,
)

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
OWN = "order_no,placed_at,customer_no,amount\n"


def write(folder: Path, content: str | bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_orders(path: Path, **changes: Any) -> Assembled:
    """The orders in a file under the guessed mapping."""
    import msgspec

    table = read_order_table(path)
    mapping: ColumnMapping = msgspec.structs.replace(guess_mapping(table.header), **changes)
    check_mapping(mapping, table.header)
    return assemble(table, mapping, now=NOW)


def write_excel(path: Path, sheets: dict[str, list[Any]]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        dated = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(y, x, cell, dated)
                    else:
                        sheet.write(y, x, cell)
    return path


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()
