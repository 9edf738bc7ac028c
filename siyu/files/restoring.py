"""A full export into an empty home: every row with its ids, then the history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from django.core.management.color import no_style
from django.db import connection, models, transaction

from siyu.core.access import SYSTEM
from siyu.core.audit import record_audit
from siyu.core.runtime import runtime
from siyu.files.csv_tables import read_parts
from siyu.files.export_files import sha256
from siyu.files.exporting import AT_ONCE, EVENTS, FORMAT
from siyu.files.models import ImportRun
from siyu.files.running import one_at_a_time
from siyu.files.tables import columns_of, list_tables, migrations
from siyu.kernel.errors import Conflict, Refused
from siyu.lake.bulk import append_events
from siyu.pool.bulk_rows import insert_columns
from siyu.pool.memory import forget_everybody

KIND = "home"


def import_home(folder: Path) -> dict[str, int]:
    """Take an export in; rows by table. Refused: damaged, of other tables, or home not empty.

    The state comes in one transaction, then the history part by part; run it again when it was
    cut off.
    """
    manifest, file_hash = _read_manifest(folder)
    with one_at_a_time():
        run = ImportRun.objects.filter(kind=KIND, file_hash=file_hash, state="running").first()
        if run is None:
            _require_empty()
            run = _restore_state(folder, manifest, file_hash)
        _restore_events(folder, manifest, file_hash)
        now = runtime().clock.now()
        counts = {each["table"]: each["rows"] for each in manifest["files"]}
        with transaction.atomic():
            run.state, run.finished_at, run.counts = "done", now, counts
            run.save()
            record_audit(SYSTEM, "import_home", f"import:{run.pk}", now=now, detail=counts)
    return counts


def _read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    try:
        raw = (folder / "manifest.json").read_bytes()
        manifest: dict[str, Any] = msgspec.json.decode(raw)
    except (OSError, msgspec.DecodeError) as error:
        raise Refused("export.manifest", "没有可读的 manifest.json", field="folder") from error
    if manifest.get("format") != FORMAT or not manifest.get("is_personal"):
        reason = "这份导出不含个人信息或格式不同, 不能用来还原"
        raise Refused("export.kind", reason, field="folder")
    if manifest["migrations"] != migrations(list_tables()):
        reason = f"这份导出来自另一个版本的数据表 ({manifest.get('siyu')}), 请用同一版本还原"
        raise Refused("export.version", reason, field="folder")
    manifest["files"] = _chosen(folder, manifest["files"])
    return manifest, hashlib.sha256(raw).hexdigest()


def _chosen(folder: Path, files: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One file of each table: Parquet where it is there, else CSV. Refused when it is damaged."""
    known = {model._meta.db_table for model in list_tables()} | {EVENTS}
    found: dict[str, dict[str, Any]] = {}
    for each in files:
        table, name = each["table"], each["name"]
        if table not in known or name not in {f"{table}.parquet", f"{table}.csv"}:
            raise Refused("export.file", f"不认识的文件 {name!r}", field="folder")
        if table not in found or not (folder / found[table]["name"]).is_file():
            found[table] = each
    for each in found.values():
        if sha256(folder / each["name"]) != each["sha256"]:
            raise Refused("export.damaged", f"{each['name']} 与清单不符", field="folder")
    return list(found.values())


def _require_empty() -> None:
    for model in list_tables():
        if model._default_manager.exists():
            table = model._meta.db_table
            raise Conflict("home.not_empty", f"只能还原到空的数据目录 ({table} 里已有数据)")


def _restore_state(folder: Path, manifest: dict[str, Any], file_hash: str) -> ImportRun:
    models_by_table = {model._meta.db_table: model for model in list_tables()}
    now = runtime().clock.now()
    with transaction.atomic():
        for each in manifest["files"]:
            model = models_by_table.get(each["table"])
            if model is not None:
                _fill(model, _parts(folder, each))
        _reset_sequences(list(models_by_table.values()))
        forget_everybody()
        return ImportRun.objects.create(
            kind=KIND,
            origin="cli",
            actor=SYSTEM.name,
            file_name=folder.name[:255],
            path=str(folder.resolve()),
            file_hash=file_hash,
            state="running",
            created_at=now,
            started_at=now,
        )


def _fill(model: type[models.Model], parts: Iterator[pa.Table]) -> None:
    kinds = columns_of(model)
    for table in parts:
        columns = {name: _raw(table[name], kind) for name, kind in kinds.items()}
        insert_columns(model, columns)


def _raw(column: pa.ChunkedArray, kind: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if kind != "time":
        return values
    if connection.vendor == "postgresql":
        return [value and value.isoformat() for value in values]
    return [None if value is None else _naive(value) for value in values]


def _naive(value: datetime) -> str:
    return str(value.replace(tzinfo=None))


def _reset_sequences(tables: list[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(sql)


def _restore_events(folder: Path, manifest: dict[str, Any], file_hash: str) -> None:
    writer = f"home:{file_hash[:16]}"
    for each in manifest["files"]:
        if each["table"] == EVENTS:
            for number, table in enumerate(_parts(folder, each), start=1):
                append_events(table, writer=writer, version=number)


def _parts(folder: Path, about: dict[str, Any]) -> Iterator[pa.Table]:
    path = folder / about["name"]
    if path.suffix == ".csv":
        yield from read_parts(path, about["types"])
        return
    for batch in pq.ParquetFile(path).iter_batches(batch_size=AT_ONCE):
        yield pa.Table.from_batches([batch])
