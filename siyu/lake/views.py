"""The view `events`: buffer and history as one table, owned by the current customers."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow.dataset as ds
from deltalake import DeltaTable

from siyu.lake.delta import (
    DataFile,
    events_url,
    find_events,
    flushed_id,
    is_local,
    list_files,
)
from siyu.lake.mirror import find_table
from siyu.lake.models import Erasure
from siyu.lake.tables import EVENTS
from siyu.lake.writer import writer_id

_COLUMNS = ", ".join(EVENTS)
_PENDING = ", ".join(
    "strftime(occurred_at, '%Y-%m') AS month" if name == "month" else name for name in EVENTS
)
MAX_LISTED = 2_000


def create_events_view(
    connection: duckdb.DuckDBPyConnection, customer_ids: list[int] | None
) -> None:
    """Make the temporary view; `customer_ids` restricts it to the rows of these customers."""
    history = find_events()
    files = list_files(history) if history else ()
    ids: list[int] | None = None
    if customer_ids is not None and find_table("identities") is not None:
        ids = _wanted_ids(connection)
        files = tuple(file for file in files if file.may_hold(ids))
    source = history_source(connection, history, files) if history else ""
    ((owners,),) = connection.execute("SELECT count(*) FROM lake_owner").fetchall()
    rows = events_sql(
        history,
        source,
        has_owners=bool(owners),
        customer_ids=customer_ids,
        identity_ids=ids,
    )
    connection.execute(f"CREATE TEMP VIEW events AS {rows}")


def _wanted_ids(connection: duckdb.DuckDBPyConnection) -> list[int]:
    rows = connection.execute("SELECT identity_id FROM lake_wanted ORDER BY 1").fetchall()
    return [row[0] for row in rows]


def events_sql(
    history: DeltaTable | None,
    source: str,
    *,
    has_owners: bool,
    customer_ids: list[int] | None = None,
    identity_ids: list[int] | None = None,
) -> str:
    """The select behind `events` in DuckDB's dialect, for every engine.

    source: what to write after FROM to read `history`; "" when it has no files.
    has_owners: whether an identity ever moved to another customer.
    customer_ids, identity_ids: only their rows; a few identities are written out, so that the
    statistics of files and row groups tell where they can be.
    """
    flushed = flushed_id(history, writer_id())
    rows = f"SELECT {_PENDING} FROM lake_pending WHERE event_id > {flushed}"  # noqa: S608
    if source:
        where = _history_filter(customer_ids, identity_ids)
        rows += f" UNION ALL SELECT {_COLUMNS} FROM {source}{where}"  # noqa: S608
    rows = _owned(rows) if has_owners else rows
    if customer_ids is not None:
        wanted = ",".join(map(str, customer_ids)) or "NULL"
        rows = f"SELECT * FROM ({rows}) WHERE customer_id IN ({wanted})"  # noqa: S608
    return rows


def history_source(
    connection: duckdb.DuckDBPyConnection,
    history: DeltaTable,
    files: Sequence[DataFile] | None = None,
) -> str:
    """What to write after FROM to read the history or some files of it; "" when there are none.

    `month` is the partition: a condition on it opens that month's files only. One on
    `occurred_at` reads the other files' footers, which stay in memory, and none of their rows.
    """
    chosen = list_files(history) if files is None else files
    if not chosen:
        return ""
    if is_local():
        quoted = (f"{events_url()}/{file.path}".replace("'", "''") for file in chosen)
        listed = ", ".join(f"'{path}'" for path in quoted)
        types = "{'month': VARCHAR}"
        return f"read_parquet([{listed}], hive_partitioning = true, hive_types = {types})"
    connection.register("lake_history", _remote(history, {file.path for file in chosen}))
    return "lake_history"


def _remote(history: DeltaTable, paths: set[str]) -> ds.FileSystemDataset:
    whole = history.to_pyarrow_dataset()
    kept = [part for part in whole.get_fragments() if part.path in paths]
    return ds.FileSystemDataset(kept, whole.schema, whole.format, whole.filesystem)


def _history_filter(customer_ids: list[int] | None, identity_ids: list[int] | None) -> str:
    """Erased identities are gone at once, although their files are rewritten a little later."""
    conditions = []
    erased = Erasure.objects.values_list("identity_id", flat=True)
    if listed := ",".join(map(str, erased)):
        conditions.append(f"(identity_id IS NULL OR identity_id NOT IN ({listed}))")
    if customer_ids is not None:
        wanted = "identity_id IN (SELECT identity_id FROM lake_wanted)"
        if identity_ids is not None and len(identity_ids) <= MAX_LISTED:
            wanted = f"identity_id IN ({','.join(map(str, identity_ids)) or 'NULL'})"
        if find_table("identities") is None:
            listed = ",".join(map(str, customer_ids)) or "NULL"
            wanted = f"({wanted} OR customer_id IN ({listed}))"
        conditions.append(wanted)
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _owned(rows: str) -> str:
    """Rows with the customer who owns their identity now."""
    others = ", ".join(f"e.{name}" for name in EVENTS if name not in {"event_id", "customer_id"})
    return (
        f"SELECT e.event_id, coalesce(o.customer_id, e.customer_id) AS customer_id, {others} "  # noqa: S608
        f"FROM ({rows}) AS e LEFT JOIN lake_owner AS o ON o.identity_id = e.identity_id"
    )
