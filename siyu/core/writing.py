"""Writes many rows of one table in few statements; much faster than `bulk_update`.

SQLite's driver lets go of the interpreter for every single statement and must win it back from
the other threads afterwards, so a statement for each row costs ten times as much in a busy worker
as on a quiet machine. Many rows go into one statement; the numbers of rows in one are few, so
that the prepared statements are used again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Model

Row = Sequence[Any]
CHUNKS = (256, 64, 16)
"""Rows in one statement; SQLite takes 32,766 values (https://www.sqlite.org/limits.html)."""


def insert_values(table: str, columns: Sequence[str], rows: Sequence[Row], tail: str = "") -> None:
    """INSERT rows of the columns' values; `tail` is what follows them, such as ON CONFLICT …"""
    names = ", ".join(f'"{column}"' for column in columns)
    head = f'INSERT INTO "{table}" ({names}) VALUES '  # noqa: S608 - names of columns
    write_values(head, _marks(len(columns)), rows, f" {tail}" if tail else "")


def update_values(
    table: str, columns: Sequence[str], rows: Sequence[Row], *, key: str = "id", where: str = ""
) -> None:
    """UPDATE the columns of the rows whose `key` equals each given row's last value.

    No key may come twice. where: what else must hold; the new values are `new.column1`,
    `new.column2`, … SQLite only.
    """
    width = len(columns) + 1
    sets = ", ".join(f'"{name}" = new.column{at}' for at, name in enumerate(columns, 1))
    match = f') AS new WHERE "{table}"."{key}" = new.column{width}'
    head = f'UPDATE "{table}" SET {sets} FROM (VALUES '  # noqa: S608 - names of columns
    write_values(head, _marks(width), rows, match + where)


def write_rows(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """UPDATE `fields` of every row. The rows are of one model and already in the table."""
    if not rows:
        return
    meta = rows[0]._meta
    columns = [field for field in meta.concrete_fields if field.name in set(fields)]
    values = {
        row.pk: [
            *(
                column.get_db_prep_save(getattr(row, column.attname), connection)
                for column in columns
            ),
            row.pk,
        ]
        for row in rows
    }
    names = [str(column.column) for column in columns]
    if connection.vendor == "sqlite":
        update_values(meta.db_table, names, list(values.values()))
        return
    sets = ", ".join(f'"{name}" = %s' for name in names)
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{meta.db_table}" SET {sets} WHERE id = %s',  # noqa: S608 - names of columns
            list(values.values()),
        )


def insert_rows(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """INSERT rows of one model that have no id yet, in few statements; they learn no id.

    ignore_conflicts: leave out rows that a unique key has already.
    """
    if not rows:
        return
    meta = rows[0]._meta
    columns = [field for field in meta.concrete_fields if not field.primary_key]
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns]
        for row in rows
    ]
    tail = "ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    insert_values(meta.db_table, [str(column.column) for column in columns], values, tail)


def write_values(head: str, marks: str, rows: Sequence[Row], tail: str = "") -> None:
    """Run `head`, the marks `(%s, …)` once a row, and `tail` over all rows."""
    start = 0
    with connection.cursor() as cursor:
        for size in CHUNKS:
            statement = _statement(head, marks, size, tail)
            while len(rows) - start >= size:
                cursor.execute(statement, list(chain(*rows[start : start + size])))
                start += size
        if start < len(rows):
            cursor.executemany(_statement(head, marks, 1, tail), rows[start:])


@lru_cache(maxsize=512)
def _statement(head: str, marks: str, count: int, tail: str) -> str:
    return head + ", ".join([marks] * count) + tail


def _marks(width: int) -> str:
    return f"({', '.join(['%s'] * width)})"
