"""Which state tables the lake shows, and under which names and types.

Each slice ships `lake_tables.py`; `site` registers them. A select must contain no personal data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

TYPES: Mapping[str, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "text": pa.string(),
    "json": pa.string(),
    "hash": pa.string(),
    "time": pa.timestamp("us", "UTC"),
    "ms": pa.timestamp("us", "UTC"),
}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class MirrorTable:
    """A read-only copy of state for analysis.

    sql: one SELECT that runs on SQLite and PostgreSQL. columns: name → type (`int float bool
    text json time hash ms`; `ms` are milliseconds since the epoch), in the order of the select; `hash` values are keyed-hashed while they
    are read. key: the column that restricts the table to some customers; "" = always whole.
    sources: tables of the state it is made from and, of each, the column that holds values of
    `row_key` (by default `key`); only rows whose key was written are read again then. wholes:
    tables of which any update or deletion changes everything. Without sources it is read whole.
    """

    name: str
    sql: str
    columns: Mapping[str, str] = field(hash=False)
    key: str = "customer_id"
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)
    wholes: tuple[str, ...] = ()
    row_key: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"bad mirror name {self.name!r}")
        unknown = set(self.columns.values()) - set(TYPES)
        if unknown or not self.columns:
            raise ValueError(f"mirror {self.name}: unknown column types {sorted(unknown)}")
        if self.key and self.key not in self.columns:
            raise ValueError(f"mirror {self.name}: key {self.key!r} is no column")
        if self.sources and self.changing_key not in self.columns:
            raise ValueError(f"mirror {self.name}: row_key {self.row_key!r} is no column")

    @property
    def changing_key(self) -> str:
        """The column by which rows are read again."""
        return self.row_key or self.key

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the copy."""
        return arrow_schema(self.columns)


def arrow_schema(columns: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema of columns given as name → type."""
    return pa.schema([(name, TYPES[kind]) for name, kind in columns.items()])


_tables: dict[str, MirrorTable] = {}


def register(table: MirrorTable | Mapping[str, Any]) -> None:
    """Show a state table; the last registration of a name counts.

    A mapping holds the keyword arguments of `MirrorTable`, for slices that may not import the lake.
    """
    known = table if isinstance(table, MirrorTable) else MirrorTable(**table)
    _tables[known.name] = known


def unregister(name: str) -> None:
    """Stop showing a table; nothing happens when it is not shown."""
    _tables.pop(name, None)


def list_tables() -> tuple[MirrorTable, ...]:
    """All registered tables, in order of registration."""
    return tuple(_tables.values())


def find_table(name: str) -> MirrorTable | None:
    """The registered table of a name, or None."""
    return _tables.get(name)
