"""Excel files: checked for bombs, then read as text, ids without lost digits."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from siyu.core.tabular.tables import Likeness, Table, check_header, clean_header
from siyu.core.tabular.text import MAX_BYTES
from siyu.kernel.errors import Refused

MAX_UNPACKED = 200 << 20
MAX_RATIO = 100
MAX_ENTRIES = 2_000
FREE_BYTES = 1 << 20
"""Tiny workbooks may compress well; the ratio counts above this many bytes."""
LOST_DIGITS = 1e15
HEADER_WITHIN = 10


def read_excel(path: Path, likeness: Likeness) -> Table:
    """The sheet whose header looks most like what is wanted. Macros, links and formulas are never run."""
    if path.stat().st_size > MAX_BYTES:
        raise Refused("import.too_large", "文件超过 1 GiB, 请拆分后导入", field="file")
    raw = path.read_bytes()
    if raw.startswith(b"PK"):
        check_archive(raw)
    sheets = _read_sheets(raw, likeness)
    name, (start, header, rows) = max(sheets.items(), key=lambda item: likeness(item[1][1]))
    width = len(header)
    cells = [[_text(cell) for cell in (*row, *([""] * width))[:width]] for row in rows]
    columns = [pa.array([row[place] for row in cells], pa.string()) for place in range(width)]
    numbers = np.arange(start + 2, start + 2 + len(cells), dtype=np.int64)
    return Table(
        header, columns, numbers, hashlib.sha256(raw).hexdigest(), {"类型": "Excel", "工作表": name}
    )


def check_archive(raw: bytes) -> None:
    """Refused when the zip unpacks to more than 200 MB or 100 times its size, or lies."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
                raise Refused("import.bomb", "Excel 解压后超过 200 MB, 请拆分", field="file")
            if len({entry.filename for entry in entries}) != len(entries):
                raise Refused("import.archive", "Excel 文件内有重名条目", field="file")
            if any(_is_bomb(entry) for entry in entries):
                raise Refused("import.bomb", "压缩比异常, 拒绝解压", field="file")
            for entry in entries:
                _read_through(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise Refused("import.archive", "Excel 文件损坏", field="file") from error
    except RuntimeError as error:
        raise Refused("import.password", "文件有密码, 请先去掉密码", field="file") from error


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > FREE_BYTES and entry.file_size > entry.compress_size * MAX_RATIO


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack once: an entry whose declared size is a lie fails its checksum here."""
    with archive.open(entry) as file:
        while file.read(1 << 20):
            pass


Sheet = tuple[int, list[str], list[list[Any]]]


def _read_sheets(raw: bytes, likeness: Likeness) -> dict[str, Sheet]:
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(raw))
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except CalamineError as error:
        code = "import.password" if "assword" in str(error) else "import.archive"
        raise Refused(code, f"Excel 无法打开: {error}", field="file") from error
    found = {name: _split_header(rows, likeness) for name, rows in sheets.items() if rows}
    usable = {name: sheet for name, sheet in found.items() if sheet is not None}
    if not usable:
        raise Refused("import.empty", "Excel 里没有表头", field="file")
    return usable


def _split_header(rows: list[list[Any]], likeness: Likeness) -> Sheet | None:
    """The row among the first ten that names most fields, as the header."""
    heads = [[clean_header(_text(cell)) for cell in row] for row in rows[:HEADER_WITHIN]]
    usable = [place for place, head in enumerate(heads) if any(head)]
    if not usable:
        return None
    best = max(usable, key=lambda place: (likeness(heads[place]), -place))
    header = heads[best]
    while header and not header[-1]:
        header.pop()
    return best, check_header(header), rows[best + 1 :]


def _text(cell: Any) -> str:
    """A cell as text: whole floats without `.0`, lost digits left visible as 1.2E+17."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _number(value: float) -> str:
    if abs(value) >= LOST_DIGITS:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else repr(value)
