"""A Delta table as a Spark DataFrame without Delta's own jar.

The log is read by `deltalake` in this process; Spark gets the Parquet files of one version, their
schema and the partition values the log names. Nothing has to be fetched for the cluster.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable

from siyu.kernel.errors import Refused

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PLAIN_FEATURES = frozenset({"appendOnly", "invariants", "timestampNtz", "v2Checkpoint"})
_SCHEMES = {"s3": "s3a", "az": "abfss", "file": "file"}


def read_delta(spark: SparkSession, table: str | DeltaTable) -> DataFrame:
    """The rows of a Delta table at one version: a folder or URL, or a table opened already.

    Refused for a table whose files alone do not tell its rows (deletion vectors, mapped columns).
    """
    opened = table if isinstance(table, DeltaTable) else DeltaTable(table)
    _check_plain(opened)
    schema = pa.schema(opened.schema().to_arrow())
    partitions = list(opened.metadata().partition_columns)
    stored = pa.schema([field for field in schema if field.name not in partitions])
    parts = [
        _with_values(
            spark.read.schema(ddl(stored)).parquet(*(spark_uri(uri) for uri in uris)),
            dict(zip(partitions, values, strict=True)),
            schema,
        )
        for values, uris in _files_by_partition(opened, partitions).items()
    ]
    if not parts:
        return spark.createDataFrame([], ddl(schema))
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.unionByName(part)
    return whole.select(*schema.names)


def ddl(schema: pa.Schema) -> str:
    """Columns as Spark writes them in a schema; only the kinds the lake has."""
    return ", ".join(f"`{field.name}` {_spark_type(field.type)}" for field in schema)


def spark_uri(uri: str) -> str:
    """A file's address as Hadoop's file systems know it."""
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return f"file://{uri}"
    return f"{_SCHEMES.get(scheme, scheme)}://{rest}"


def _spark_type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz else "TIMESTAMP_NTZ"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    names = {
        pa.int64(): "BIGINT",
        pa.int32(): "INT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.string(): "STRING",
        pa.large_string(): "STRING",
        pa.string_view(): "STRING",
        pa.date32(): "DATE",
    }
    if kind not in names:
        raise Refused("engine.column", f"Spark 引擎不认识的列类型 {kind}")
    return names[kind]


def _check_plain(table: DeltaTable) -> None:
    features = set(table.protocol().reader_features or ())
    if unknown := features - _PLAIN_FEATURES:
        listed = ", ".join(sorted(unknown))
        raise Refused("engine.delta", f"这张 Delta 表用了 Spark 引擎读不了的特性: {listed}")


def _files_by_partition(
    table: DeltaTable, partitions: list[str]
) -> dict[tuple[str | None, ...], list[str]]:
    root = table.table_uri.rstrip("/").removeprefix("file://")
    found: dict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for action in pa.table(table.get_add_actions(flatten=True)).to_pylist():
        values = tuple(action[f"partition.{name}"] for name in partitions)
        found[values].append(f"{root}/{unquote(action['path'])}")
    return dict(sorted(found.items(), key=lambda item: str(item[0])))


def _with_values(frame: DataFrame, values: dict[str, Any], schema: pa.Schema) -> DataFrame:
    from pyspark.sql import functions

    for name, value in values.items():
        kind = _spark_type(schema.field(name).type)
        frame = frame.withColumn(name, functions.lit(value).cast(kind))
    return frame
