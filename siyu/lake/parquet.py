"""Writing files of the history: one month a file, small row groups, statistics for the log.

Row groups are small because a customer's timeline decodes one of them per month and identity.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pa_fs
import pyarrow.parquet as pq
from deltalake.transaction import AddAction

from siyu.core.runtime import runtime
from siyu.kernel.clock import to_ms
from siyu.kernel.ids import new_id
from siyu.lake.delta import EVENTS, events_url, is_local, sync

ROW_GROUP = 16_384
FILE_ROWS = 64 * ROW_GROUP
ZONE = "Asia/Shanghai"
ORDER = (("identity_id", "ascending"), ("occurred_at", "ascending"), ("event_id", "ascending"))
STORED = pa.schema([field for field in EVENTS if field.name != "month"])
_CHUNK = 8 * ROW_GROUP
_MEASURED = ("event_id", "customer_id", "identity_id", "occurred_at")
_DELTA = ("event_id", "customer_id", "identity_id", "occurred_at", "received_at")
_DICTIONARY = ["name", "source", "platform", "account", "staff"]
_OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "use_dictionary": _DICTIONARY,
    "column_encoding": dict.fromkeys(_DELTA, "DELTA_BINARY_PACKED"),
    "write_statistics": list(_DELTA),
    "store_schema": False,
}


def months_of(times: pa.ChunkedArray | pa.Array) -> pa.Array:
    """The brand's month of each time, such as `2026-11`, as a dictionary array."""
    local = pc.cast(times, pa.timestamp("us", ZONE))
    number = pc.add(pc.multiply(pc.year(local), 12), pc.subtract(pc.month(local), 1))
    encoded = pc.dictionary_encode(number)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        return pa.array([], pa.string()).dictionary_encode()
    names = [f"{value // 12:04d}-{value % 12 + 1:02d}" for value in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(names, pa.string()))


def write_events(events: pa.Table) -> list[AddAction]:
    """Write events of any months as sorted loose files, one a month; what to tell the log."""
    months = months_of(events["occurred_at"])
    added: list[AddAction] = []
    for month in sorted(months.dictionary.to_pylist()):
        mask = pc.equal(months, month) if len(months.dictionary) > 1 else None
        rows = (events if mask is None else events.filter(mask)).sort_by(list(ORDER))
        added += write_month(month, rows.to_batches(), kind="loose")
    return added


def write_month(
    month: str, batches: Iterable[pa.RecordBatch], *, kind: str, is_change: bool = True
) -> list[AddAction]:
    """Write rows in the order they come into files of at most a million; memory stays flat.

    kind: `sorted` for a whole month's run, else `loose`. is_change: whether rows are new.
    """
    return [
        _write_file(f"month={month}/{kind}-{new_id()}.parquet", month, chunks, is_change)
        for chunks in _files(_chunks(batches))
    ]


def _chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in tables of some row groups."""
    kept: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        kept.append(batch)
        count += batch.num_rows
        while count >= _CHUNK:
            table = pa.Table.from_batches(kept)
            yield table.slice(0, _CHUNK)
            kept = table.slice(_CHUNK).to_batches()
            count -= _CHUNK
    if count:
        yield pa.Table.from_batches(kept)


def _files(chunks: Iterator[pa.Table]) -> Iterator[Iterator[pa.Table]]:
    """The chunks of one file after another; each must be used up before the next."""
    for first in chunks:

        def of_this_file(first: pa.Table = first) -> Iterator[pa.Table]:
            yield first
            for _, chunk in zip(range(FILE_ROWS // _CHUNK - 1), chunks, strict=False):
                yield chunk

        yield of_this_file()


def _write_file(path: str, month: str, chunks: Iterator[pa.Table], is_change: bool) -> AddAction:  # noqa: FBT001
    folder = _storage()
    if is_local():
        (Path(events_url()) / path).parent.mkdir(parents=True, exist_ok=True)
    collected: list[pq.FileMetaData] = []
    with pq.ParquetWriter(
        path, STORED, filesystem=folder, metadata_collector=collected, **_OPTIONS
    ) as writer:
        for chunk in chunks:
            table = chunk.select(STORED.names).cast(STORED)
            writer.write_table(table, row_group_size=ROW_GROUP)
    if is_local():
        sync(Path(events_url()) / path)
        sync((Path(events_url()) / path).parent)
    info = folder.get_file_info(path)
    return AddAction(
        path=path,
        size=info.size,
        partition_values={"month": month},
        modification_time=to_ms(runtime().clock.now()),
        data_change=is_change,
        stats=json.dumps(_statistics(collected[0])),
    )


def _storage() -> pa_fs.FileSystem:
    """The table's folder, wherever it is."""
    if is_local():
        return pa_fs.SubTreeFileSystem(events_url(), pa_fs.LocalFileSystem())
    from deltalake.fs import DeltaStorageHandler

    return pa_fs.PyFileSystem(DeltaStorageHandler(events_url()))


def _statistics(metadata: pq.FileMetaData) -> dict[str, Any]:
    """Rows, and smallest and largest of the columns that readers skip files by."""
    columns = {metadata.schema.column(i).name: i for i in range(metadata.num_columns)}
    smallest: dict[str, Any] = {}
    largest: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    for name in _MEASURED:
        known = [group.column(columns[name]).statistics for group in groups]
        nulls[name] = sum(item.null_count or 0 for item in known)
        bounded = [item for item in known if item.has_min_max]
        if bounded:
            smallest[name] = _told(min(item.min for item in bounded), up=False)
            largest[name] = _told(max(item.max for item in bounded), up=True)
    return {
        "numRecords": metadata.num_rows,
        "minValues": smallest,
        "maxValues": largest,
        "nullCount": nulls,
    }


def _told(value: Any, *, up: bool) -> Any:
    """A bound as the log writes it; times in milliseconds, widened to contain the microseconds."""
    if not isinstance(value, datetime):
        return value
    cut = value - timedelta(microseconds=value.microsecond % 1000)
    if up and cut != value:
        cut += timedelta(milliseconds=1)
    return cut.strftime("%Y-%m-%dT%H:%M:%S.") + f"{cut.microsecond // 1000:03d}Z"
