"""Running an import: batch after batch, its position moved with what it wrote.

Customers, identities and tags: position and rows in one transaction. Events: the pool first,
then one commit of the history named after run and batch, then the position; whatever is killed
when, the next start finds out which of the three happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from siyu.core.access import Actor, Role
from siyu.core.audit import record_audit
from siyu.core.failpoints import failpoint
from siyu.core.pipeline import Stage
from siyu.core.runtime import runtime
from siyu.core.sqlite.mapping import unmapped
from siyu.core.tabular.grouping import clear
from siyu.core.tabular.stream import RowFile, Rows, open_rows
from siyu.core.tabular.survey import Survey, survey
from siyu.files import customers, events
from siyu.files.checking import Checked
from siyu.files.keeping import record, truncate_refused
from siyu.files.kinds import FileMapping, likeness
from siyu.files.models import ImportRun
from siyu.files.orders import OrderImport, groups_path
from siyu.files.types import Outcome
from siyu.kernel.clock import from_ms, to_ms
from siyu.kernel.errors import Conflict, SiyuError
from siyu.lake.changes import noting_together
from siyu.lake.locks import exclusive

PEOPLE_AT_ONCE = 20_000
EVENTS_AT_ONCE = 200_000
LOCK = "files.import"
Progress = Callable[[ImportRun], None]
Step = Callable[[ImportRun, Rows, FileMapping, Sequence[Stage]], None]


@contextmanager
def one_at_a_time(*, wait: bool = False) -> Iterator[None]:
    """Conflict while another import is at work in this deployment."""
    with exclusive(LOCK, wait=wait) as is_mine:
        if not is_mine:
            raise Conflict("import.busy", "另一个导入正在进行, 请等它结束")
        yield


def rows_at_once(run: ImportRun) -> int:
    """Rows of one batch; the same for all starts of a run."""
    usual = EVENTS_AT_ONCE if run.kind == "events" else PEOPLE_AT_ONCE
    return int(run.survey.get("rows_at_once") or usual)


def has_parts(run: ImportRun) -> bool:
    """Whether a run has several batches."""
    return run.total > rows_at_once(run)


def open_file(run: ImportRun) -> RowFile:
    """The run's file; what was found out about it once is not looked for again."""
    if not Path(run.path).is_file():
        raise Conflict("import.file_gone", "文件已经清理, 请重新选择文件", field="file")
    known = msgspec.convert(run.survey, Survey) if run.survey else survey(Path(run.path))
    return open_rows(Path(run.path), likeness(run.kind), known=known)


def mapping_of(run: ImportRun) -> FileMapping:
    return msgspec.convert(run.mapping, FileMapping)


def advance(
    run: ImportRun,
    stages: Sequence[Stage],
    *,
    deadline: float | None = None,
    on_progress: Progress = lambda _run: None,
) -> bool:
    """Work on a run until it is done (True) or time.monotonic() passes `deadline`."""
    file, mapping = open_file(run), mapping_of(run)
    truncate_refused(run)
    run.total = max(file.total, run.position)
    batches, step = _way(run, file, mapping)
    with unmapped():
        for rows in batches:
            began = time.monotonic()
            step(run, rows, mapping, stages)
            run.worked_ms += int((time.monotonic() - began) * 1000)
            on_progress(run)
            if deadline is not None and time.monotonic() > deadline:
                return False
        _finish(run)
    return True


def _way(run: ImportRun, file: RowFile, mapping: FileMapping) -> tuple[Iterator[Rows], Step]:
    """The batches that are left, and what is done with each."""
    if run.kind == "orders":
        orders = OrderImport(run, file, mapping)
        return orders.batches(int(run.survey.get("rows_at_once") or 0)), orders.step
    step = _dry_step if run.is_dry else STEPS[run.kind]
    return file.rows(rows_at_once(run), start=run.position), step


def is_settled(run: ImportRun) -> bool:
    """Whether nothing is left of what the batches told of known people."""
    is_told_late = run.kind == "events" and has_parts(run) and not run.is_dry
    return not is_told_late or run.pending.get("at", 0) == run.position


def fail(run: ImportRun, error: SiyuError) -> None:
    """Stop a run with a sentence; what it has written stays."""
    settle(run)
    run.state, run.error, run.finished_at = "failed", error.reason[:300], runtime().clock.now()
    run.save(update_fields=["state", "error", "finished_at"])


# --- one batch -------------------------------------------------------------------------------


def _check(run: ImportRun, rows: Rows, mapping: FileMapping) -> Checked:
    at = run.started_at
    assert at is not None
    if run.kind == "events":
        return events.check_events(rows, mapping, at)
    return customers.check_customers(rows, mapping, at)


def _dry_step(run: ImportRun, rows: Rows, mapping: FileMapping, _stages: Sequence[Stage]) -> None:
    checked = _check(run, rows, mapping)
    if run.kind == "events":
        batch = events.EventRows(checked, mapping)
        batch.leave_out_known()
        outcome = Outcome(taken=len(batch) + batch.repeated, fresh=len(batch))
        outcome.repeated = batch.repeated
    else:
        outcome = customers.look_at_customers(checked, mapping)
    with transaction.atomic():
        _record(run, checked, outcome)


def _record(run: ImportRun, checked: Checked, outcome: Outcome) -> None:
    refused = checked.refused()
    outcome.remarks = checked.remarks + outcome.remarks
    rows = int(checked.is_good.sum()) + len(refused)
    record(run, refused, outcome, rows=rows, end=checked.rows.end)


def _people_step(
    run: ImportRun, rows: Rows, mapping: FileMapping, _stages: Sequence[Stage]
) -> None:
    checked = _check(run, rows, mapping)
    with transaction.atomic(), noting_together():
        outcome = customers.write_customers(checked, mapping, runtime().clock.now())
        failpoint("files.written")
        _record(run, checked, outcome)
    failpoint("files.moved")


def _events_step(run: ImportRun, rows: Rows, mapping: FileMapping, stages: Sequence[Stage]) -> None:
    checked = _check(run, rows, mapping)
    batch = events.EventRows(checked, mapping)
    writer, now = f"import:{run.pk}", runtime().clock.now()
    told: dict[str, Any] = run.pending
    is_first = told.get("end") != rows.end
    is_appended = not is_first and events.is_appended(writer, rows.end)
    if not is_appended:
        batch.leave_out_known()
        stateful = events.split_stateful(batch)
        with transaction.atomic():
            if is_first:
                told = {
                    "end": rows.end,
                    "repeated": batch.repeated,
                    "stateful": int(stateful.sum()),
                }
                events.tell_stages(batch, stateful, stages, now)
            batch.keep(~stateful)
            settled = events.settle(batch, now, is_first=is_first, is_part=has_parts(run))
            if is_first:
                run.pending = _mark(run) | told | _told(settled)
                run.save(update_fields=["pending"])
        failpoint("files.pending")
        events.append(batch, settled, writer, rows.end, now)
    failpoint("files.appended")
    with transaction.atomic():
        outcome = _outcome(run.pending)
        run.pending = _mark(run)
        _record(run, checked, outcome)
    failpoint("files.moved")


def _mark(run: ImportRun) -> dict[str, Any]:
    """Up to when (ms) what the run told is settled, and at which row that was; of later events,
    up to which identity."""
    return {name: run.pending[name] for name in ("since", "at", "after") if name in run.pending}


def settle(run: ImportRun) -> None:
    """What the batches told of known people, once, whatever is killed when."""
    if is_settled(run):
        return
    assert run.started_at is not None
    since = run.pending.get("since") or to_ms(run.started_at) - 1

    def mark(**pending: int) -> None:
        run.pending |= pending
        run.save(update_fields=["pending"])

    events.finish(
        mapping_of(run),
        from_ms(since),
        after=run.pending.get("after", 0),
        moved=lambda identity: mark(since=since, after=identity),
    )
    failpoint("files.settled")
    mark(since=to_ms(runtime().clock.now()), after=0, at=run.position)


def _told(settled: events.Settled) -> dict[str, Any]:
    """What is remembered of a batch until its position moves."""
    known = int((settled.customers > 0).sum())
    return {
        "fresh": known,
        "nobody": len(settled.customers) - known,
        "customers": settled.taken.customers_created,
        "spans": [[table, *span] for table, span in settled.taken.spans.items()],
    }


def _outcome(told: dict[str, Any]) -> Outcome:
    fresh = told["fresh"] + told["stateful"]
    outcome = Outcome(
        taken=fresh + told["repeated"],
        fresh=fresh,
        repeated=told["repeated"],
        customers=told["customers"],
        spans=[(table, first, last) for table, first, last in told["spans"]],
    )
    if told["nobody"]:
        outcome.remarks["没有客户的行 (身份已被隔离或清除)"] += told["nobody"]
    return outcome


STEPS: dict[str, Step] = {
    "customers": _people_step,
    "identities": _people_step,
    "tags": _people_step,
    "events": _events_step,
}
"""How one batch of each kind is written."""


def _finish(run: ImportRun) -> None:
    now = runtime().clock.now()
    clear(groups_path(run))
    settle(run)
    with transaction.atomic():
        run.pending = {}
        run.state = "checked" if run.is_dry else "done"
        run.finished_at = now
        run.save()
        if not run.is_dry:
            detail = {"file": run.file_name, "source": run.source, **run.counts}
            actor = Actor(run.actor, Role.OPERATOR)
            record_audit(actor, "import_file", f"import:{run.pk}", now=now, detail=detail)
