"""DuckDB in this process: locked down, holding copies of the state tables in columns."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from siyu.core.runtime import runtime
from siyu.lake.changes import changed_since, keys_of, mark_of, watched
from siyu.lake.delta import is_local, lake_url
from siyu.lake.mirror import MirrorTable, arrow_schema, find_table, list_tables
from siyu.lake.state import Snapshot, open_snapshot, within
from siyu.lake.tables import OWNERS, OWNERS_SQL, PENDING, PENDING_SQL, TABLES

ZONE = "Asia/Shanghai"
_GIB = 1024**3
MAX_KEYS = 300_000
CHUNK_KEYS = 20_000
_WANTED = pa.schema([("identity_id", pa.int64())])


@dataclass(frozen=True)
class Renewed:
    """Rows that take the place of all rows whose `column` is one of `keys`."""

    column: str
    keys: list[int]
    rows: pa.Table


class Engine:
    """One in-memory database. It reads files only below the lake and takes no new settings."""

    def __init__(self, *, memory: int | None = None) -> None:
        """memory: bytes to use before spilling; None for the machine's share."""
        self.connection = duckdb.connect(":memory:")
        folder = lake_url() if is_local() else str(runtime().home / "lake")
        for name, value in {
            "memory_limit": f"{memory or memory_limit()}B",
            "threads": os.cpu_count() or 1,
            "temp_directory": str(runtime().home / "spill"),
            "allowed_directories": [folder],
            "parquet_metadata_cache": True,
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "enable_external_access": False,
        }.items():
            self.connection.execute(f"SET GLOBAL {name} = {_literal(value)}")
        self.connection.execute(f"SET GLOBAL TimeZone = '{ZONE}'")
        self.connection.execute("SET GLOBAL lock_configuration = true")

    def load(self, tables: dict[str, pa.Table]) -> None:
        """Replace tables, all at once for whoever reads."""
        with self._at_once():
            self._replace(tables)

    def update(self, tables: dict[str, pa.Table], rows: dict[str, Renewed]) -> None:
        """Replace tables, and rows of others, all at once for whoever reads."""
        with self._at_once():
            self._replace(tables)
            for name, renewed in rows.items():
                keys = pa.table({"key": pa.array(renewed.keys, pa.int64())})
                self._run(f'DELETE FROM "{name}" WHERE {renewed.column} IN (FROM incoming)', keys)  # noqa: S608
                self._run(f'INSERT INTO "{name}" SELECT * FROM incoming', renewed.rows)  # noqa: S608

    def _replace(self, tables: dict[str, pa.Table]) -> None:
        for name, table in tables.items():
            self._run(f'CREATE OR REPLACE TABLE "{name}" AS SELECT * FROM incoming', table)  # noqa: S608

    def _run(self, statement: str, incoming: pa.Table) -> None:
        self.connection.register("incoming", incoming)
        self.connection.execute(statement)
        self.connection.unregister("incoming")

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        self.connection.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")


def memory_limit() -> int:
    """Bytes DuckDB may use before it spills: a quarter of the machine, 0.5 to 8 GiB."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(min(max(total // 4, _GIB // 2), 8 * _GIB))


def read_state(
    snapshot: Snapshot,
    customer_ids: Iterable[int] | None = None,
    names: Collection[str] | None = None,
) -> dict[str, pa.Table]:
    """Mirrored tables, and for `events` the buffer and the owners; the others are empty.

    customer_ids: only their rows. names: only these tables; None for all.
    """
    wanted = None if customer_ids is None else sorted(set(customer_ids))
    tables = {name: arrow_schema(columns).empty_table() for name, columns in TABLES.items()}
    for mirror in list_tables():
        is_asked = names is None or mirror.name in names
        empty = mirror.schema.empty_table()
        tables[mirror.name] = (
            snapshot.read(_select(mirror, wanted), mirror.columns) if is_asked else empty
        )
    if names is not None and "events" not in names:
        return tables | _no_events()
    if wanted is None:
        tables["lake_owner"] = snapshot.read(OWNERS_SQL, OWNERS)
        tables["lake_pending"] = snapshot.read(PENDING_SQL, PENDING)
        return tables
    return tables | _events_of(snapshot, wanted)


def _no_events() -> dict[str, pa.Table]:
    return {
        "lake_owner": arrow_schema(OWNERS).empty_table(),
        "lake_pending": arrow_schema(PENDING).empty_table(),
        "lake_wanted": _WANTED.empty_table(),
    }


def _events_of(snapshot: Snapshot, wanted: list[int]) -> dict[str, pa.Table]:
    """Buffer and owners for the identities these customers hold now."""
    tables = {}
    owned = snapshot.read(within(OWNERS_SQL, "customer_id", wanted), OWNERS)
    ids = {*owned["identity_id"].to_pylist(), *_identities_of(snapshot, wanted)}
    if find_table("identities") is None:
        tables["lake_owner"] = snapshot.read(OWNERS_SQL, OWNERS)
    else:
        tables["lake_owner"] = snapshot.read(within(OWNERS_SQL, "identity_id", ids), OWNERS)
    tables["lake_wanted"] = pa.table({"identity_id": sorted(ids)}, schema=_WANTED)
    tables["lake_pending"] = snapshot.read(_pending_of(ids, wanted), PENDING)
    return tables


def _identities_of(snapshot: Snapshot, wanted: list[int]) -> list[int]:
    mirror = find_table("identities")
    if mirror is None:
        return []
    sql = f"SELECT identity_id FROM ({_select(mirror, wanted)}) AS held"  # noqa: S608
    found: list[int] = snapshot.read(sql, {"identity_id": "int"})["identity_id"].to_pylist()
    return found


def _select(mirror: MirrorTable, wanted: list[int] | None) -> str:
    if wanted is None or not mirror.key:
        return mirror.sql
    return within(mirror.sql, mirror.key, wanted)


def _pending_of(identity_ids: Iterable[int], customer_ids: list[int]) -> str:
    by_identity = within(PENDING_SQL, "identity_id", identity_ids)
    if find_table("identities") is not None:
        return by_identity
    return f"{by_identity} UNION {within(PENDING_SQL, 'customer_id', customer_ids)}"


class _Shared:
    """The process's engine with a copy of the whole state, refreshed when the state changed.

    After the first time a refresh reads what changed: the rows whose keys were noted, and the
    tables that are not watched.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.engine: Engine | None = None
        self.version: tuple[object, ...] | None = None
        self.checked_at = 0.0
        self.mark = 0
        self.watched: set[str] = set()
        self.read_rows = 0

    def fresh(self, max_age: float) -> Engine:
        """The engine, its copy at most `max_age` seconds behind the state."""
        with self.lock:
            place = (lake_url(), str(runtime().home))
            is_same_place = self.version is not None and self.version[:2] == place
            if self.engine is not None and is_same_place:
                if time.monotonic() - self.checked_at < max_age:
                    return self.engine
            elif self.engine is not None:
                self.engine = None
            return self._refresh(place)

    def _refresh(self, place: tuple[str, str]) -> Engine:
        started = time.monotonic()
        with open_snapshot() as snapshot:
            version = (*place, snapshot.version, list_tables())
            engine = self.engine or Engine()
            if self.engine is None or version != self.version:
                mark, seen = mark_of(snapshot), watched(snapshot)
                is_same = self.version is not None and self.version[-1] == list_tables()
                changed: dict[str, set[int | None]] | None = None
                if self.engine is not None and is_same and seen == self.watched:
                    changed = changed_since(snapshot, self.mark)
                tables, rows = (
                    (read_state(snapshot), dict[str, Renewed]())
                    if changed is None
                    else read_changes(snapshot, changed, seen)
                )
                engine.update(tables, rows)
                self.read_rows = sum(table.num_rows for table in tables.values())
                self.read_rows += sum(renewed.rows.num_rows for renewed in rows.values())
                self.mark, self.watched = mark, seen
        self.engine, self.version, self.checked_at = engine, version, started
        return engine


def read_changes(
    snapshot: Snapshot, changed: Mapping[str, set[int | None]], seen: set[str]
) -> tuple[dict[str, pa.Table], dict[str, Renewed]]:
    """Tables to replace and rows to renew, given what was noted in the watched tables `seen`."""
    tables = {
        "lake_owner": snapshot.read(OWNERS_SQL, OWNERS),
        "lake_pending": snapshot.read(PENDING_SQL, PENDING),
    }
    rows: dict[str, Renewed] = {}
    for mirror in list_tables():
        keys = None
        if mirror.sources and {*mirror.sources, *mirror.wholes} <= seen:
            keys = keys_of(mirror, changed)
        if keys is None or len(keys) > MAX_KEYS:
            tables[mirror.name] = snapshot.read(mirror.sql, mirror.columns)
        elif keys:
            column = mirror.changing_key
            parts = [
                snapshot.read(
                    within(mirror.sql, column, keys[at : at + CHUNK_KEYS]), mirror.columns
                )
                for at in range(0, len(keys), CHUNK_KEYS)
            ]
            rows[mirror.name] = Renewed(column, keys, pa.concat_tables(parts))
    return tables, rows


shared = _Shared()
_idle: dict[tuple[str, str], list[Engine]] = {}
_idle_lock = threading.Lock()
MAX_IDLE = 4


@contextmanager
def spare_engine() -> Iterator[Engine]:
    """An engine of the caller's own; a few are kept warm, but none that saw an error."""
    place = (lake_url(), str(runtime().home))
    with _idle_lock:
        waiting = _idle.get(place, [])
        engine = waiting.pop() if waiting else None
    engine = engine or Engine()
    try:
        yield engine
    except BaseException:
        engine.connection.close()
        raise
    with _idle_lock:
        if place not in _idle:
            _idle.clear()
        kept = _idle.setdefault(place, [])
        if len(kept) < MAX_IDLE:
            kept.append(engine)
            return
    engine.connection.close()


def _literal(value: object) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return "'" + str(value).replace("'", "''") + "'"
