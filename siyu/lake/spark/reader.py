"""Answers from Spark: the statement translated, the tables as views of its own session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import DeltaTable

from siyu.kernel.errors import Refused
from siyu.lake.delta import find_events
from siyu.lake.engines import Reader
from siyu.lake.spark.delta_files import ddl, read_delta, spark_uri
from siyu.lake.spark.dialect import to_spark
from siyu.lake.spark.exports import Export, shared
from siyu.lake.spark.session import limited, spark_session
from siyu.lake.views import events_sql

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LEAST_MAX_AGE_S = 60.0
LEAST_TIMEOUT_S = 3600.0
HISTORY = "lake_history"
_EVENTS_READ = frozenset({"lake_pending", "lake_owner"})


class SparkEngine:
    """Spark at `SIYU_SPARK_MASTER`."""

    @contextmanager
    def open_reader(self, *, max_age: float, timeout_s: float) -> Iterator[Reader]:
        """A reader of a copy of the state. A moment that may be old at all may be a minute old."""
        spark = spark_session()
        with shared.reading(max(max_age, LEAST_MAX_AGE_S) if max_age else 0.0) as export:
            yield SparkReader(spark, export, max(timeout_s, LEAST_TIMEOUT_S))

    def check(self) -> str:
        spark = spark_session()
        with limited(spark, 60.0):
            count = spark.range(1000).where("id % 2 = 0").count()
        if count != 500:
            raise Refused("engine.answer", "Spark 的回答不对", field="SIYU_ENGINE")
        return f"Spark {spark.version}, {spark.sparkContext.master}"


class SparkReader:
    """Tables become views when a statement first names them."""

    def __init__(self, spark: SparkSession, export: Export, timeout_s: float) -> None:
        self.spark = spark.newSession()
        self.export = export
        self.history = _pinned_history()
        self.timeout_s = timeout_s
        self._shown: set[str] = set()

    def table(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        from pyspark.errors import PySparkException

        with limited(self.spark, self.timeout_s):
            try:
                return self.frame(sql, parameters).toArrow()
            except PySparkException as error:
                if not _is_file_gone(error) or not self._reopened():
                    raise
                return self.frame(sql, parameters).toArrow()

    def _reopened(self) -> bool:
        """Whether the history has a newer version; an erasure removes the files of the older."""
        known = self.history and self.history.version()
        self.history = _pinned_history()
        self._shown.discard("events")
        return self.history is not None and self.history.version() != known

    def frame(self, sql: str, parameters: Mapping[str, Any] | None = None) -> DataFrame:
        """The statement as a DataFrame; nothing has run yet."""
        statement = to_spark(sql, parameters)
        for name in sorted(statement.tables):
            self._show(name)
        return self.spark.sql(statement.text, args=statement.values)

    def _show(self, name: str) -> None:
        if name in self._shown:
            return
        self._shown.add(name)
        if name == "events":
            self._events().createOrReplaceTempView(name)
        elif name in self.export.schemas:
            self._exported(name).createOrReplaceTempView(name)

    def _exported(self, name: str) -> DataFrame:
        schema = ddl(self.export.schemas[name])
        return self.spark.read.schema(schema).parquet(spark_uri(self.export.path(name)))

    def _events(self) -> DataFrame:
        for name in _EVENTS_READ:
            self._show(name)
        is_there = self.history is not None and bool(self.history.file_uris())
        if self.history is not None and is_there:
            read_delta(self.spark, self.history).createOrReplaceTempView(HISTORY)
        sql = events_sql(
            self.history, HISTORY if is_there else "", has_owners=self.export.has_owners
        )
        return self.spark.sql(to_spark(sql).text)


def _pinned_history() -> DeltaTable | None:
    """The newest version in an object of its own, which nobody moves to another version."""
    newest = find_events()
    return newest and DeltaTable(newest.table_uri, version=newest.version())


def _is_file_gone(error: Exception) -> bool:
    return any(word in str(error) for word in ("FILE_NOT_EXIST", "PATH_NOT_FOUND"))
