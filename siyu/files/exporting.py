"""Everything into a folder of Parquet (and CSV) files with a manifest, for leaving or moving."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from django.db import transaction

from siyu import __version__
from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.runtime import runtime
from siyu.files.export_files import ExportFolder, sha256
from siyu.files.models import ExportRun
from siyu.files.tables import columns_of, list_tables, migrations
from siyu.kernel.errors import Conflict, NotFound
from siyu.lake.actions import flush
from siyu.lake.session import describe_tables, open_session
from siyu.lake.state import Snapshot, open_snapshot

PERMISSION = "customer:export"
PERSONAL = "customer:reveal"
FORMAT = 1
AT_ONCE = 100_000
EVENTS = "events"
MANIFEST = "manifest.json"
_NAME = re.compile(r"[a-z_]+\.(?:parquet|csv)|manifest\.json")
_EVENT_COLUMNS = (
    "customer_id, identity_id, name, occurred_at, received_at, source, platform, account, staff,"
    " message_hash, properties"
)


def create_export(
    actor: Actor, *, is_personal: bool, has_csv: bool = False, now: datetime
) -> dict[str, Any]:
    """Queue an export. Personal data needs the right to reveal it. Conflict while one is open.

    has_csv: every table as CSV, too.
    """
    require(actor, PERMISSION)
    if is_personal:
        require(actor, PERSONAL)
    with transaction.atomic():
        if ExportRun.objects.filter(state__in=("queued", "running")).exists():
            raise Conflict("export.busy", "另一个导出正在进行, 请等它结束")
        run = ExportRun.objects.create(
            actor=actor.name,
            is_personal=is_personal,
            has_csv=has_csv,
            state="queued",
            folder="",
            created_at=now,
        )
        run.folder = str(runtime().home / "exports" / f"export-{run.pk}")
        run.save(update_fields=["folder"])
        record_audit(
            actor, "export_all", f"export:{run.pk}", now=now, detail={"personal": is_personal}
        )
    return _told(run)


def list_exports(actor: Actor) -> list[dict[str, Any]]:
    """The exports of this home, newest first."""
    require(actor, PERMISSION)
    return [_told(run) for run in ExportRun.objects.exclude(state="deleted").order_by("-pk")[:50]]


def find_file(actor: Actor, run_id: int, name: str) -> Path:
    """A file of a finished export; those with personal data need the right to reveal it."""
    require(actor, PERMISSION)
    run = _find(run_id)
    if run.is_personal:
        require(actor, PERSONAL)
    path = Path(run.folder) / name
    if run.state != "done" or not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("export.file", "没有这个文件")
    with transaction.atomic():
        record_audit(
            actor, "download_export", f"export:{run_id}", now=runtime().clock.now(),
            detail={"file": name},
        )  # fmt: skip
    return path


def delete_export(actor: Actor, run_id: int, *, now: datetime) -> None:
    """Remove the files; the audit log keeps that they existed."""
    require(actor, PERMISSION)
    run = _find(run_id)
    if run.state in {"queued", "running"}:
        raise Conflict("export.busy", "这次导出正在进行, 完成后才能删除")
    shutil.rmtree(run.folder, ignore_errors=True)
    with transaction.atomic():
        ExportRun.objects.filter(pk=run_id).update(state="deleted")
        record_audit(actor, "delete_export", f"export:{run_id}", now=now)


def work() -> bool:
    """Duty: the next queued export; True when one was done."""
    run = ExportRun.objects.filter(state__in=("queued", "running")).order_by("pk").first()
    if run is None:
        return False
    run.state = "running"
    run.save(update_fields=["state"])
    shutil.rmtree(run.folder, ignore_errors=True)
    try:
        folder = Path(run.folder)
        run.manifest = export_all(folder, is_personal=run.is_personal, has_csv=run.has_csv)
        run.state = "done"
    except OSError as error:
        run.state, run.error = "failed", f"写不出文件: {error.strerror}"[:300]
    run.finished_at = runtime().clock.now()
    run.save()
    return True


def export_all(folder: Path, *, is_personal: bool, has_csv: bool = False) -> dict[str, Any]:
    """Write the files and the manifest; the manifest.

    Personal: every table of the state and the history, fit for `siyu import home`. Else the
    documented tables of the history, in which nobody can be recognised. has_csv: as CSV, too.
    """
    folder.mkdir(parents=True, mode=0o700)
    while flush(is_due=True):
        pass
    made = ExportFolder(folder, has_csv=has_csv)
    files = _write_everything(made) if is_personal else _write_documented(made)
    tables = list_tables()
    manifest = {
        "format": FORMAT,
        "siyu": __version__,
        "made_at": runtime().clock.now().isoformat(),
        "is_personal": is_personal,
        "migrations": migrations(tables),
        "files": files,
    }
    path = folder / MANIFEST
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2))
    path.chmod(0o600)
    return manifest


def _write_everything(made: ExportFolder) -> list[dict[str, Any]]:
    """The history first: whom its events are about is in the state read after it."""
    files = _write_events(made)
    with open_snapshot() as snapshot:
        for model in list_tables():
            table, columns = model._meta.db_table, columns_of(model)
            key = str(model._meta.pk.column) if model._meta.pk else "id"
            files += made.write(table, _rows_of(snapshot, table, key, columns))
    return files


def _write_events(made: ExportFolder) -> list[dict[str, Any]]:
    from siyu.lake.delta import find_events
    from siyu.lake.engine import spare_engine
    from siyu.lake.views import history_source

    history = find_events()
    with spare_engine() as engine:
        session = engine.connection
        source = history and history_source(session, history)
        if not source:
            return []
        rows = session.sql(
            f"SELECT {_EVENT_COLUMNS} FROM {source}"  # noqa: S608 - the history's files
            " ORDER BY occurred_at, message_hash, identity_id, properties"
        )
        return made.write(EVENTS, _tables(rows.to_arrow_reader(AT_ONCE)))


def _write_documented(made: ExportFolder) -> list[dict[str, Any]]:
    files = []
    with open_session() as session:
        for name in describe_tables():
            rows = session.sql(f'SELECT * FROM "{name}"')  # noqa: S608 - a documented table
            files += made.write(name, _tables(rows.to_arrow_reader(AT_ONCE)))
    return files


def _tables(reader: Any) -> Iterator[pa.Table]:
    yield reader.schema.empty_table()
    for batch in reader:
        yield pa.Table.from_batches([batch])


def _rows_of(
    snapshot: Snapshot, table: str, key: str, columns: dict[str, str]
) -> Iterator[pa.Table]:
    """A table in order of its key, in parts."""
    names = ", ".join(f'"{name}"' for name in columns)
    is_text = columns[key] == "text"
    where = ""
    while True:
        part = snapshot.read(
            f'SELECT {names} FROM "{table}"{where} ORDER BY "{key}" LIMIT {AT_ONCE}',  # noqa: S608
            columns,
        )
        yield part
        if part.num_rows < AT_ONCE:
            return
        last = part[key][-1].as_py()
        shown = "'" + str(last).replace("'", "''") + "'" if is_text else int(last)
        where = f' WHERE "{key}" > {shown}'


def _find(run_id: int) -> ExportRun:
    run = ExportRun.objects.filter(pk=run_id).exclude(state="deleted").first()
    if run is None:
        raise NotFound("export.missing", "没有这个导出")
    return run


def _told(run: ExportRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "actor": run.actor,
        "is_personal": run.is_personal,
        "state": run.state,
        "error": run.error,
        "has_csv": run.has_csv,
        "files": [*run.manifest.get("files", []), *_manifest_row(run)],
        "created_at": run.created_at,
        "finished_at": run.finished_at,
    }


def _manifest_row(run: ExportRun) -> list[dict[str, Any]]:
    """The manifest among the files of a finished export."""
    path = Path(run.folder) / MANIFEST
    if run.state != "done" or not path.is_file():
        return []
    return [{"name": MANIFEST, "rows": None, "bytes": path.stat().st_size, "sha256": sha256(path)}]
