"""Files for imports, and a way to run them here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from siyu.core.pipeline import Stage
from siyu.files import actions, kinds
from siyu.files.local import finish_local, open_local
from siyu.files.models import ImportRun
from siyu.pool.actions import advance_stages, resolve

STAGES: tuple[Stage, ...] = (resolve, advance_stages)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def import_file(
    kind: str,
    path: Path,
    columns: dict[str, str] | None = None,
    *,
    stages: Sequence[Stage] = STAGES,
    is_dry: bool = False,
    rows_at_once: int = 0,
    **changes: Any,
) -> ImportRun:
    """Guess, change what is asked, run to the end."""
    actions.configure(stages)
    run, file = open_local(kind, path)
    mapping = kinds.guess(kind, file.header)
    if columns is not None:
        changes["columns"] = columns
    mapping = msgspec.structs.replace(mapping, **changes)
    kinds.check(kind, mapping, file.header)
    return finish_local(run, file, mapping, is_dry=is_dry, rows_at_once=rows_at_once)


def refused(run: ImportRun) -> list[tuple[int, str]]:
    """(row, code) of what was not taken."""
    return [(row["row"], row["code"]) for row in run.report["refused"]]
