"""The history on disk: one Delta table `events`, a partition for each month of the brand.

Every commit carries an app transaction. Two writers that ever met (a lock lost with its
connection) would use the same one, and the later commit fails instead of doubling rows.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction
from deltalake.exceptions import TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction
from django.conf import settings

from siyu.core.runtime import runtime
from siyu.kernel.clock import wall_seconds

EVENTS = pa.schema(
    [
        ("event_id", pa.int64()),
        ("customer_id", pa.int64()),
        ("identity_id", pa.int64()),
        ("name", pa.string()),
        ("occurred_at", pa.timestamp("us", "UTC")),
        ("received_at", pa.timestamp("us", "UTC")),
        ("source", pa.string()),
        ("platform", pa.string()),
        ("account", pa.string()),
        ("staff", pa.string()),
        ("message_hash", pa.int64()),
        ("properties", pa.string()),
        ("month", pa.string()),
    ]
)
REWRITE = "siyu.rewrite"
_CONFIGURATION = {
    "delta.logRetentionDuration": "interval 1 hours",
    "delta.checkpointInterval": "50",
}
_lock = threading.Lock()
_opened: dict[str, DeltaTable] = {}
_listed: dict[str, tuple[int, tuple[DataFile, ...]]] = {}


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of the history and what the log says of it.

    path: below the table's folder. Ids and times are the smallest and largest inside, None where
    no row has one. written_ms: when, in milliseconds since the epoch.
    """

    path: str
    month: str
    rows: int
    size: int
    written_ms: int
    first_identity: int | None
    last_identity: int | None
    first_at: datetime | None
    last_at: datetime | None

    @property
    def is_sorted(self) -> bool:
        """Whether it is a part of its month's sorted run."""
        return Path(self.path).name.startswith("sorted-")

    def may_hold(self, identity_ids: Sequence[int]) -> bool:
        """Whether one of the identities (ascending) lies between its smallest and largest."""
        if self.first_identity is None or self.last_identity is None:
            return False
        place = bisect_left(identity_ids, self.first_identity)
        return place < len(identity_ids) and identity_ids[place] <= self.last_identity


def lake_url() -> str:
    """Where the history is: a folder or an object store's URL."""
    environment = settings.ENVIRONMENT
    if environment.lake_url == str(environment.home / "lake"):
        return str(runtime().home / "lake")
    return str(environment.lake_url)


def events_url() -> str:
    return f"{lake_url().rstrip('/')}/events"


def is_local() -> bool:
    """Whether files are on this machine (DuckDB reads them itself then)."""
    return "://" not in lake_url()


def find_events() -> DeltaTable | None:
    """The table at its newest version; None before the first flush."""
    url = events_url()
    with _lock:
        table = _opened.get(url)
        if table is None or (is_local() and not (Path(url) / "_delta_log").exists()):
            _opened.pop(url, None)
            try:
                table = DeltaTable(url)
            except TableNotFoundError:
                return None
            _opened[url] = table
        else:
            table.update_incremental()
        return table


def writable_events() -> DeltaTable:
    """A table object of its own for the writer; made when there is none."""
    url = events_url()
    if is_local():
        Path(url).mkdir(parents=True, exist_ok=True)
    try:
        return DeltaTable(url)
    except TableNotFoundError:
        return DeltaTable.create(
            url, schema=EVENTS, partition_by=["month"], configuration=_CONFIGURATION
        )


def list_files(table: DeltaTable) -> tuple[DataFile, ...]:
    """The files of the table's version, remembered while it stays the newest."""
    url, version = table.table_uri, table.version()
    known = _listed.get(url)
    if known is None or known[0] != version:
        actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
        known = (version, tuple(_data_file(action) for action in actions))
        _listed[url] = known
    return known[1]


def _data_file(action: dict[str, Any]) -> DataFile:
    return DataFile(
        path=action["path"],
        month=action["partition.month"],
        rows=action["num_records"] or 0,
        size=action["size_bytes"],
        written_ms=action["modification_time"],
        first_identity=action.get("min.identity_id"),
        last_identity=action.get("max.identity_id"),
        first_at=action.get("min.occurred_at"),
        last_at=action.get("max.occurred_at"),
    )


def flushed_id(table: DeltaTable | None, writer_id: str) -> int:
    """The last event id of this writer that is in the history; 0 when none is."""
    if table is None:
        return 0
    return table.transaction_version(writer_id) or 0


def commit_added(table: DeltaTable, added: Sequence[AddAction], writer_id: str, last: int) -> None:
    """Add files in one commit that also says up to which id the writer has come."""
    _commit(table, list(added), Transaction(writer_id, last))


def commit_rewritten(
    table: DeltaTable, old: Sequence[DataFile], new: Sequence[AddAction], *, is_erasure: bool
) -> None:
    """Put new files in the place of old ones, all or nothing."""
    removed = [
        RemoveAction(
            file.path, is_erasure, int(wall_seconds() * 1000), file.size, {"month": file.month}
        )
        for file in old
    ]
    turn = Transaction(REWRITE, (table.transaction_version(REWRITE) or 0) + 1)
    _commit(table, [*new, *removed], turn)


def _commit(table: DeltaTable, actions: list[Any], transaction: Transaction) -> None:
    """Returns when the commit is on the disk, so that what it holds may be forgotten elsewhere."""
    properties = CommitProperties(app_transactions=[transaction])
    table.create_write_transaction(
        actions, "append", EVENTS, ["month"], commit_properties=properties
    )
    table.update_incremental()
    if is_local():
        log = Path(events_url()) / "_delta_log"
        sync(log / f"{table.version():020d}.json")
        sync(log)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
