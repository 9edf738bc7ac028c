"""What is kept of an import as it goes: position, counts, spans of rows made, refused rows."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from siyu.core.runtime import runtime
from siyu.core.tabular.tables import RefusedRow
from siyu.files.models import ImportRun
from siyu.files.types import Outcome
from siyu.kernel.cells import BOM, safe_cell

HEADER = ("行号", "代码", "字段", "原因")
SHOWN = 50


def record(
    run: ImportRun, refused: Sequence[RefusedRow], outcome: Outcome, *, rows: int, end: int
) -> None:
    """Move the position to `end` with the counts of `rows` rows, in the batch's transaction."""
    counts = Counter(run.counts)
    counts.update(
        rows=rows,
        refused=len(refused),
        taken=outcome.taken,
        fresh=outcome.fresh,
        known=outcome.known,
        repeated=outcome.repeated,
        customers=outcome.customers,
    )
    counts.update(outcome.more)
    run.counts = dict(counts)
    _keep_refused(run, refused, outcome.remarks)
    run.spans = merge_spans(run.spans, outcome.spans)
    run.position = end
    run.total = max(run.total, run.position)
    run.save()


def _keep_refused(run: ImportRun, refused: Sequence[RefusedRow], remarks: Counter[str]) -> None:
    """Append to the file of refused rows and sum up for the report; the caller saves the run."""
    run.refused_bytes = _append_refused(run, refused)
    told = Counter(run.report.get("remarks", {})) + remarks
    reasons = Counter(run.report.get("reasons", {}))
    reasons.update(row.code for row in refused)
    shown = [*run.report.get("refused", []), *map(_shown, refused)][:SHOWN]
    run.report = {"remarks": dict(told), "reasons": dict(reasons), "refused": shown}


def merge_spans(held: list[list[Any]], more: Sequence[tuple[str, int, int]]) -> list[list[Any]]:
    """Spans of row ids by table, joined where one ends as the next begins."""
    merged = [list(span) for span in held]
    for table, first, last in more:
        for span in merged:
            if span[0] == table and span[2] + 1 == first:
                span[2] = last
                break
        else:
            merged.append([table, first, last])
    return merged


def _shown(row: RefusedRow) -> dict[str, Any]:
    return {"row": row.row, "code": row.code, "field": row.sample, "reason": row.reason}


def refused_path(run: ImportRun) -> Path:
    """The CSV of the refused rows; readable by the home's owner only."""
    return runtime().home / "imports" / f"import-{run.pk}-refused.csv"


def truncate_refused(run: ImportRun) -> None:
    """Lines written by a batch that was cut are written again by it."""
    path = refused_path(run)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    if path.stat().st_size > run.refused_bytes:
        os.truncate(path, run.refused_bytes)


def _append_refused(run: ImportRun, refused: Sequence[RefusedRow]) -> int:
    if not refused:
        return run.refused_bytes
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    if not run.refused_bytes:
        text.write(BOM)
        writer.writerow(HEADER)
    for row in refused:
        writer.writerow([row.row, *map(safe_cell, (row.code, row.sample, row.reason))])
    data = text.getvalue().encode()
    path = refused_path(run)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        file.seek(run.refused_bytes)
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    return run.refused_bytes + len(data)
