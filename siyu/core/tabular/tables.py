"""A file to a table of text: header, columns, the row numbers a spreadsheet shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv

from siyu.core.tabular.text import Text, read_text
from siyu.kernel.errors import Refused

MAX_COLUMNS = 500
MAX_HEADER = 1 << 20
BLOCK = 16 << 20
DELIMITERS = (",", "\t", ";", "|")
RowNumbers = npt.NDArray[np.int64]
Likeness = Callable[[Sequence[str]], int]
"""How much a row looks like the header wanted; the best one is taken."""


@dataclass(frozen=True)
class RefusedRow:
    """A row not taken; `row` is the number a spreadsheet shows, the header being row 1."""

    row: int
    code: str
    reason: str
    sample: str = ""


@dataclass
class Table:
    """A file as text columns. `how`: encoding, delimiter or sheet, as shown to people."""

    header: list[str]
    columns: list[pa.Array]
    rows: RowNumbers
    file_hash: str
    how: dict[str, str]
    refused: list[RefusedRow] = field(default_factory=list)

    def column(self, name: str) -> pa.Array:
        return self.columns[self.header.index(name)]


def clean_header(name: str) -> str:
    """A header without the blanks, tabs, BOM and full-width brackets exports leave in it."""
    return name.strip(" \t\r\n\ufeff\u3000").replace("（", "(").replace("）", ")")


def filled(header: Sequence[str]) -> int:
    """How many cells of a row say something."""
    return sum(map(bool, header))


def read_table(path: Path, likeness: Likeness = filled) -> Table:
    """The table in a CSV, TSV, gzip or Excel file, told apart by content, not by name."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise Refused("import.file", f"读不到 {path}: {error.strerror}", field="file") from error
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        from siyu.core.tabular.excel import read_excel

        return read_excel(path, likeness)
    return read_csv(read_text(path))


def read_csv(text: Text) -> Table:
    """The table of delimited text. Rows with too few or too many cells are refused one by one."""
    first = text.data[:MAX_HEADER]
    delimiter = sniff_delimiter(first)
    header, start, skipped = read_header(first, delimiter)
    body = text.data[start:]
    refused: list[RefusedRow] = []
    columns = _parse(body, header, delimiter, refused, skipped)
    numbers = _row_numbers(len(columns[0]), {row.row for row in refused}, skipped)
    shown = {",": "逗号", "\t": "制表符", ";": "分号", "|": "竖线"}[delimiter]
    how = {"编码": text.encoding, "分隔符": shown}
    if text.is_gzip:
        how["压缩"] = "gzip"
    table = Table(header, columns, numbers, text.file_hash, how, refused)
    _refuse_open_quote(table, text.data)
    return table


def sniff_delimiter(start: bytes) -> str:
    """The delimiter that appears most often in the header, outside quotes."""
    line = next(iter(start.decode(errors="replace").lstrip("\r\n").splitlines()), "")
    outside = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def read_header(start: bytes, delimiter: str) -> tuple[list[str], int, int]:
    """Names of the first row that is not blank, bytes up to its end, rows up to its end."""
    source = io.StringIO(start.decode(errors="ignore"), newline="")
    try:
        for skipped, row in enumerate(
            csv.reader(iter(source.readline, ""), delimiter=delimiter), start=1
        ):
            if row:
                names = check_header([clean_header(name) for name in row])
                return names, len(source.getvalue()[: source.tell()].encode()), skipped
    except csv.Error as error:
        raise Refused("import.header", "读不出表头", field="file") from error
    raise Refused("import.header", "读不出表头", field="file")


def check_header(names: list[str]) -> list[str]:
    """The names, a repeated or empty one numbered; Refused above 500 columns."""
    if len(names) > MAX_COLUMNS:
        raise Refused("import.columns", f"列数超过 {MAX_COLUMNS}", field="file")
    if not any(names):
        raise Refused("import.header", "第一行没有列名", field="file")
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        shown = name or f"列{position + 1}"
        seen[shown] = seen.get(shown, 0) + 1
        names[position] = shown if seen[shown] == 1 else f"{shown}#{seen[shown]}"
    return names


def _parse(
    body: bytes, header: list[str], delimiter: str, refused: list[RefusedRow], skipped: int
) -> list[pa.Array]:
    if not body.strip():
        return [pa.array([], pa.string()) for _ in header]

    def refuse(row: pa_csv.InvalidRow) -> str:
        reason = f"应有 {row.expected_columns} 列, 实有 {row.actual_columns} 列"
        number = (row.number or 0) + skipped
        refused.append(RefusedRow(number, "import.cells", reason, (row.text or "")[:200]))
        return "skip"

    names = [str(position) for position in range(len(header))]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(body),
            pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
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
    except pa.ArrowInvalid as error:
        raise Refused("import.csv", f"表格无法解析: {error}", field="file") from error
    return [column.combine_chunks() for column in table.columns]


def _row_numbers(count: int, refused: set[int], skipped: int) -> RowNumbers:
    numbers = np.arange(skipped + 1, skipped + 1 + count + len(refused), dtype=np.int64)
    return numbers[~np.isin(numbers, list(refused))] if refused else numbers


def _refuse_open_quote(table: Table, data: bytes) -> None:
    """An unclosed quote swallows the rest of the file: say so instead of taking it."""
    if not len(table.rows) or data.count(b'"') % 2 == 0:
        return
    cells = [str(column[-1].as_py()) for column in table.columns]
    swallowed = max(cell.count("\n") for cell in cells)
    if swallowed:
        number = int(table.rows[-1])
        reason = f"引号没有闭合, 从这里到文件末尾约 {swallowed} 行无法读取"
        table.refused.append(RefusedRow(number, "import.quote", reason, ",".join(cells)[:200]))
        table.rows = table.rows[:-1]
        table.columns = [column[:-1] for column in table.columns]
