"""Writes many rows of one table by id in one round trip; much faster than `bulk_update`."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model


def write_rows(rows: Sequence[Model], fields: Sequence[str]) -> None:
    """UPDATE `fields` of every row. The rows are of one model and already in the table."""
    if not rows:
        return
    meta = rows[0]._meta
    columns = [field for field in meta.concrete_fields if field.name in set(fields)]
    sets = ", ".join(f'"{column.column}" = %s' for column in columns)
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns]
        + [row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f'UPDATE "{meta.db_table}" SET {sets} WHERE id = %s', values)  # noqa: S608


def insert_rows(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """INSERT rows of one model that have no id yet, in one round trip; they learn no id.

    ignore_conflicts: leave out rows that a unique key has already.
    """
    if not rows:
        return
    meta = rows[0]._meta
    columns = [field for field in meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{column.column}"' for column in columns)
    marks = ", ".join("%s" for _ in columns)
    tail = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    sql = f'INSERT INTO "{meta.db_table}" ({names}) VALUES ({marks}){tail}'  # noqa: S608
    values = [
        [column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
