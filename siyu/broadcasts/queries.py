"""Reads of broadcasts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from siyu.broadcasts.models import Broadcast
from siyu.broadcasts.types import PREFIX, BroadcastView
from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.cells import Cell
from siyu.kernel.errors import NotFound
from siyu.kernel.paging import MAX_LIMIT, Page, decode_cursor, encode_cursor
from siyu.reach import queries as reach
from siyu.reach.types import CampaignState, SenderRow

EXPORT_HEADER = (
    "customer_id",
    "name",
    "account",
    "sender",
    "state",
    "reason",
    "handed_at",
    "done_at",
)


def list_broadcasts(
    actor: Actor, *, state: str = "", cursor: str | None = None, limit: int = 30
) -> Page[BroadcastView]:
    """A page of broadcasts, the newest first."""
    require(actor, "broadcast:read")
    rows = Broadcast.objects.order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if cursor:
        rows = rows.filter(pk__lt=decode_cursor(cursor, int)[0])
    size = max(1, min(limit, MAX_LIMIT))
    found = list(rows[: size + 1])
    following = encode_cursor(found[size - 1].pk) if len(found) > size else None
    return Page([_view(row) for row in found[:size]], following)


def get_broadcast(actor: Actor, broadcast_id: int) -> BroadcastView:
    """One broadcast; NotFound."""
    require(actor, "broadcast:read")
    return _view(_row(broadcast_id))


def list_senders(actor: Actor, broadcast_id: int) -> list[SenderRow]:
    """How far each sender is."""
    require(actor, "broadcast:read")
    return reach.senders_of(_campaign(_row(broadcast_id)))


def list_missed(actor: Actor, broadcast_id: int) -> dict[str, int]:
    """Why people or groups surely got nothing → how many."""
    require(actor, "broadcast:read")
    return reach.missed_reasons(_campaign(_row(broadcast_id)))


def stream_results(actor: Actor, broadcast_id: int, *, now: datetime) -> Iterator[tuple[Cell, ...]]:
    """Every recipient in the order of `EXPORT_HEADER`; no phone and no platform id is in it."""
    require(actor, "customer:export")
    require(actor, "broadcast:read")
    row = _row(broadcast_id)
    record_audit(actor, "export_broadcast", f"broadcast:{row.pk}", now=now)
    return (tuple(found) for found in reach.results_of(_campaign(row)))


def names_of(broadcast_ids: set[int]) -> dict[int, str]:
    """Names by id, for lists of the ledger."""
    return dict(Broadcast.objects.filter(pk__in=broadcast_ids).values_list("pk", "name"))


def _row(broadcast_id: int) -> Broadcast:
    found = Broadcast.objects.filter(pk=broadcast_id).first()
    if found is None:
        raise NotFound("broadcast.unknown", "没有这个群发")
    return found


def _campaign(row: Broadcast) -> str:
    return f"{PREFIX}{row.pk}"


def _counts(row: Broadcast) -> CampaignState:
    told = dict(row.counts)
    if not told:
        return CampaignState({}, {})
    ends = told.pop("ends_at", None)
    return CampaignState(**told, ends_at=datetime.fromisoformat(ends) if ends else None)


def _view(row: Broadcast) -> BroadcastView:
    return BroadcastView(
        id=row.pk,
        name=row.name,
        state=row.state,
        account=row.account,
        channel=row.channel,
        text=str(row.content.get("text", "")),
        attachments=list(row.content.get("attachments", [])),
        audience=row.audience,
        staff=row.staff,
        is_for_groups=row.is_for_groups,
        scheduled_at=row.scheduled_at,
        spread_minutes=row.spread_minutes,
        confirm_days=row.confirm_days,
        created_by=row.created_by,
        created_at=row.created_at,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
        problem=row.problem,
        audience_count=row.audience_count,
        planned_count=row.planned_count,
        started_at=row.started_at,
        finished_at=row.finished_at,
        stopped_by=row.stopped_by,
        stopped_at=row.stopped_at,
        reminded_at=row.remind_asked_at,
        recalled_at=row.recall_asked_at,
        counted_at=row.counted_at,
        counts=_counts(row),
    )
