"""Files of an export: each table as Parquet, and as CSV when asked; readable by the owner only."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from siyu.files.csv_tables import CsvWriter

PIECE = 1 << 16


class ExportFolder:
    """A folder that tables are written into."""

    def __init__(self, path: Path, *, has_csv: bool) -> None:
        self.path, self.has_csv = path, has_csv

    def write(self, table: str, parts: Iterator[pa.Table]) -> list[dict[str, Any]]:
        """Write a table; what the manifest says of its files. Nothing of a table without rows."""
        first = next(parts, None)
        if first is None:
            return []
        rows, path = 0, self._new(f"{table}.parquet")
        written = CsvWriter(self._new(f"{table}.csv"), first.schema) if self.has_csv else None
        with pq.ParquetWriter(path, first.schema, compression="zstd") as writer:
            part: pa.Table | None = first
            while part is not None:
                writer.write_table(part)
                if written is not None:
                    written.write(part)
                rows += part.num_rows
                part = next(parts, None)
        if written is not None:
            written.close()
        return self._told(table, rows, written.types if written else None)

    def _new(self, name: str) -> Path:
        path = self.path / name
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return path

    def _told(self, table: str, rows: int, types: dict[str, str] | None) -> list[dict[str, Any]]:
        names = [f"{table}.parquet", *([f"{table}.csv"] if types else [])]
        if not rows:
            for name in names:
                (self.path / name).unlink()
            return []
        made = []
        for name in names:
            path = self.path / name
            about = {"name": name, "table": table, "rows": rows, "bytes": path.stat().st_size}
            made.append(about | {"sha256": sha256(path)})
        if types:
            made[-1]["types"] = types
        return made


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def sha256(path: Path) -> str:
    """The hash of a file's content; "" when it cannot be read."""
    digest = hashlib.sha256()
    try:
        for piece in pieces_of(path):
            digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()
