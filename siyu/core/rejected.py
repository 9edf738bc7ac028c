"""What was refused: listed with reason and a masked sample, kept until its time is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from siyu.core.access import Actor, require
from siyu.core.intake.privacy import mask_personal
from siyu.core.masking import mask
from siyu.core.models import RejectedItem
from siyu.kernel.errors import Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor

SAMPLE_CHARS = 500
RAW_BYTES = 64 * 1024
MIN_VALUE = 5
"""Shorter values are in too many texts to say whose they are."""


@dataclass(frozen=True)
class RejectedView:
    """One refused item. `sample`: the start of what came, phones, mails and keys masked."""

    id: int
    at: datetime
    source: str
    code: str
    reason: str
    field: str
    sample: str


def list_rejected(actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[RejectedView]:
    """Refused items, newest first."""
    require(actor, "doctor:read")
    limit = max(1, min(limit, MAX_LIMIT))
    rows = RejectedItem.objects.order_by("-id")
    if cursor:
        rows = rows.filter(id__lt=decode_cursor(cursor, int)[0])
    found = list(rows[: limit + 1])
    items = [_view(row) for row in found[:limit]]
    more = encode_cursor(items[-1].id) if len(found) > limit else None
    return Page(items, more)


def record_rejected(source: str, refusal: Refused, raw: bytes, *, now: datetime) -> None:
    """Keep one refused item of an accepted batch: why, and its first 64 KB."""
    RejectedItem.objects.create(
        at=now,
        source=source,
        code=refusal.code[:64],
        reason=refusal.reason[:300],
        field=(refusal.field or "")[:128],
        raw=raw[:RAW_BYTES],
    )


def forget_values(values: Iterable[str]) -> None:
    """Erasure: what was refused and names one of these values goes, why it was refused stays."""
    for value in values:
        plain = value.removeprefix("+86")
        if len(plain) >= MIN_VALUE:
            _blank(plain.encode())


def _blank(needle: bytes) -> None:
    is_postgres = connection.vendor == "postgresql"
    holds = "position(%s::bytea in raw) > 0" if is_postgres else "instr(raw, %s) > 0"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE core_rejecteditem SET raw = %s WHERE {holds}", [b"", needle])  # noqa: S608 - our words


def _view(row: RejectedItem) -> RejectedView:
    text = bytes(row.raw[: SAMPLE_CHARS * 4]).decode("utf-8", "replace")[:SAMPLE_CHARS]
    sample = mask_personal(mask(text.replace("\x00", "")))
    return RejectedView(row.pk, row.at, row.source, row.code, row.reason, row.field, sample)
