"""A file of any size as batches of text columns: CSV, Excel and Parquet, memory flat.

Batches have a fixed number of rows counted from the start of the file, so that a reader who
stopped after row n goes on exactly there, with the same batches as if nothing had happened.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from siyu.core.tabular.survey import Survey, survey, unpacked
from siyu.core.tabular.tables import (
    MAX_HEADER,
    Likeness,
    RefusedRow,
    RowNumbers,
    check_header,
    clean_header,
    filled,
    read_header,
    sniff_delimiter,
)
from siyu.kernel.errors import Refused

READ_BYTES = 4 << 20
MAX_GROUP_BYTES = 2 << 30
_SHOWN = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线"}
_BLANKS = " \t\r\n\ufeff\u3000"


@dataclass(frozen=True)
class Rows:
    """Some rows of a file. `columns`: text, trimmed, "" where a cell is empty.

    numbers: what a spreadsheet shows, the header being row 1. end: rows of the file up to here,
    refused ones counted: where to go on.
    """

    columns: pa.RecordBatch
    numbers: RowNumbers
    refused: list[RefusedRow]
    end: int


@dataclass
class RowFile:
    """An open file: header, how it was read, about how many rows, and the rows."""

    header: list[str]
    how: dict[str, str]
    file_hash: str
    total: int
    _read: Callable[[], Iterator[_Piece]] = field(repr=False)

    def rows(self, size: int, *, start: int = 0) -> Iterator[Rows]:
        """Batches of `size` rows after the first `start` rows."""
        return _rebatch(self._read(), self.header, size=size, start=start)


@dataclass(frozen=True)
class _Piece:
    """A part of a file as it comes. missing: positions (0 = first row) of refused rows."""

    columns: list[pa.Array]
    first: int
    refused: list[RefusedRow]
    shift: int


def open_rows(path: Path, likeness: Likeness = filled, *, known: Survey | None = None) -> RowFile:
    """The rows of a CSV, TSV, gzip, Excel or Parquet file, told apart by content."""
    found = known or survey(path)
    if found.kind == "parquet":
        return _open_parquet(path, found)
    if found.kind == "excel":
        return _open_excel(path, found, likeness)
    return _open_csv(path, found)


# --- CSV -------------------------------------------------------------------------------------


def _open_csv(path: Path, found: Survey) -> RowFile:
    with path.open("rb") as file:
        start = _start(unpacked(file, found.size), found.encoding)
    delimiter = sniff_delimiter(start)
    header, offset, skipped = read_header(start, delimiter)
    how = {"编码": found.encoding, "分隔符": _SHOWN[delimiter]}
    if found.is_gzip:
        how["压缩"] = "gzip"

    def read() -> Iterator[_Piece]:
        return _csv_pieces(path, found, header, delimiter=delimiter, offset=offset, skipped=skipped)

    return RowFile(header, how, found.file_hash, max(0, found.lines - skipped + 1), read)


def _start(blocks: Iterator[bytes], encoding: str) -> bytes:
    """The first megabyte as UTF-8, without BOM."""
    decoder = codecs.getincrementaldecoder(encoding.removesuffix("-sig"))(errors="replace")
    text = ""
    for block in blocks:
        text += decoder.decode(block)
        if len(text) >= MAX_HEADER:
            break
    return text[:MAX_HEADER].removeprefix("\ufeff").encode()


class _Bytes(io.RawIOBase):
    """A file's bytes as UTF-8 without BOM, from an offset on, for Arrow to read."""

    def __init__(self, path: Path, found: Survey, offset: int) -> None:
        self._file = path.open("rb")
        self._blocks = self._recoded(found)
        self._rest = memoryview(b"")
        self._skip = offset

    def _recoded(self, found: Survey) -> Iterator[bytes]:
        name = found.encoding.removesuffix("-sig")
        blocks = unpacked(self._file, found.size)
        if name == "utf-8" and not found.is_cut:
            first = next(blocks, b"")
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from blocks
            return
        decoder, is_first = codecs.getincrementaldecoder(name)(), True
        for block in blocks:
            text = decoder.decode(block)
            yield (text.removeprefix("\ufeff") if is_first else text).encode()
            is_first = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            if self._skip:
                block, self._skip = block[self._skip :], max(0, self._skip - len(block))
            self._rest = memoryview(block)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()


def _csv_pieces(
    path: Path, found: Survey, header: list[str], *, delimiter: str, offset: int, skipped: int
) -> Iterator[_Piece]:
    refused: list[RefusedRow] = []

    def refuse(row: Any) -> str:
        reason = f"应有 {row.expected_columns} 列, 实有 {row.actual_columns} 列"
        refused.append(RefusedRow((row.number or 0) + skipped, "import.cells", reason, ""))
        return "skip"

    names = [str(place) for place in range(len(header))]
    done = 0
    with _Bytes(path, found, offset) as source:
        try:
            reader = _csv_reader(pa.PythonFile(source, mode="r"), names, delimiter, refuse)
            held: _Piece | None = None
            for batch in reader:
                if held is not None:
                    yield held
                taken, refused[:] = list(refused), []
                held = _Piece(batch.columns, done, taken, skipped)
                done += batch.num_rows + len(taken)
            if held is not None:
                yield _without_open_quote(held) if found.has_open_quote else held
        except pa.ArrowInvalid as error:
            if "Empty CSV" in str(error):
                return
            raise Refused("import.csv", f"表格无法解析: {error}", field="file") from error
    if refused:
        yield _Piece([pa.array([], pa.string()) for _ in header], done, list(refused), skipped)


def _without_open_quote(last: _Piece) -> _Piece:
    """An unclosed quote swallows the rest of the file: its row is refused instead of taken."""
    cells = [str(column[-1].as_py()) for column in last.columns] if len(last.columns[0]) else []
    swallowed = max((cell.count("\n") for cell in cells), default=0)
    if not swallowed:
        return last
    number = int(_places(last)[-1]) + 1 + last.shift
    reason = f"引号没有闭合, 从这里到文件末尾约 {swallowed} 行无法读取"
    refused = [*last.refused, RefusedRow(number, "import.quote", reason)]
    return _Piece([column[:-1] for column in last.columns], last.first, refused, last.shift)


def _csv_reader(source: Any, names: list[str], delimiter: str, refuse: Any) -> Any:
    return pa_csv.open_csv(
        source,
        pa_csv.ReadOptions(use_threads=False, block_size=READ_BYTES, column_names=names),
        pa_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=refuse,
        ),
        pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


# --- Excel and Parquet -----------------------------------------------------------------------


def _open_excel(path: Path, found: Survey, likeness: Likeness) -> RowFile:
    from siyu.core.tabular.excel import read_excel

    table = read_excel(path, likeness)
    shift = int(table.rows[0]) - 1 if len(table.rows) else 1

    def read() -> Iterator[_Piece]:
        yield _Piece(table.columns, 0, [], shift)

    return RowFile(table.header, table.how, found.file_hash, len(table.rows), read)


def _open_parquet(path: Path, found: Survey) -> RowFile:
    try:
        file = pq.ParquetFile(path)
        meta = file.metadata
        header = check_header([clean_header(name) for name in file.schema_arrow.names])
        groups = range(meta.num_row_groups)
        largest = max((meta.row_group(g).total_byte_size for g in groups), default=0)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refused("import.parquet", "Parquet 文件损坏", field="file") from error
    if largest > MAX_GROUP_BYTES:
        raise Refused("import.bomb", "Parquet 行组过大, 请用更小的行组重新写出", field="file")

    def read() -> Iterator[_Piece]:
        done = 0
        try:
            for batch in pq.ParquetFile(path).iter_batches(batch_size=65_536):
                yield _Piece([as_text(column) for column in batch.columns], done, [], 1)
                done += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise Refused("import.parquet", "Parquet 文件损坏", field="file") from error

    return RowFile(header, {"类型": "Parquet"}, found.file_hash, meta.num_rows, read)


def as_text(column: pa.Array) -> pa.Array:
    """A typed column as the text a spreadsheet would show; times in ISO, nested values as JSON."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        import msgspec

        texts = [
            "" if cell is None else msgspec.json.encode(cell, enc_hook=str).decode()
            for cell in column.to_pylist()
        ]
        return pa.array(texts, pa.string())
    if pa.types.is_floating(kind):
        return pa.array([_number(cell) for cell in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind) and kind.tz:
        column = pc.strftime(column.cast(pa.timestamp("us", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    return pc.fill_null(column.cast(pa.string()), "")


def _number(value: float | None) -> str:
    from siyu.core.tabular.excel import LOST_DIGITS

    if value is None:
        return ""
    if abs(value) >= LOST_DIGITS:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else repr(value)


# --- batches of equal size -------------------------------------------------------------------


def _rebatch(
    pieces: Iterable[_Piece], header: Sequence[str], *, size: int, start: int
) -> Iterator[Rows]:
    """Cut pieces at every multiple of `size` rows (refused ones counted) of the file."""
    held: list[_Piece] = []
    at, end = start, start + size
    for piece in pieces:
        last = piece.first + len(piece.columns[0]) + len(piece.refused)
        if last <= start:
            continue
        held.append(piece)
        while last >= end:
            yield _cut(held, header, at, end)
            held = [held[-1]]
            at, end = end, end + size
    if held:
        last = held[-1].first + len(held[-1].columns[0]) + len(held[-1].refused)
        if last > at:
            yield _cut(held, header, at, last)


def _cut(pieces: Sequence[_Piece], header: Sequence[str], at: int, end: int) -> Rows:
    """The rows `at`..`end` of the file out of the pieces that hold them."""
    parts: list[list[pa.Array]] = []
    numbers: list[RowNumbers] = []
    refused: list[RefusedRow] = []
    for piece in pieces:
        places = _places(piece)
        low, high = np.searchsorted(places, [at, end])
        numbers.append(places[low:high] + 1 + piece.shift)
        parts.append([column[low:high] for column in piece.columns])
        first, last = at + 1 + piece.shift, end + piece.shift
        refused += [row for row in piece.refused if first <= row.row <= last]
    columns = [trimmed(pa.concat_arrays(column)) for column in zip(*parts, strict=True)]
    batch = pa.record_batch(columns, names=list(header))
    return Rows(batch, np.concatenate(numbers), refused, end)


def _places(piece: _Piece) -> RowNumbers:
    """Positions in the file of the good rows of a piece."""
    count = len(piece.columns[0]) + len(piece.refused)
    places = np.arange(piece.first, piece.first + count, dtype=np.int64)
    if not piece.refused:
        return places
    bad = np.array([row.row - piece.shift - 1 for row in piece.refused], np.int64)
    return places[~np.isin(places, bad)]


def trimmed(column: pa.Array) -> pa.Array:
    """Cells without blanks around them and without the `="…"` some exports wrap ids in."""
    text = pc.utf8_trim(column, characters=_BLANKS)
    if pc.any(pc.starts_with(text, '="')).as_py():
        text = pc.replace_substring_regex(text, r'^="((?s:.*))"$', r"\1")
        text = pc.utf8_trim(text, characters=_BLANKS)
    return text
