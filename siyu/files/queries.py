"""Reads of imports and exports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from siyu.core.access import Actor, require
from siyu.files import kinds
from siyu.files.actions import PERMISSION, find_run, look
from siyu.files.keeping import refused_path
from siyu.files.kinds import FileMapping
from siyu.files.models import ImportRun
from siyu.files.running import open_file
from siyu.kernel.errors import NotFound, Refused

__all__ = [
    "ColumnLook",
    "FileLook",
    "ImportRow",
    "ImportRun",
    "get_import",
    "list_imports",
    "look_at_file",
    "mapping_from",
    "read_refused",
    "row_of",
]
SAMPLES = 5
SHOWN = 100
MAX_CELL = 80


@dataclass(frozen=True)
class ImportRow:
    """One line of the history of imports. rate: rows a second; seconds_left: None until known."""

    id: int
    kind: str
    origin: str
    actor: str
    file_name: str
    source: str
    state: str
    is_dry: bool
    size: int
    received: int
    position: int
    total: int
    rate: int
    seconds_left: int | None
    counts: dict[str, int]
    remarks: dict[str, int]
    reasons: dict[str, int]
    refused: list[dict[str, Any]]
    undone: dict[str, int]
    error: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class ColumnLook:
    """A column of a file: its name, some cells, and what it is taken for ("" = left out)."""

    name: str
    samples: list[str]
    field: str


@dataclass(frozen=True)
class FileLook:
    """A file before it is imported: how it was read, its columns, what they may mean."""

    how: dict[str, str]
    total: int
    columns: list[ColumnLook]
    mapping: FileMapping
    is_saved: bool
    fields: dict[str, str]


def list_imports(actor: Actor) -> list[ImportRow]:
    """The latest imports, newest first."""
    require(actor, PERMISSION)
    return [row_of(run) for run in ImportRun.objects.order_by("-pk")[:SHOWN]]


def get_import(actor: Actor, run_id: int) -> ImportRow:
    """One import; NotFound when there is none."""
    require(actor, PERMISSION)
    return row_of(find_run(run_id))


def look_at_file(actor: Actor, run_id: int) -> FileLook:
    """What an uploaded file holds and what its columns seem to mean. Refused when no table."""
    require(actor, PERMISSION)
    run = look(run_id)
    file = open_file(run)
    saved = kinds.find_saved(run.kind, file.header)
    mapping = saved or kinds.guess(run.kind, file.header)
    rows = next(file.rows(SAMPLES), None)
    cells: Sequence[Any] = rows.columns.columns if rows else [[] for _ in file.header]
    columns = [
        ColumnLook(name, [str(c)[:MAX_CELL] for c in column], mapping.columns.get(name, ""))
        for name, column in zip(file.header, cells, strict=True)
    ]
    fields = kinds.list_fields(run.kind)
    return FileLook(file.how, file.total, columns, mapping, saved is not None, fields)


def read_refused(actor: Actor, run_id: int) -> Iterator[bytes]:
    """The CSV of refused rows in pieces; NotFound when every row was taken."""
    require(actor, PERMISSION)
    run = find_run(run_id)
    path = refused_path(run)
    if not run.refused_bytes or not path.exists():
        raise NotFound("import.no_refused", "没有被拒收的行")
    return _pieces(run)


def _pieces(run: ImportRun) -> Iterator[bytes]:
    left = run.refused_bytes
    with refused_path(run).open("rb") as file:
        while left and (piece := file.read(min(left, 1 << 16))):
            left -= len(piece)
            yield piece


def row_of(run: ImportRun) -> ImportRow:
    rate = run.position * 1000 // run.worked_ms if run.worked_ms else 0
    is_open = run.state == "running" and rate
    left = max(0, run.total - run.position) // rate if is_open else None
    report = run.report
    return ImportRow(
        id=run.pk,
        kind=run.kind,
        origin=run.origin,
        actor=run.actor,
        file_name=run.file_name,
        source=run.source,
        state=run.state,
        is_dry=run.is_dry,
        size=run.size,
        received=run.received,
        position=run.position,
        total=run.total,
        rate=rate,
        seconds_left=left,
        counts=run.counts,
        remarks=report.get("remarks", {}),
        reasons=report.get("reasons", {}),
        refused=report.get("refused", []),
        undone=report.get("undone", {}),
        error=run.error,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


def mapping_from(told: dict[str, Any]) -> FileMapping:
    """A mapping as the API takes it; Refused without a source."""
    if not told["source"]:
        raise Refused("import.source", "来源名须为 1 至 64 个字", field="source")
    return msgspec.convert({k: v for k, v in told.items() if v not in (None, "")}, FileMapping)
