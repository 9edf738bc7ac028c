"""Which engine answers the heavy questions: DuckDB in this process, or Apache Spark.

Both get the same statement in DuckDB's dialect over the same tables and give the same rows.
Single customers, previews and users' own SQL are always answered in this process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any, Protocol

import duckdb
import pyarrow as pa
from django.conf import settings

from siyu.lake.session import deadline, open_session

DUCKDB, SPARK = "duckdb", "spark"
ENGINES = (DUCKDB, SPARK)


class Reader(Protocol):
    """Answers over one moment of the state and the history."""

    def table(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The rows of one SELECT with named parameters (`$name`), in columns."""
        ...


class Engine(Protocol):
    """Something that runs our SQL."""

    def open_reader(self, *, max_age: float, timeout_s: float) -> AbstractContextManager[Reader]:
        """A reader whose moment is at most `max_age` seconds ago; each statement has a limit."""
        ...

    def check(self) -> str:
        """Run a statement and tell what answered; Refused, with what to do, when nothing does."""
        ...


class DuckDbReader:
    """A session of this process."""

    def __init__(self, session: duckdb.DuckDBPyConnection, timeout_s: float) -> None:
        self.session = session
        self.timeout_s = timeout_s

    def table(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        with deadline(self.session, self.timeout_s):
            return self.session.sql(sql, params=dict(parameters or {})).to_arrow_table()


class DuckDbEngine:
    """DuckDB in this process."""

    @contextmanager
    def open_reader(self, *, max_age: float, timeout_s: float) -> Iterator[Reader]:
        with open_session(max_age=max_age) as session:
            yield DuckDbReader(session, timeout_s)

    def check(self) -> str:
        return f"DuckDB {duckdb.__version__}"


def engine_name() -> str:
    """`duckdb` or `spark`, as `SIYU_ENGINE` says."""
    return str(settings.ENVIRONMENT.engine)


def configured_engine() -> Engine:
    """The engine of this deployment; nothing is started yet."""
    if engine_name() == SPARK:
        from siyu.lake.spark.reader import SparkEngine

        return SparkEngine()
    return DuckDbEngine()


@contextmanager
def open_reader(*, max_age: float = 0.0, timeout_s: float = 30.0) -> Iterator[Reader]:
    """A reader of the configured engine. On Spark both limits are at least those of its settings,
    as a copy of the state for the cluster costs more than one for this process.
    """
    with configured_engine().open_reader(max_age=max_age, timeout_s=timeout_s) as reader:
        yield reader


def plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows as Python values; whole numbers are ints, whatever type the engine summed in."""
    return [{name: _plain(value) for name, value in row.items()} for row in table.to_pylist()]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value
