"""Copies of the state as Parquet, in a folder that every worker of the cluster can read."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from siyu.core.runtime import runtime
from siyu.kernel.ids import new_id
from siyu.lake.delta import lake_url
from siyu.lake.engine import read_state
from siyu.lake.mirror import list_tables
from siyu.lake.state import open_snapshot

LEFT_BEHIND_S = 24 * 3600
_ROW_GROUP = 131_072


@dataclass
class Export:
    """One moment of the state. schemas: table → columns. `readers` count who needs the files."""

    folder: Path
    version: tuple[object, ...] | None
    schemas: Mapping[str, pa.Schema]
    has_owners: bool
    made_at: float
    readers: int = 0

    def path(self, name: str) -> str:
        """The file of a table."""
        return str(self.folder / f"{name}.parquet")


class Exports:
    """The newest copy; older ones are removed when nobody reads them any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: Export | None = None

    @contextmanager
    def reading(self, max_age: float) -> Iterator[Export]:
        """A copy at most `max_age` seconds behind the state; it stays until the block ends."""
        with self._lock:
            export = self._fresh(max_age)
            export.readers += 1
        try:
            yield export
        finally:
            with self._lock:
                export.readers -= 1
                self._drop_unread(export)

    def _fresh(self, max_age: float) -> Export:
        known = self._newest
        place = (lake_url(), str(runtime().home), exports_folder())
        is_same_place = known is not None and (known.version or ())[:3] == place
        if known is not None and is_same_place and time.monotonic() - known.made_at < max_age:
            return known
        started = time.monotonic()
        with open_snapshot() as snapshot:
            version = snapshot.version and (*place, snapshot.version, list_tables())
            if known is not None and version is not None and version == known.version:
                known.made_at = started
                return known
            tables = read_state(snapshot)
        self._newest = _write(tables, version, started)
        if known is not None:
            self._drop_unread(known)
        return self._newest

    def _drop_unread(self, export: Export) -> None:
        """Remove a copy that is neither read nor the newest; one of an open transaction too."""
        is_kept = export is self._newest and export.version is not None
        if export.readers == 0 and not is_kept:
            shutil.rmtree(export.folder, ignore_errors=True)
            if export is self._newest:
                self._newest = None

    def forget(self) -> None:
        """Remove the newest copy, when nobody reads it."""
        with self._lock:
            known, self._newest = self._newest, None
            if known is not None:
                self._drop_unread(known)


shared = Exports()


def exports_folder() -> Path:
    """Where copies for Spark are kept: `SIYU_SPARK_FOLDER`, else inside the home."""
    chosen = settings.ENVIRONMENT.spark_folder
    return Path(chosen) if chosen else runtime().home / "spark"


def new_folder() -> Path:
    """A fresh folder there; what processes that were killed left behind is removed."""
    root = exports_folder()
    root.mkdir(parents=True, exist_ok=True)
    for old in root.iterdir():
        if old.is_dir() and _age_s(old) > LEFT_BEHIND_S:
            shutil.rmtree(old, ignore_errors=True)
    folder = root / new_id()
    folder.mkdir()
    return folder


def _age_s(folder: Path) -> float:
    try:
        return runtime().clock.now().timestamp() - folder.stat().st_mtime
    except OSError:
        return 0.0


def _write(
    tables: Mapping[str, pa.Table], version: tuple[object, ...] | None, started: float
) -> Export:
    folder = new_folder()
    try:
        for name, table in tables.items():
            file = str(folder / f"{name}.parquet")
            pq.write_table(table, file, row_group_size=_ROW_GROUP, compression="zstd")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    schemas = {name: table.schema for name, table in tables.items()}
    has_owners = bool(tables["lake_owner"].num_rows)
    return Export(folder, version, schemas, has_owners, started)
