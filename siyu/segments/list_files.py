"""Rows of an uploaded or pasted list, one at a time, whatever wrote it: CSV, GBK, Excel, text."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from siyu.kernel.errors import Refused

MAX_BYTES = 256 << 20
MAX_UNPACKED = 200 << 20
MAX_RATIO = 100
FREE_BYTES = 1 << 20
MAX_CELLS = 200
MAX_CELL = 1_000
LOST_DIGITS = 1e15
BLOCK = 1 << 20
DELIMITERS = (",", "\t", ";", "|")
_PIECES = re.compile(r"[\s,;、\uff0c\uff1b]+")
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Line:
    """Cells of a line; `number` is the line of the file, or the row of the sheet, from 1."""

    number: int
    cells: list[str]


def read_lines(file: IO[bytes]) -> Iterator[Line]:
    """The lines that hold something. Refused when the file is empty, too large or unreadable.

    Text is read piece by piece, so memory does not grow with the file; a workbook is read whole,
    and is at most 200 MB unpacked.
    """
    file.seek(0, io.SEEK_END)
    if file.tell() > MAX_BYTES:
        raise Refused("list.too_large", "文件超过 256 MB, 请拆分后上传", field="file")
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    lines = _excel_lines(file) if start.startswith(_EXCEL) else _text_lines(file)
    is_empty = True
    for line in lines:
        if any(line.cells):
            is_empty = False
            yield line
    if is_empty:
        raise Refused("list.empty", "文件是空的", field="file")


def pasted_lines(text: str) -> Iterator[Line]:
    """One value each: separated by lines, blanks, commas or semicolons, Chinese ones too."""
    pieces = [
        Line(number, [piece[:MAX_CELL]])
        for number, line in enumerate(text.splitlines(), start=1)
        for piece in _PIECES.split(line)
        if piece
    ]
    if not pieces:
        raise Refused("list.empty", "没有粘贴任何内容", field="text")
    yield from pieces


def _text_lines(file: IO[bytes]) -> Iterator[Line]:
    encoding = _encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Unclosed(file)), encoding, newline="")
    number = 0
    try:
        reader = csv.reader(text, delimiter=_delimiter(text))
        for row in reader:
            number = reader.line_num
            yield Line(number, [cell.strip()[:MAX_CELL] for cell in row[:MAX_CELLS]])
    except csv.Error as error:
        reason = f"第 {number + 1} 行读不出 (引号没有闭合?)"
        raise Refused("list.csv", reason, field="file") from error
    except UnicodeError as error:
        reason = f"第 {number + 1} 行附近有无法解码的字节 (已按 {encoding} 尝试)"
        raise Refused("list.encoding", reason, field="file") from error


def _delimiter(text: io.TextIOWrapper) -> str:
    """The delimiter that appears most often in the first line, outside quotes."""
    outside = "".join(text.readline(BLOCK).split('"')[::2])
    text.seek(0)
    return max(DELIMITERS, key=outside.count)


def _encoding(file: IO[bytes]) -> str:
    """By the byte order mark, else UTF-8 when all of it is, else GB18030."""
    start = file.read(4096)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\x00" in start:
        raise Refused("list.binary", "这不是文本表格 (含有零字节)", field="file")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(start)
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


class _Unclosed(io.RawIOBase):
    """A file as text wants it, without closing it when the text is thrown away."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _excel_lines(file: IO[bytes]) -> Iterator[Line]:
    from python_calamine import CalamineError, CalamineWorkbook

    _check_archive(file)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        sheet = book.get_sheet_by_index(0)
        start = (sheet.start or (0, 0))[0]
        for number, row in enumerate(sheet.iter_rows(), start=start + 1):
            yield Line(number, [_cell(value) for value in row[:MAX_CELLS]])
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise Refused("list.excel", "Excel 文件读不出", field="file") from error


def _check_archive(file: IO[bytes]) -> None:
    if file.read(2) != b"PK":
        return
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise Refused("list.excel", "Excel 文件读不出", field="file") from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    is_bomb = unpacked > FREE_BYTES and unpacked > MAX_RATIO * packed
    if unpacked > MAX_UNPACKED or is_bomb:
        raise Refused("list.bomb", "Excel 解压后过大, 请拆分或另存为 CSV", field="file")


def _cell(value: object) -> str:
    """A number that Excel rounded has lost digits: it becomes a mark that finds nobody."""
    if isinstance(value, float):
        if abs(value) >= LOST_DIGITS:
            return f"{value:.3e}"
        return str(int(value)) if value.is_integer() else str(value)
    return str(value).strip()[:MAX_CELL] if value is not None else ""
