"""Columns straight into tables: what a loop over rows is too slow for."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.db import connection
from django.db.models import NOT_PROVIDED, Field, Model

from siyu.core.writing import write_values
from siyu.kernel.clock import from_ms
from siyu.pool.rows import is_postgres

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class All:
    """One value for every row."""

    value: Any


def insert_columns(model: type[Model], columns: Mapping[str, Sequence[Any] | All]) -> None:
    """Insert rows given as columns of equal length; columns not given take the model's default.

    Times are raw SQL values (`times_of`). Booleans and numbers are Python's or numpy lists.
    """
    given: dict[str, Sequence[Any] | All] = dict(columns)
    for field in model._meta.concrete_fields:
        column = field.column
        if column is not None and column not in given and not field.primary_key:
            given[column] = All(_default(field))
    lists = {name: each for name, each in given.items() if not isinstance(each, All)}
    fixed = {name: each.value for name, each in given.items() if isinstance(each, All)}
    if not len(next(iter(lists.values()))):
        return
    write = _copy if is_postgres() else _insert
    write(model._meta.db_table, lists, fixed)


def times_of(ms: Ints) -> list[Any]:
    """Milliseconds as the database's driver wants times in raw SQL."""
    distinct, places = np.unique(ms, return_inverse=True)
    if is_postgres():
        texts = np.array([from_ms(int(each)).isoformat() for each in distinct], dtype=object)
    else:
        texts = _sqlite_times(distinct)
    found: list[Any] = texts[places].tolist()
    return found


def _sqlite_times(distinct: Ints) -> npt.NDArray[np.object_]:
    """`YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC, as Django writes it."""
    whole = np.datetime_as_string(distinct // 1000 * np.timedelta64(1, "s") + np.datetime64(0, "s"))
    texts = np.char.replace(whole, "T", " ").astype(object)
    rest = distinct % 1000
    for place in np.flatnonzero(rest):
        texts[place] += f".{int(rest[place]):03d}000"
    return np.asarray(texts, dtype=object)


def _default(field: Field[Any, Any]) -> Any:
    if field.default is NOT_PROVIDED and not field.null and not field.empty_strings_allowed:
        raise ValueError(f"{field.model.__name__}.{field.column} is not given")
    return field.get_default()


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper() if is_postgres() else str(int(value))
    if isinstance(value, int):
        return str(value)
    if "\x00" in str(value):
        raise ValueError("NUL in a literal")
    return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"


def _insert(table: str, lists: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in (*lists, *fixed))
    marks = ", ".join([*["%s"] * len(lists), *map(_literal, fixed.values())])
    head = f'INSERT INTO "{table}" ({names}) VALUES '  # noqa: S608 - names of columns
    write_values(head, f"({marks})", list(zip(*lists.values(), strict=True)))


def _copy(table: str, lists: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]) -> None:
    size = len(next(iter(lists.values())))
    every = {**lists, **{name: [value] * size for name, value in fixed.items()}}
    arrays = [_texts(values) for values in every.values()]
    sink = io.BytesIO()
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    pa_csv.write_csv(pa.table(arrays, names=list(every)), sink, options)
    names = ", ".join(f'"{name}"' for name in every)
    with connection.cursor() as cursor:
        sql = f'COPY "{table}" ({names}) FROM STDIN (FORMAT csv)'
        with cursor.copy(sql) as copy:
            copy.write(sink.getbuffer())


def _texts(values: Iterable[Any]) -> pa.Array:
    array = pa.array(values)
    if pa.types.is_boolean(array.type):
        return array.cast(pa.int8()).cast(pa.string()).cast(pa.string())
    return array if pa.types.is_null(array.type) else array.cast(pa.string())
