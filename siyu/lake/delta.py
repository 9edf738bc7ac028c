"""The history on disk: one Delta table `events`, partitioned by month, one writer at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import TableNotFoundError
from django.conf import settings

from siyu.core.runtime import runtime

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
_CONFIGURATION = {
    "delta.logRetentionDuration": "interval 1 days",
    "delta.checkpointInterval": "50",
}
ROW_GROUP = 131_072
_lock = threading.Lock()
_opened: dict[str, DeltaTable] = {}


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


def flushed_id(table: DeltaTable | None, writer_id: str) -> int:
    """The last event id of this writer that is in the history; 0 when none is."""
    if table is None:
        return 0
    return table.transaction_version(writer_id) or 0


def append(table: DeltaTable, events: pa.Table, writer_id: str, last_id: int) -> None:
    """Add events in one commit that also says up to which id the writer has come."""
    write_deltalake(
        table,
        events,
        mode="append",
        writer_properties=writer_properties(),
        commit_properties=CommitProperties(app_transactions=[Transaction(writer_id, last_id)]),
    )


def writer_properties() -> WriterProperties:
    return WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP)


def to_history(pending: pa.Table) -> pa.Table:
    """Rows of the buffer in the shape of the history."""
    month = pc.strftime(pending["occurred_at"], format="%Y-%m")
    return pending.append_column("month", month).cast(EVENTS)
