"""Reading the state store in bulk, straight into Arrow columns."""

from __future__ import annotations

import hashlib
import io
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from django.conf import settings
from django.db import connection, connections

from siyu.lake.mirror import TYPES, arrow_schema

CHUNK = 50_000
_WIRE = {"ms": pa.int64()}


class Snapshot:
    """One consistent view of the state store.

    `version` equals that of another snapshot of the same process only when both show the same
    data; None when it cannot be told (inside somebody's open transaction).
    """

    def __init__(self, raw: Any, version: tuple[str, str] | None) -> None:
        self._raw = raw
        self.version = version

    def read(self, sql: str, columns: Mapping[str, str]) -> pa.Table:
        """The rows of a SELECT as Arrow columns of the given types."""
        if connection.vendor == "postgresql":
            return _read_postgres(self._raw, sql, columns)
        return _read_sqlite(self._raw, sql, columns)

    def batches(self, sql: str, columns: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        """As `read`, piece by piece, so that memory stays flat (PostgreSQL: the CSV is held)."""
        if connection.vendor == "postgresql":
            listed = ", ".join(f'"{name}"' for name in columns)
            chosen = f"SELECT {listed} FROM ({sql}) AS chosen"  # noqa: S608
            whole = _read_postgres(self._raw, chosen, columns)
            return iter(whole.cast(arrow_schema(columns)).to_batches())
        return _sqlite_batches(self._raw, sql, columns)


@contextmanager
def open_snapshot() -> Iterator[Snapshot]:
    """A consistent snapshot; inside an open transaction, what that transaction sees."""
    if connection.in_atomic_block:
        connection.ensure_connection()
        yield Snapshot(connection.connection, None)
    elif connection.vendor == "postgresql":
        with _postgres_snapshot() as snapshot:
            yield snapshot
    else:
        with _sqlite_snapshot() as snapshot:
            yield snapshot


def within(sql: str, key: str, ids: Iterable[int]) -> str:
    """`sql` restricted to the rows whose `key` is one of `ids` (integers, so safe inline)."""
    wanted = ",".join(str(int(value)) for value in ids) or "NULL"
    return f"SELECT * FROM ({sql}) AS mirrored WHERE {key} IN ({wanted})"  # noqa: S608


@contextmanager
def _postgres_snapshot() -> Iterator[Snapshot]:
    connection.ensure_connection()
    raw = connection.connection
    raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        row = raw.execute("SELECT pg_current_snapshot()::text").fetchone()
        yield Snapshot(raw, (str(connection.settings_dict["NAME"]), row[0]))
    finally:
        raw.execute("ROLLBACK")


_reader_lock = threading.RLock()
_reader: tuple[str, Any] | None = None


@contextmanager
def _sqlite_snapshot() -> Iterator[Snapshot]:
    """`data_version` is comparable on one connection only, so one reader serves the process."""
    with _reader_lock:
        raw = _sqlite_reader()
        raw.execute("BEGIN")
        try:
            raw.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
            version = raw.execute("PRAGMA data_version").fetchone()[0]
            yield Snapshot(raw, (str(connection.settings_dict["NAME"]), str(version)))
        finally:
            raw.execute("ROLLBACK")


def _sqlite_reader() -> sqlite3.Connection:
    global _reader  # noqa: PLW0603 - one per process, by design
    name = str(connection.settings_dict["NAME"])
    if _reader is None or _reader[0] != name:
        wrapper = connections.create_connection("default")
        wrapper.inc_thread_sharing()
        wrapper.ensure_connection()
        _reader = (name, wrapper)
    raw: sqlite3.Connection = _reader[1].connection
    return raw


def _read_sqlite(raw: Any, sql: str, columns: Mapping[str, str]) -> pa.Table:
    return pa.Table.from_batches(_sqlite_batches(raw, sql, columns), schema=arrow_schema(columns))


def _sqlite_batches(raw: Any, sql: str, columns: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    cursor = sqlite3.Connection.cursor(raw)
    listed = ", ".join(_unconverted(name, kind) for name, kind in columns.items())
    cursor.execute(f"SELECT {listed} FROM ({sql})")  # noqa: S608
    schema = arrow_schema(columns)
    while rows := cursor.fetchmany(CHUNK):
        arrays = [
            _column(values, kind)
            for values, kind in zip(zip(*rows, strict=True), columns.values(), strict=True)
        ]
        yield pa.record_batch(arrays, schema=schema)


def _unconverted(name: str, kind: str) -> str:
    """A column as SQLite stores it: an expression has no type for Django's converters to hear."""
    stored = {"time": "TEXT", "bool": "INTEGER"}.get(kind)
    return f'CAST("{name}" AS {stored})' if stored else f'"{name}"'


def _column(values: Sequence[Any], kind: str) -> pa.Array:
    if kind == "time":
        return _times(values)
    if kind == "ms":
        return pa.array(values, pa.timestamp("ms", "UTC")).cast(pa.timestamp("us", "UTC"))
    if kind == "bool":
        return pa.array([None if value is None else bool(value) for value in values])
    if kind == "hash":
        return pa.array([keyed_hash(value) for value in values], pa.string())
    return pa.array(values, TYPES[kind], from_pandas=False)


def _times(values: Sequence[Any]) -> pa.Array:
    """Django writes `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC."""
    sample = next((value for value in values if value is not None), None)
    if sample is None:
        return pa.nulls(len(values), TYPES["time"])
    naive = pc.cast(pa.array(values, pa.string()), pa.timestamp("us"))
    return pc.assume_timezone(naive, "UTC")


def _read_postgres(raw: Any, sql: str, columns: Mapping[str, str]) -> pa.Table:
    sink = io.BytesIO()
    with raw.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as copy:
        for block in copy:
            sink.write(block)
    schema = pa.schema([(name, _WIRE.get(kind, TYPES[kind])) for name, kind in columns.items()])
    if not sink.tell():
        return arrow_schema(columns).empty_table()
    sink.seek(0)
    table = pa_csv.read_csv(
        sink,
        read_options=pa_csv.ReadOptions(column_names=list(columns)),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            true_values=["t", "1"],
            false_values=["f", "0"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    for index, (name, kind) in enumerate(columns.items()):
        if kind in {"hash", "ms"}:
            table = table.set_column(index, name, _column(table[name].to_pylist(), kind))
    return table


def keyed_hash(value: str | None) -> str | None:
    """32 hex digits that only the holder of the home's secret key can compute."""
    if value is None:
        return None
    key: bytes = settings.SIYU_SECRET_KEY
    return hashlib.blake2b(value.encode(), digest_size=16, key=key).hexdigest()
