"""What a full export holds: every table of every slice, but for the ones named here and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader

LEFT_OUT: Mapping[str, str] = {
    "core.User": "passwords; people are invited anew",
    "core.LoginFailure": "passing",
    "core.AuditEntry": "a chain that belongs to this home; a new home begins its own",
    "core.PlatformAccount": "secrets encrypted with this home's key",
    "core.PlatformToken": "secrets",
    "core.WriteKey": "hashes of secrets",
    "core.Heartbeat": "passing",
    "core.KeptAnswer": "passing",
    "core.IntakeState": "where this home's inbox is",
    "core.RejectedItem": "raw bytes of refused input",
    "core.InboxChunk": "not worked off yet",
    "core.InboxKey": "of this home's inbox",
    "core.Setting": "of this home",
    "pool.Epoch": "guards memories of processes",
    "pool.Tombstone": "hashes under this home's key",
    "lake.Change": "notes for the readers of this home",
    "segments.Mark": "how far this home's notes were read",
    "lake.PendingEvent": "exported as events",
    "lake.Erasure": "passing",
    "lake.WriterState": "names this home in its history",
    "segments.Touched": "passing",
    "segments.Changed": "passing",
    "segments.Columns": "names a file of this home",
    "files.ImportRun": "of this home",
    "files.ExportRun": "of this home",
}
_KINDS: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, "bool"),
    (models.DateTimeField, "time"),
    (models.JSONField, "json"),
    (models.FloatField, "float"),
    (models.IntegerField, "int"),
    (models.ForeignKey, "int"),
)


def list_tables() -> list[type[models.Model]]:
    """The exported models, by table name."""
    ours = (config for config in apps.get_app_configs() if config.name.startswith("siyu."))
    found = [model for config in ours for model in config.get_models()]
    return sorted(
        (model for model in found if model._meta.label not in LEFT_OUT),
        key=lambda model: model._meta.db_table,
    )


def columns_of(model: type[models.Model]) -> dict[str, str]:
    """column → kind (`int float bool text json time`), in the table's order."""
    return {str(field.column): _kind(field) for field in model._meta.concrete_fields}


def migrations(names: Iterable[type[models.Model]]) -> dict[str, str]:
    """The newest migration of each app of these models: exports fit only the same tables."""
    leaves = dict(MigrationLoader(None).graph.leaf_nodes())
    wanted = {model._meta.app_label for model in names}
    return {app: leaves[app] for app in sorted(wanted) if app in leaves}


def _kind(field: models.Field[Any, Any]) -> str:
    return next((kind for cls, kind in _KINDS if isinstance(field, cls)), "text")
