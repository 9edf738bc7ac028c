"""What was refused: listed with reason and a masked sample, kept until its time is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from siyu.core.access import Actor, require
from siyu.core.intake.privacy import mask_personal
from siyu.core.masking import mask
from siyu.core.models import RejectedItem
from siyu.kernel.errors import Refused
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor

SAMPLE_CHARS = 500
RAW_BYTES = 64 * 1024


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


def _view(row: RejectedItem) -> RejectedView:
    text = bytes(row.raw[: SAMPLE_CHARS * 4]).decode("utf-8", "replace")[:SAMPLE_CHARS]
    sample = mask_personal(mask(text.replace("\x00", "")))
    return RejectedView(row.pk, row.at, row.source, row.code, row.reason, row.field, sample)
