"""Who knows everybody: columns kept on disk, and the state itself for whoever changed since.

A large pool is not read again for each question. A duty writes its columns to a file now and
then; every process reads it. Customers that changed since are noted (`Touched`, then `Changed`),
and a session over the state decides them, so the answer is that of this moment. A small pool has
no file: one session over the state knows everybody.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from django.db import connection as state
from django.db import transaction
from django.db.models import Max
from numpy.typing import NDArray

from siyu.core.runtime import runtime
from siyu.kernel.clock import wall_seconds
from siyu.lake.delta import is_local, lake_url
from siyu.lake.engine import ZONE, memory_limit
from siyu.lake.locks import exclusive
from siyu.lake.mirror import find_table
from siyu.lake.session import open_session
from siyu.lake.state import Snapshot, open_snapshot
from siyu.segments.bitmaps import Ids, Level
from siyu.segments.column_files import show_events, show_rows, write_file
from siyu.segments.models import Changed, Columns, Touched

LOCK = "segments.columns"
MIN_CUSTOMERS = 50_000
"""A smaller pool is read whole."""
MIN_CHANGED, CHANGED_SHARE = 2_000, 50
"""The file is made anew when more than this many, and one in so many, customers changed."""
KEEP_S = 3_600
DENSE = 4
FORM = 3
"""To be raised when the tables of the file change."""


@dataclass
class _Kept:
    """An open file. places: of customer ids in `ids`, -1 = none; None where ids are sparse."""

    place: tuple[str, int]
    connection: duckdb.DuckDBPyConnection
    ids: Ids
    places: NDArray[np.int32] | None


_open: _Kept | None = None
_lock = threading.Lock()


@contextmanager
def open_levels() -> Iterator[list[Level]]:
    """Sessions that together know every customer as of now; each customer is decided by one."""
    row = Columns.objects.first()
    kept = _kept(row) if row is not None else None
    if row is None or kept is None:
        with open_session() as session:
            yield [Level(session, _ids(session))]
        return
    changed = _changed_since(row.changed_id)
    with ExitStack() as stack:
        cursor = stack.enter_context(kept.connection.cursor())
        cursor.execute("USE kept")
        base = Level(cursor, kept.ids, is_columnar=True, places=kept.places, show=_show)
        places, is_known = base.place_of(changed)
        base.hidden = places[is_known].astype(np.int64)
        levels = [base]
        if len(changed):
            session = stack.enter_context(open_session(changed.tolist()))
            levels.append(Level(session, _ids(session)))
        yield levels


def keep(*, min_customers: int = MIN_CUSTOMERS) -> bool:
    """Write the file when there is none of a large pool or too many changed; whether it did."""
    row = Columns.objects.first()
    if row is not None and _path(row).exists() and not _is_old(row):
        return False
    if row is None and _count() < min_customers:
        return False
    with exclusive(LOCK) as is_mine:
        if not is_mine:
            return False
        _write(row.number + 1 if row else 1)
        return True


def forget() -> None:
    """The file no longer tells the truth: it is not read again."""
    Columns.objects.all().delete()


def _write(number: int) -> None:
    token = secrets.token_hex(8)
    folder = runtime().home / "columns"
    folder.mkdir(exist_ok=True)
    unfinished = folder / f"{number}-{token}.writing"
    try:
        with _own_snapshot() as snapshot:
            changed_id = _last_changed(snapshot)
            write_file(unfinished, snapshot)
        unfinished.rename(folder / _name(number, token))
    finally:
        unfinished.unlink(missing_ok=True)
    with transaction.atomic():
        Columns.objects.all().delete()
        Columns.objects.create(token=token, number=number, changed_id=changed_id)
        Changed.objects.filter(id__lte=changed_id).delete()
    _remove_old(folder, keep=_name(number, token))


def _remove_old(folder: Path, *, keep: str) -> None:
    """Files nobody opens any more; a process may still be reading the one before."""
    for file in folder.iterdir():
        if file.name != keep and wall_seconds() - file.stat().st_mtime > KEEP_S:
            file.unlink(missing_ok=True)


def _is_old(row: Columns) -> bool:
    changed = Changed.objects.filter(id__gt=row.changed_id)
    limit = max(MIN_CHANGED, _count() // CHANGED_SHARE)
    return changed.count() > limit and changed.values("customer_id").distinct().count() > limit


def _count() -> int:
    shown = find_table("customers")
    if shown is None:
        return 0
    with state.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({shown.sql}) AS shown")  # noqa: S608
        return int(cursor.fetchone()[0])


def _last_changed(snapshot: Snapshot) -> int:
    sql = "SELECT coalesce(max(id), 0) AS last FROM segments_changed"
    found = snapshot.read(sql, {"last": "int"})["last"].to_pylist()[0]
    known = Columns.objects.aggregate(last=Max("changed_id"))["last"] or 0
    return max(int(found), int(known))


@contextmanager
def _own_snapshot() -> Iterator[Snapshot]:
    """A snapshot that keeps nobody waiting while it is read for minutes."""
    name = str(state.settings_dict["NAME"])
    if state.in_atomic_block or state.vendor != "sqlite" or "memory" in name:
        with open_snapshot() as snapshot:
            yield snapshot
        return
    raw = sqlite3.connect(
        f"file:{name}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        raw.execute("BEGIN")
        yield Snapshot(raw, None)
    finally:
        raw.close()


def _changed_since(changed_id: int) -> Ids:
    """The customers the file may be wrong about, ascending."""
    noted = Changed.objects.filter(id__gt=changed_id).values_list("customer_id", flat=True)
    waiting = Touched.objects.values_list("customer_id", flat=True)
    return np.unique(np.fromiter((*noted.iterator(), *waiting.iterator()), np.int64))


def _path(row: Columns) -> Path:
    return runtime().home / "columns" / _name(row.number, row.token)


def _name(number: int, token: str) -> str:
    """Another form of the file is another name, so that it is not found and written anew."""
    return f"{number}-{token}.v{FORM}.duckdb"


def _kept(row: Columns) -> _Kept | None:
    """The open file of a row; None when it is not on this machine."""
    global _open  # noqa: PLW0603 - one per process, by design
    path = _path(row)
    with _lock:
        place = (str(path), row.number)
        if _open is None or _open.place != place:
            if not path.exists():
                return None
            _open = _attach(path, place)
        return _open


def _attach(path: Path, place: tuple[str, int]) -> _Kept:
    connection = duckdb.connect(":memory:")
    quoted = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS kept (READ_ONLY)")
    folder = lake_url() if is_local() else str(runtime().home / "lake")
    for name, value in {
        "memory_limit": f"'{memory_limit()}B'",
        "threads": os.cpu_count() or 1,
        "temp_directory": f"'{runtime().home / 'spill'}'",
        "allowed_directories": f"['{folder}']",
        "TimeZone": f"'{ZONE}'",
        "enable_external_access": "false",
        "lock_configuration": "true",
    }.items():
        connection.execute(f"SET GLOBAL {name} = {value}")
    found = connection.execute("SELECT customer_id FROM kept.customers").fetchnumpy()
    ids = np.asarray(found["customer_id"], np.int64)
    return _Kept(place, connection, ids, _places(ids))


def _places(ids: Ids) -> NDArray[np.int32] | None:
    if not len(ids) or ids[-1] > DENSE * len(ids) or ids[0] < 0:
        return None
    places = np.full(int(ids[-1]) + 1, -1, np.int32)
    places[ids] = np.arange(len(ids), dtype=np.int32)
    return places


def _show(session: duckdb.DuckDBPyConnection, tables: set[str]) -> None:
    """Bring what is not in the file: the events themselves, and uploaded lists."""
    with open_snapshot() as snapshot:
        if "events" in tables:
            show_events(session, snapshot)
        shown = find_table("segment_lists")
        if "segment_lists" in tables and shown is not None:
            show_rows(session, "segment_lists", snapshot.read(shown.sql, shown.columns))


def _ids(session: duckdb.DuckDBPyConnection) -> Ids:
    found = session.execute("SELECT customer_id FROM customers ORDER BY 1").fetchnumpy()
    return np.asarray(found["customer_id"], np.int64)
