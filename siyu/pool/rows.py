"""Set-based SQL for both databases: many rows by one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import Model

from siyu.core.writing import insert_values, update_values, write_values
from siyu.kernel.clock import from_ms, to_ms

Row = Sequence[Any]
_LOCK = 7312


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def stamp(at: datetime | None) -> Any:
    """A time as the database's driver wants it in raw SQL."""
    return connection.ops.adapt_datetimefield_value(at) if at is not None else None


def stamper() -> Callable[[int], Any]:
    """The function that turns milliseconds into a raw SQL time on this connection."""
    return from_ms if is_postgres() else _text_of_ms


@lru_cache(maxsize=16_384)
def _text_of_ms(ms: int) -> str:
    return str(from_ms(ms).replace(tzinfo=None))


def ms_of(value: Any) -> int:
    """Milliseconds of a time read by raw SQL (SQLite gives UTC without saying so)."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return to_ms(at if at.tzinfo else at.replace(tzinfo=UTC))


def among(column: str) -> str:
    """`column` is one of a list passed with `listed`."""
    if is_postgres():
        return f"{column} = ANY(%s)"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608 - a column's name


def listed(values: Iterable[int] | Iterable[str]) -> Any:
    """The parameter that goes with `among`."""
    many = list(values)
    return many if is_postgres() else msgspec.json.encode(many).decode()


def fetch(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def execute(sql: str, *parameters: Any) -> int:
    """Run one statement; the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _table(model: type[Model]) -> str:
    return model._meta.db_table


def _types(model: type[Model], columns: Sequence[str]) -> list[str]:
    fields = {field.column: field for field in model._meta.concrete_fields}
    return [str(fields[name].rel_db_type(connection)).split("(")[0] for name in columns]


def _arrays(rows: Sequence[Row], types: Sequence[str]) -> tuple[str, list[list[Any]]]:
    marks = ", ".join(f"%s::{kind}[]" for kind in types)
    return marks, [list(column) for column in zip(*rows, strict=True)]


def insert_rows(
    model: type[Model], columns: Sequence[str], rows: Sequence[Row], *, on_conflict: str = ""
) -> None:
    """Insert rows; `on_conflict` is the text after ON CONFLICT, if any."""
    if not rows:
        return
    tail = f"ON CONFLICT {on_conflict}" if on_conflict else ""
    if not is_postgres():
        insert_values(_table(model), columns, rows, tail)
        return
    names = ", ".join(f'"{name}"' for name in columns)
    marks, arrays = _arrays(rows, _types(model, columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_table(model)} ({names}) SELECT * FROM unnest({marks}) {tail}",  # noqa: S608
            arrays,
        )


def update_rows(model: type[Model], columns: Sequence[str], key: str, rows: Sequence[Row]) -> None:
    """Set `columns` where `key` equals each row's last value."""
    update_table(_table(model), columns, key, rows, types=_types(model, [*columns, key]))


def update_table(
    table: str, columns: Sequence[str], key: str, rows: Sequence[Row], *, types: Sequence[str]
) -> None:
    """`update_rows` for a table known by name; `types` are PostgreSQL's."""
    if not rows:
        return
    if not is_postgres():
        update_values(table, columns, rows, key=key)
        return
    marks, arrays = _arrays(rows, types)
    fields = ", ".join(f'"{name}" = new."{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in [*columns, "siyu_key"])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {fields} FROM unnest({marks}) AS new({names})"  # noqa: S608
            f' WHERE {table}."{key}" = new.siyu_key',
            arrays,
        )


def raise_times(table: str, column: str, rows: Sequence[Row]) -> None:
    """Set a time `column` where it is earlier than given; rows are (time, id)."""
    update_from(
        table,
        f"{column} = new.column1",
        rows,
        types=("timestamptz", "bigint"),
        where=f"{table}.id = new.column2 AND {table}.{column} < new.column1",
    )


def update_from(
    table: str, sets: str, rows: Sequence[Row], *, types: Sequence[str], where: str
) -> None:
    """UPDATE by given rows: their values are `new.column1`, `new.column2`, … in sets and where.

    `types` are PostgreSQL's.
    """
    if not rows:
        return
    head = f'UPDATE "{table}" SET {sets} FROM '  # noqa: S608 - names of columns
    if not is_postgres():
        marks = f"({', '.join(['%s'] * len(types))})"
        write_values(f"{head}(VALUES ", marks, rows, f") AS new WHERE {where}")
        return
    marks, arrays = _arrays(rows, types)
    names = ", ".join(f"column{at}" for at in range(1, len(types) + 1))
    with connection.cursor() as cursor:
        cursor.execute(f"{head}unnest({marks}) AS new({names}) WHERE {where}", arrays)


def reserve_ids(model: type[Model], count: int) -> range | list[int]:
    """Fresh ids, never used before, not even by deleted rows."""
    if not count:
        return range(0)
    table = _table(model)
    if is_postgres():
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return [row[0] for row in fetch(sql, table, count)]
    found = fetch("SELECT seq FROM sqlite_sequence WHERE name = %s", table)
    first = (found[0][0] if found else 0) + 1
    if found:
        execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", first + count - 1, table)
    else:
        execute("INSERT INTO sqlite_sequence(name, seq) VALUES (%s, %s)", table, count)
    return range(first, first + count)


@contextmanager
def resolving(*, is_part: bool = False) -> Iterator[None]:
    """A transaction in which nobody else changes who is who.

    is_part: an error ends the transaction around it, too, so it makes no savepoint. SQLite keeps
    a journal of a savepoint's pages, which every statement that fires a trigger walks through.
    """
    with transaction.atomic(savepoint=not is_part):
        if is_postgres():
            execute("SELECT pg_advisory_xact_lock(%s)", _LOCK)
        yield
