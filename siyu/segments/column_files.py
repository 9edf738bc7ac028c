"""A file of columns: what whole evaluations read, sorted for them. Written once, then only read.

`customers`, `tags`, `orders` and so on are copies of the session's tables; `order_lines` are the
lines of orders, `order_totals` has a row per buyer, `event_days` counts events by customer, name
and day of the brand, month by month.
Rows are sorted by what conditions ask first, so that DuckDB's statistics skip the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from siyu.core.runtime import runtime
from siyu.lake.engine import ZONE, memory_limit
from siyu.lake.mirror import arrow_schema, find_table
from siyu.lake.state import Snapshot
from siyu.lake.tables import OWNERS, OWNERS_SQL, PENDING, PENDING_SQL, TABLES
from siyu.lake.views import create_events_view
from siyu.segments.leaves import ORDER_SQL
from siyu.segments.sources import LINES_SQL

KEPT: dict[str, tuple[tuple[str, ...], str]] = {
    "customers": (tuple(TABLES["customers"]), "customer_id"),
    "identities": (("customer_id", "namespace", "is_quarantined"), "namespace, customer_id"),
    "tags": (("customer_id", "tag_id", "tag_group", "origin", "added_at"), "tag_id, customer_id"),
    "relations": (("customer_id", "platform", "is_served"), "platform, customer_id"),
    "group_members": (("customer_id", "group_id"), "group_id, customer_id"),
    "consents": (("customer_id", "channel", "purpose", "is_granted"), "customer_id"),
    "custom_values": (
        ("customer_id", "field", "text", "number", "time"),
        "field, customer_id",
    ),
    "orders": (
        (
            "customer_id",
            "order_id",
            "placed_at",
            "amount_fen",
            "net_fen",
            "currency",
            "item_count",
            "status",
            "platform",
            "source",
            "shop",
            "lines",
        ),
        "placed_at",
    ),
    "touches": (
        (
            "customer_id",
            "campaign",
            "channel",
            "purpose",
            "state",
            "planned_at",
            "handed_at",
            "done_at",
        ),
        "planned_at",
    ),
}
"""Table → its columns, and how its rows are sorted."""
_MEASURES = ", ".join(f"{sql} AS {name}" for name, sql in ORDER_SQL.items())
TOTALS_SQL = f"""
CREATE TABLE order_totals AS SELECT customer_id, {_MEASURES}
FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id ORDER BY customer_id
"""  # noqa: S608 - constants only
"""All orders of each customer as the measures of conditions: those without window and demands."""
_DAYS = """
INSERT INTO event_days
SELECT customer_id, name, CAST(occurred_at AS DATE) AS day, count(*) AS n,
  min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM events WHERE month = ? GROUP BY ALL ORDER BY name, day, customer_id
"""


def write_file(path: Path, snapshot: Snapshot) -> None:
    """Everything the snapshot and the history hold, as a new file. Memory stays flat."""
    connection = duckdb.connect(str(path))
    try:
        for name, value in {
            "memory_limit": f"{memory_limit()}B",
            "threads": os.cpu_count() or 1,
            "temp_directory": str(runtime().home / "spill"),
            "preserve_insertion_order": True,
            "TimeZone": ZONE,
        }.items():
            connection.execute(f"SET {name} = '{value}'")
        for table in KEPT:
            _copy(connection, snapshot, table)
        connection.execute(f"CREATE TABLE order_lines AS {LINES_SQL.replace('FROM orders', _WITH)}")
        connection.execute("ALTER TABLE orders DROP COLUMN lines")
        connection.execute(TOTALS_SQL)
        _count_days(connection, snapshot)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


_WITH = "FROM orders WHERE lines <> '[]'"


def _copy(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: str) -> None:
    names, order = KEPT[table]
    columns = {name: TABLES[table][name] for name in names}
    schema = arrow_schema(columns)
    shown = find_table(table)
    batches: Iterator[pa.RecordBatch] = iter(())
    if shown is not None:
        batches = snapshot.batches(shown.sql, columns)
    reader = pa.RecordBatchReader.from_batches(schema, batches)
    connection.register("incoming", reader)
    connection.execute(f'CREATE TABLE "{table}" AS SELECT * FROM incoming ORDER BY {order}')  # noqa: S608
    connection.unregister("incoming")


def _count_days(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Month by month, so that neither memory nor spilled files grow with the history."""
    show_events(connection, snapshot)
    connection.execute(
        "CREATE TABLE event_days (customer_id BIGINT, name VARCHAR, day DATE, n BIGINT,"
        " first_at TIMESTAMPTZ, last_at TIMESTAMPTZ)"
    )
    months = connection.execute("SELECT DISTINCT month FROM events ORDER BY 1").fetchall()
    for (month,) in months:
        connection.execute(_DAYS, [month])
    connection.execute("DROP VIEW events")


def show_events(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """The view `events` over history and buffer for this connection alone."""
    for name, sql, columns in (
        ("lake_pending", PENDING_SQL, PENDING),
        ("lake_owner", OWNERS_SQL, OWNERS),
    ):
        show_rows(connection, name, snapshot.read(sql, columns))
    connection.execute("DROP VIEW IF EXISTS temp.events")
    create_events_view(connection, None)


def show_rows(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """A temporary table of this connection."""
    connection.register("incoming", rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM incoming")  # noqa: S608
    connection.unregister("incoming")
