"""Imports of files on this machine: the command line's way, finished by running it again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.core.tabular.stream import RowFile, open_rows
from siyu.core.tabular.survey import survey
from siyu.files import kinds
from siyu.files.actions import begin, run_import
from siyu.files.kinds import FileMapping
from siyu.files.models import ImportRun
from siyu.files.running import Progress, fail, one_at_a_time
from siyu.kernel.errors import SiyuError


def open_local(kind: str, path: Path) -> tuple[ImportRun, RowFile]:
    """An unsaved run of a file here, and the file."""
    found = survey(path)
    file = open_rows(path, kinds.likeness(kind), known=found)
    run = ImportRun(
        kind=kind,
        origin="cli",
        actor=SYSTEM.name,
        file_name=path.name[:255],
        path=str(path.resolve()),
        file_hash=found.file_hash,
        size=found.size,
        received=found.size,
        survey=msgspec.to_builtins(found),
        how=file.how,
        total=file.total,
        state="uploaded",
        created_at=runtime().clock.now(),
    )
    return run, file


def finish_local(
    run: ImportRun,
    file: RowFile,
    mapping: FileMapping,
    *,
    is_dry: bool,
    rows_at_once: int = 0,
    on_progress: Progress = lambda _run: None,
) -> ImportRun:
    """Run to the end. A run of the same file and mapping that was cut off goes on.

    rows_at_once: rows of one batch; 0 for the usual number.
    """
    with one_at_a_time():
        if not is_dry:
            run = _unfinished(run, mapping) or run
            kinds.save(run.kind, file.header, mapping)
        if run.pk is None:
            run.survey["rows_at_once"] = rows_at_once
            run.save()
        begin(run, mapping, is_dry=is_dry, now=runtime().clock.now())
        run.state = "running"
        run.save(update_fields=["state"])
        try:
            run_import(run, on_progress=on_progress)
        except SiyuError as error:
            fail(run, error)
            raise
    return run


def _unfinished(run: ImportRun, mapping: FileMapping) -> ImportRun | None:
    same = ImportRun.objects.filter(
        kind=run.kind,
        origin="cli",
        file_hash=run.file_hash,
        is_dry=False,
        state__in=("running", "failed"),
    ).order_by("-pk")
    told = msgspec.to_builtins(mapping)
    found = next((each for each in same if each.mapping == told), None)
    if found is not None:
        found.path = run.path
    return found
