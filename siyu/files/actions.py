"""Writes of the imports: take a file in, look at it, try it, run it, take it back."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.pipeline import Stage
from siyu.core.runtime import runtime
from siyu.core.tabular.grouping import clear
from siyu.core.tabular.survey import survey
from siyu.files import kinds, undoing
from siyu.files.keeping import refused_path
from siyu.files.kinds import FileMapping
from siyu.files.models import ImportRun
from siyu.files.orders import groups_path
from siyu.files.running import (
    LOCK,
    advance,
    fail,
    is_settled,
    one_at_a_time,
    open_file,
    settle,
)
from siyu.kernel.errors import Conflict, NotFound, Refused, SiyuError
from siyu.lake.locks import exclusive

PERMISSION = "order:import"
MAX_UPLOAD = 2 << 30
MAX_PIECE = 1 << 20
TURN_SECONDS = 20.0
OPEN = ("queued", "running", "checking")
_STRANGE = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]")
_stages: list[Sequence[Stage]] = []


def configure(stages: Sequence[Stage]) -> None:
    """Which stages stateful events go through; called by `site`."""
    _stages[:] = [stages]


def create_import(actor: Actor, kind: str, file_name: str, size: int, *, now: datetime) -> int:
    """An import whose file is still to come, in pieces; its id."""
    require(actor, PERMISSION)
    kinds.check_kind(kind)
    if not 0 < size <= MAX_UPLOAD:
        reason = "文件是空的" if not size else "上传的文件不能超过 2 GiB; 更大的请用 siyu import"
        raise Refused("import.too_large" if size else "import.empty", reason, field="size")
    run = ImportRun.objects.create(
        kind=kind,
        origin="console",
        actor=actor.name,
        file_name=shown_name(file_name),
        path="",
        size=size,
        state="uploading",
        created_at=now,
    )
    run.path = str(_folder() / f"import-{run.pk}.upload")
    run.save(update_fields=["path"])
    return int(run.pk)


def receive_piece(actor: Actor, run_id: int, offset: int, data: bytes) -> int:
    """Keep the next piece of an upload; how many bytes are there. A repeated piece is harmless.

    Conflict, naming where to go on, when a piece is missing before it.
    """
    require(actor, PERMISSION)
    run = find_run(run_id)
    if run.state != "uploading":
        raise Conflict("import.state", "这个导入的文件已经收齐", field="state")
    if len(data) > MAX_PIECE or offset + len(data) > run.size:
        raise Refused("import.too_large", "超过了声明的大小", field="offset")
    path = Path(run.path)
    path.touch(mode=0o600)
    held = path.stat().st_size
    if offset > held:
        raise Conflict("import.piece", f"请从第 {held} 字节继续", field="offset")
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    run.received = max(held, offset + len(data))
    if run.received == run.size:
        run.state = "uploaded"
    run.save(update_fields=["received", "state"])
    return run.received


def look(run_id: int) -> ImportRun:
    """Find out what an uploaded file is; Refused (and the run failed) when it is no table."""
    run = find_run(run_id)
    if run.state == "uploading":
        raise Conflict("import.state", "文件还没有传完", field="state")
    if not run.survey:
        try:
            _look(run)
        except SiyuError as error:
            fail(run, error)
            raise
    return run


def prepare(
    actor: Actor, run_id: int, mapping: FileMapping, *, is_dry: bool, now: datetime
) -> None:
    """Queue a dry run or the real thing under a mapping, which is remembered."""
    require(actor, PERMISSION)
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=look(run_id).pk)
        if run.state not in {"uploaded", "checked", "failed", "cancelled"}:
            raise Conflict("import.state", "这个导入已经在进行或已经完成", field="state")
        file = open_file(run)
        kinds.check(run.kind, mapping, file.header)
        kinds.save(run.kind, file.header, mapping)
        begin(run, mapping, is_dry=is_dry, now=now)


def begin(run: ImportRun, mapping: FileMapping, *, is_dry: bool, now: datetime) -> None:
    """Set a run to its start; a real run that was stopped goes on where it was."""
    told = msgspec.to_builtins(mapping)
    is_resumed = not is_dry and not run.is_dry and run.position and run.mapping == told
    run.mapping, run.source, run.is_dry = told, mapping.source, is_dry
    run.state, run.error, run.finished_at = "queued", "", None
    if not is_resumed:
        run.position, run.counts, run.report, run.spans = 0, {}, {}, []
        run.pending, run.refused_bytes, run.worked_ms, run.started_at = {}, 0, 0, now
    run.save()


def cancel(actor: Actor, run_id: int, *, now: datetime) -> None:
    """Stop a queued or running import; what it wrote stays and can be taken back or resumed."""
    require(actor, PERMISSION)
    with transaction.atomic():
        done = ImportRun.objects.filter(pk=run_id, state__in=OPEN)
        if not done.update(state="cancelled", finished_at=now):
            raise Conflict("import.state", "这个导入没有在进行", field="state")
        record_audit(actor, "cancel_import", f"import:{run_id}", now=now)


def undo(actor: Actor, run_id: int, *, now: datetime) -> dict[str, int]:
    """Take back what an import created; what has a life of its own since then stays.

    Returns how many customers, orders, tags and events were removed, and how many customers and
    orders stay.
    """
    require(actor, PERMISSION)
    run = find_run(run_id)
    if run.state not in {"done", "cancelled", "failed"} or run.is_dry:
        raise Conflict("import.state", "只有结束的导入可以撤销", field="state")
    with one_at_a_time():
        told = undoing.take_back(run, now=now)
        with transaction.atomic():
            run.state, run.report = "undone", {**run.report, "undone": told}
            run.save(update_fields=["state", "report"])
            record_audit(actor, "undo_import", f"import:{run_id}", now=now, detail=told)
    return told


def forget(actor: Actor, run_id: int, *, now: datetime) -> None:
    """Delete an import's file and refused rows; the line in the history stays."""
    require(actor, PERMISSION)
    run = find_run(run_id)
    if run.state in OPEN:
        raise Conflict("import.state", "这个导入正在进行", field="state")
    _drop_file(run)
    clear(groups_path(run))
    refused_path(run).unlink(missing_ok=True)
    with transaction.atomic():
        record_audit(actor, "forget_import", f"import:{run_id}", now=now)


def work() -> bool:
    """Duty: the oldest queued import of the console for some seconds; True when there is more.

    What a cancelled one told of known people is settled first.
    """
    runs = ImportRun.objects.filter(origin="console").order_by("pk")
    stopped = runs.filter(state="cancelled", kind="events", is_dry=False, position__gt=0)
    left = next((run for run in stopped if not is_settled(run)), None)
    run = left or runs.filter(state__in=("queued", "running")).first()
    if run is None:
        return False
    with exclusive(LOCK) as is_mine:
        if not is_mine:
            return False
        if left is None:
            return _turn(run)
        settle(left)
        return True


def run_import(run: ImportRun, **options: Any) -> bool:
    """Run to the end in this process: the command line's way."""
    return advance(run, _stages[0], **options)


def find_run(run_id: int) -> ImportRun:
    """NotFound when there is no such import."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound("import.missing", "没有这个导入")
    return run


def shown_name(name: str) -> str:
    """A file's name as it may be shown: no path, no control or direction characters."""
    last = re.split(r"[/\\]", name)[-1]
    return _STRANGE.sub("", last).strip(". ")[:120] or "file"


def _turn(run: ImportRun) -> bool:
    taken = ImportRun.objects.filter(pk=run.pk, state__in=("queued", "running"))
    if not taken.update(state="running"):
        return True
    run.state = "running"
    try:
        deadline = time.monotonic() + TURN_SECONDS
        is_done = advance(run, _stages[0], deadline=deadline, on_progress=_heed)
    except _StoppedError:
        return True
    except SiyuError as error:
        fail(run, error)
        return True
    if is_done and not run.is_dry:
        _drop_file(run)
    return True


class _StoppedError(Exception):
    """Somebody cancelled the run."""


def _heed(run: ImportRun) -> None:
    if ImportRun.objects.filter(pk=run.pk, state="cancelled").exists():
        raise _StoppedError


def _look(run: ImportRun) -> None:
    found = survey(Path(run.path))
    run.survey, run.file_hash = msgspec.to_builtins(found), found.file_hash
    file = open_file(run)
    run.how, run.total = file.how, file.total
    run.save(update_fields=["survey", "file_hash", "how", "total"])


def _drop_file(run: ImportRun) -> None:
    """Uploaded files hold personal data: they go when they are no longer needed."""
    if run.origin == "console" and run.path:
        Path(run.path).unlink(missing_ok=True)


def _folder() -> Path:
    folder = runtime().home / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
