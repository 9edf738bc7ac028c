"""Sessions over state and history: DuckDB with the documented tables as views."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import duckdb
from django.db import connection as state

from siyu.kernel.errors import NotFound, Refused
from siyu.lake.engine import read_state, shared, spare_engine
from siyu.lake.mirror import list_tables
from siyu.lake.state import open_snapshot
from siyu.lake.tables import TABLES
from siyu.lake.views import create_events_view

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@contextmanager
def open_session(
    customer_ids: Iterable[int] | None = None,
    *,
    tables: Collection[str] | None = None,
    max_age: float = 0.0,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with views `events`, `customers`, `orders` and the other documented tables.

    Events still in the buffer are included and belong to the customer who owns them now.
    customer_ids: load only these customers (their rows of every table), for live evaluation.
    tables: what will be asked, the others may be empty; None for all.
    max_age: seconds the copy of the state may be behind; 0 means not at all.
    """
    if customer_ids is None and not state.in_atomic_block:
        with shared.fresh(max_age).connection.cursor() as cursor, _reading(cursor, None):
            yield cursor
        return
    wanted = None if customer_ids is None else sorted(set(customer_ids))
    with open_snapshot() as snapshot:
        loaded = read_state(snapshot, wanted, tables)
    with spare_engine() as engine:
        engine.load(loaded)
        with _reading(engine.connection, wanted):
            yield engine.connection


@contextmanager
def deadline(session: duckdb.DuckDBPyConnection, timeout_s: float) -> Iterator[None]:
    """Stop what the session runs after `timeout_s` seconds, with a sentence."""
    timer = threading.Timer(timeout_s, session.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        reason = f"查询超过 {timeout_s:g} 秒, 已停止; 请缩小范围"
        raise Refused("query.timeout", reason, field="sql") from error
    finally:
        timer.cancel()


@cache
def named(slice_name: str, name: str) -> str:
    """The text of `siyu/<slice>/sql/<name>.sql`; NotFound when there is none."""
    if _NAME.fullmatch(slice_name) and _NAME.fullmatch(name):
        file = files(f"siyu.{slice_name}") / "sql" / f"{name}.sql"
        if file.is_file():
            return file.read_text("utf-8").strip().removesuffix(";")
    raise NotFound("query.unknown", f"没有名为 {name} 的查询", field="name")


@contextmanager
def _reading(
    connection: duckdb.DuckDBPyConnection, customer_ids: list[int] | None
) -> Iterator[None]:
    """A read of one moment.

    The history is opened after the copy of the buffer was made, so an event flushed meanwhile is
    in the history, and `event_id > flushed` keeps it from counting twice.
    """
    connection.execute("BEGIN TRANSACTION READ ONLY")
    try:
        connection.execute("SELECT count(*) FROM lake_pending").fetchall()
        create_events_view(connection, customer_ids)
        yield
    finally:
        connection.execute("ROLLBACK")


def describe_tables() -> dict[str, dict[str, str]]:
    """The tables of a session and their columns: name → DuckDB type."""
    names = ["events", *dict.fromkeys([*TABLES, *(table.name for table in list_tables())])]
    with open_session() as session:
        return {
            name: {row[0]: row[1] for row in session.execute(f'DESCRIBE "{name}"').fetchall()}
            for name in names
        }
