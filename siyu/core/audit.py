"""The audit chain: every write, who, what, and a hash over the row before."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from siyu.core.access import Actor
from siyu.core.models import AuditEntry

GENESIS = "0" * 64


def record_audit(
    actor: Actor, verb: str, target: str, *, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Append one row. Must run inside the transaction of the write it describes."""
    with transaction.atomic():
        last = _lock_last()
        entry = AuditEntry(at=now, actor=actor.name, verb=verb, target=target, detail=detail or {})
        entry.previous_hash = last
        entry.hash = chain_hash(entry)
        entry.save(force_insert=True)


def list_changes(target: str, *, limit: int) -> list[AuditEntry]:
    """What was done to one thing, newest first; `at`, `actor`, `verb`, `detail`."""
    return list(AuditEntry.objects.filter(target=target).order_by("-id")[:limit])


def chain_hash(entry: AuditEntry) -> str:
    """SHA-256 over the previous hash and this row's content."""
    content = [
        entry.previous_hash,
        entry.at.isoformat(),
        entry.actor,
        entry.verb,
        entry.target,
        entry.detail,
    ]
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()


def find_broken_link() -> int | None:
    """The id of the first row whose hash does not fit, or None."""
    previous = GENESIS
    for entry in AuditEntry.objects.order_by("id").iterator():
        if entry.previous_hash != previous or chain_hash(entry) != entry.hash:
            return int(entry.pk)
        previous = entry.hash
    return None


def _lock_last() -> str:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7311)")
    last = AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first()
    return last or GENESIS
