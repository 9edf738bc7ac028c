"""Parquet copies of the state's tables beside the history, for readers from outside.

Each mirrored table is a Delta table of its own below the lake, replaced as a whole at most once
an hour and only when its rows changed. Nothing of Siyu reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from django.db import connection, connections

from siyu.kernel.clock import wall_seconds
from siyu.lake.changes import mark_of, watched
from siyu.lake.compaction import KEEP_HOURS, vacuum
from siyu.lake.delta import is_local, lake_url
from siyu.lake.locks import exclusive
from siyu.lake.mirror import MirrorTable, list_tables
from siyu.lake.models import WriterState
from siyu.lake.state import Snapshot, open_snapshot

LOCK = "lake.snapshot"
HURRY = "snapshot_hurry"
EVERY_S = 3_600.0
_CONFIGURATION: dict[str, str | None] = {"delta.logRetentionDuration": "interval 1 hours"}


def publish() -> bool:
    """Renew the copies that are due; False, as it is never urgent.

    After an erasure they are due at once, and their old files are deleted at once.
    """
    with exclusive(LOCK) as is_mine:
        if not is_mine:
            return False
        hurry = WriterState.objects.filter(name=HURRY).values_list("value", flat=True).first()
        with _reading() as snapshot:
            mark, seen = mark_of(snapshot), watched(snapshot)
            due = [
                mirror
                for mirror in list_tables()
                if _is_due(snapshot, mirror, seen, is_hurried=hurry is not None)
            ]
            for mirror in due:
                _write(snapshot, mirror)
        for mirror in due:
            _note(mirror, mark)
            vacuum(DeltaTable(table_url(mirror.name)), 0 if hurry else KEEP_HOURS)
        WriterState.objects.filter(name=HURRY, value=hurry or "").delete()
    return False


def hurry(token: str) -> None:
    """Have the copies renewed at the next turn, their old files deleted."""
    WriterState.objects.update_or_create(name=HURRY, defaults={"value": token})


def table_url(name: str) -> str:
    """Where the copy of a table is."""
    return f"{lake_url().rstrip('/')}/{name}"


@contextmanager
def _reading() -> Iterator[Snapshot]:
    """A snapshot that nobody else waits for, however long the writing takes."""
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        with open_snapshot() as snapshot:
            yield snapshot
        return
    own = connections.create_connection("default")
    try:
        own.ensure_connection()
        own.connection.execute("BEGIN")
        yield Snapshot(own.connection, None)
    finally:
        own.close()


def _is_due(snapshot: Snapshot, mirror: MirrorTable, seen: set[str], *, is_hurried: bool) -> bool:
    name = _state_name(mirror)
    noted = WriterState.objects.filter(name=name).values_list("value", flat=True).first()
    if noted is None:
        return True
    mark, at = noted.split()
    if not is_hurried and 0 <= wall_seconds() - float(at) < EVERY_S:
        return False
    sources = {*mirror.sources, *mirror.wholes}
    if not mirror.sources or not sources <= seen:
        return True
    column = "mark" if connection.vendor == "postgresql" else "id"
    listed = ", ".join(f"'{source}'" for source in sorted(sources))
    sql = f"SELECT count(*) AS n FROM lake_change WHERE source IN ({listed}) AND {column} >= {mark}"  # noqa: S608
    return bool(snapshot.read(sql, {"n": "int"})["n"][0].as_py())


def _write(snapshot: Snapshot, mirror: MirrorTable) -> None:
    url = table_url(mirror.name)
    if is_local():
        Path(url).mkdir(parents=True, exist_ok=True)
    rows = snapshot.batches(mirror.sql, mirror.columns)
    write_deltalake(
        url,
        pa.RecordBatchReader.from_batches(mirror.schema, rows),
        mode="overwrite",
        schema_mode="overwrite",
        configuration=_CONFIGURATION,
    )


def _note(mirror: MirrorTable, mark: int) -> None:
    value = f"{mark} {wall_seconds()}"
    WriterState.objects.update_or_create(name=_state_name(mirror), defaults={"value": value})


def _state_name(mirror: MirrorTable) -> str:
    return f"snapshot {mirror.name}"[:64]
