"""Rows that belong together, together, wherever in the file they stand; memory flat.

A first pass lays the rows aside in files by a hash of their group; a second takes one such file
after the other and hands out whole groups, some thousand rows at once. What was laid aside is
kept until `clear`, so that a reader who stopped goes on with the same batches.
"""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from siyu.core.tabular.stream import RowFile, Rows
from siyu.core.tabular.tables import RefusedRow

BUCKET_ROWS = 100_000
MAX_BUCKETS = 256
READ_ROWS = 20_000
SHARE = 5_000
_NUMBER = "row number"
_ABOUT = "about.json"
Ints = npt.NDArray[np.int64]
Key = Callable[[str], str]


class About(msgspec.Struct, frozen=True):
    """What lies aside. told: what the first pass found out about the whole file."""

    file_hash: str
    column: str
    buckets: int
    refused: int
    told: dict[str, str]


@dataclass(frozen=True)
class Survey:
    """What the first pass looks at and, at its end, tells."""

    look: Callable[[Rows], None]
    conclude: Callable[[], dict[str, str]]


@dataclass(frozen=True)
class Groups:
    """The rows of a file laid aside by group. key: a cell to its group, "" for none."""

    folder: Path
    key: Key
    about: About
    header: list[str]

    def rows(self, size: int = SHARE, *, start: int = 0) -> Iterator[Rows]:
        """Batches of whole groups, about `size` rows each, after the first `start` rows.

        Rows that the reader refused come first; a batch grows beyond `size` with one group.
        """
        at = 0
        for batch in self._batches(size):
            at += batch.columns.num_rows + len(batch.refused)
            if at > start:
                yield Rows(batch.columns, batch.numbers, batch.refused, at)

    def _batches(self, size: int) -> Iterator[Rows]:
        yield from self._refused(size)
        for number in range(self.about.buckets):
            table = _read(self.folder / f"{number}.arrow")
            if table.num_rows:
                yield from self._shares(table, size)

    def _refused(self, size: int) -> Iterator[Rows]:
        empty = pa.record_batch([pa.array([], pa.string()) for _ in self.header], self.header)
        with (self.folder / "refused.jsonl").open("rb") as file:
            waiting = [msgspec.json.decode(line, type=RefusedRow) for line in file]
        for first in range(0, len(waiting), size):
            yield Rows(empty, np.zeros(0, np.int64), waiting[first : first + size], 0)

    def _shares(self, table: pa.Table, size: int) -> Iterator[Rows]:
        places = _codes(table.column(self.header.index(self.about.column)), self.key)
        order = np.argsort(places, kind="stable")
        starts = np.flatnonzero(np.diff(places[order], prepend=-1))
        at = 0
        while at < len(order):
            after = starts[starts >= at + size]
            end = int(after[0]) if len(after) else len(order)
            part = table.take(pa.array(order[at:end])).combine_chunks()
            numbers = np.asarray(part.columns[-1].to_numpy(), np.int64)
            columns = [column.combine_chunks() for column in part.columns[:-1]]
            yield Rows(pa.record_batch(columns, self.header), numbers, [], 0)
            at = end


def lay_aside(file: RowFile, column: str, key: Key, folder: Path, survey: Survey) -> Groups:
    """The first pass, unless this file lies there already."""
    about = _find(folder, file.file_hash, column)
    if about is None:
        clear(folder)
        folder.mkdir(mode=0o700, parents=True)
        about = _spread(file, column, key, folder, survey)
        (folder / _ABOUT).write_bytes(msgspec.json.encode(about))
    return Groups(folder, key, about, file.header)


def clear(folder: Path) -> None:
    """Forget what lies aside."""
    shutil.rmtree(folder, ignore_errors=True)


def _find(folder: Path, file_hash: str, column: str) -> About | None:
    try:
        about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=About)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
    return about if (about.file_hash, about.column) == (file_hash, column) else None


def _spread(file: RowFile, column: str, key: Key, folder: Path, survey: Survey) -> About:
    count = max(1, min(MAX_BUCKETS, -(-file.total // BUCKET_ROWS)))
    schema = pa.schema([*((name, pa.string()) for name in file.header), (_NUMBER, pa.int64())])
    refused = 0
    with ExitStack() as stack:
        writers = [_writer(stack, folder / f"{n}.arrow", schema) for n in range(count)]
        noted = stack.enter_context((folder / "refused.jsonl").open("wb"))
        for rows in file.rows(READ_ROWS):
            survey.look(rows)
            noted.writelines(msgspec.json.encode(row) + b"\n" for row in rows.refused)
            refused += len(rows.refused)
            _deal(rows, column, key, writers)
    return About(file.file_hash, column, count, refused, survey.conclude())


def _writer(stack: ExitStack, path: Path, schema: pa.Schema) -> pa.RecordBatchWriter:
    path.touch(mode=0o600)
    sink = stack.enter_context(pa.OSFile(str(path), "wb"))
    writer: pa.RecordBatchWriter = stack.enter_context(pa.ipc.new_stream(sink, schema))
    return writer


def _deal(rows: Rows, column: str, key: Key, writers: list[pa.RecordBatchWriter]) -> None:
    """Each row to the file of its group; rows of no group evenly."""
    if not rows.columns.num_rows:
        return
    numbered = rows.columns.append_column(_NUMBER, pa.array(rows.numbers))
    places = _buckets(rows, column, key, len(writers))
    order = np.argsort(places, kind="stable")
    dealt, bounds = (
        numbered.take(pa.array(order)),
        np.searchsorted(places[order], np.arange(len(writers) + 1)),
    )
    for number, writer in enumerate(writers):
        first, last = int(bounds[number]), int(bounds[number + 1])
        if last > first:
            writer.write_batch(dealt.slice(first, last - first))


def _buckets(rows: Rows, column: str, key: Key, count: int) -> Ints:
    cells = rows.columns.column(column).dictionary_encode()
    groups = [key(text) for text in cells.dictionary.to_pylist()]
    hashes = np.array([zlib.crc32(group.encode()) % count for group in groups], np.int64)
    is_none = np.array([not group for group in groups], dtype=bool)
    places = cells.indices.to_numpy()
    return np.where(is_none[places], rows.numbers % count, hashes[places])


def _codes(column: pa.ChunkedArray, key: Key) -> Ints:
    """A number of its group for every row; rows of no group are one of their own each."""
    cells = column.combine_chunks().dictionary_encode()
    known: dict[str, int] = {}
    groups = [key(text) for text in cells.dictionary.to_pylist()]
    codes = np.array([known.setdefault(g, len(known)) if g else -1 for g in groups], np.int64)
    found: Ints = codes[cells.indices.to_numpy()]
    alone = np.flatnonzero(found < 0)
    found[alone] = len(known) + np.arange(len(alone))
    return found


def _read(path: Path) -> pa.Table:
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_stream(source) as reader:
        return reader.read_all()
