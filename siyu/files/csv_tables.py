"""Tables as CSV that a spreadsheet opens without harm and that reads back exactly.

Text is quoted, numbers are not, an empty cell is null and `""` an empty text. Text that a
spreadsheet would run as a formula, and text that begins with `'`, gets a `'` in front; reading
takes one `'` off again. UTF-8 with a BOM, so that Excel reads Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from siyu.core.tabular.stream import as_text
from siyu.kernel.cells import BOM
from siyu.kernel.errors import Refused

_DANGEROUS = "^(?:'|[ \u3000]*[=+\\-@\t\r\n|＝＋－＠])"
_MARK = "'"
_TYPES: Mapping[str, pa.DataType] = {
    str(each): each
    for each in (pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.timestamp("us", "UTC"))
}
BLOCK = 8 << 20


class CsvWriter:
    """One CSV file, part by part. types: what it takes to read it back."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.types = {field.name: str(_kept(field.type)) for field in schema}
        self._sink = path.open("wb")
        self._sink.write(BOM.encode())
        options = pa_csv.WriteOptions(quoting_style="needed")
        kept = pa.schema([(field.name, _kept(field.type)) for field in schema])
        self._writer = pa_csv.CSVWriter(self._sink, kept, write_options=options)

    def write(self, part: pa.Table) -> None:
        """More rows."""
        columns = {name: _safe(part[name]) for name in part.column_names}
        self._writer.write_table(pa.table(columns))

    def close(self) -> None:
        """No more rows."""
        self._writer.close()
        self._sink.close()


def read_parts(path: Path, types: Mapping[str, str]) -> Iterator[pa.Table]:
    """The rows as they were before they were written. Refused when the file is damaged."""
    kinds = {name: _TYPES[kind] for name, kind in types.items()}
    try:
        with pa_csv.open_csv(
            path,
            pa_csv.ReadOptions(block_size=BLOCK, use_threads=False),
            pa_csv.ParseOptions(newlines_in_values=True),
            pa_csv.ConvertOptions(
                column_types=kinds,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        ) as reader:
            for batch in reader:
                yield pa.table({name: _plain(batch.column(name)) for name in kinds})
    except (pa.ArrowException, KeyError) as error:
        raise Refused("export.damaged", f"{path.name} 读不出: {error}", field="folder") from error


def _kept(kind: pa.DataType) -> pa.DataType:
    return kind if str(kind) in _TYPES else pa.string()


def _safe(column: Any) -> pa.Array:
    cells = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if str(cells.type) in _TYPES and not pa.types.is_string(cells.type):
        return cells
    if not pa.types.is_string(cells.type):
        cells = pc.if_else(cells.is_valid(), as_text(cells), pa.scalar(None, pa.string()))
    is_dangerous = pc.fill_null(pc.match_substring_regex(cells, _DANGEROUS), False)
    return pc.if_else(is_dangerous, pc.binary_join_element_wise(_MARK, cells, ""), cells)


def _plain(cells: pa.Array) -> pa.Array:
    if not pa.types.is_string(cells.type):
        return cells
    is_marked = pc.fill_null(pc.starts_with(cells, _MARK), False)
    return pc.if_else(is_marked, pc.utf8_slice_codeunits(cells, start=1), cells)
