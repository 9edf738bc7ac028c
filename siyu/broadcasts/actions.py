"""Writes of broadcasts: draft, submit, approve, stop, remind, take back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from siyu.broadcasts import audience as audiences
from siyu.broadcasts.channels import channel_of
from siyu.broadcasts.models import Broadcast
from siyu.broadcasts.policy import get_alone_limit, set_alone_limit
from siyu.broadcasts.previewing import check_personal
from siyu.broadcasts.rules import MAX_NAME, check_draft
from siyu.broadcasts.types import ACTIVE, MISSED, PREFIX, Draft, State
from siyu.broadcasts.wording import check_content
from siyu.broadcasts.working import gate, work
from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.materials import actions as materials
from siyu.reach import actions as reach
from siyu.reach import queries as ledger

__all__ = [
    "approve_broadcast",
    "archive_broadcast",
    "create_broadcast",
    "gate",
    "pause_broadcast",
    "recall_broadcast",
    "reject_broadcast",
    "remind_staff",
    "repeat_broadcast",
    "resume_broadcast",
    "set_alone_limit",
    "stop_broadcast",
    "submit_broadcast",
    "update_broadcast",
    "work",
]

AGAIN = " (补发)"
WRITE, APPROVE = "broadcast:write", "broadcast:approve"


def create_broadcast(actor: Actor, draft: Draft, *, now: datetime) -> int:
    """Keep a draft; its id. Refused with the field at fault."""
    require(actor, WRITE)
    values = _checked(draft, now)
    with transaction.atomic():
        row = Broadcast.objects.create(
            **values, state=State.DRAFT, created_by=actor.name, created_at=now, updated_at=now
        )
        _want_media(row, now)
        _audit(actor, "create_broadcast", row, now, name=draft.name)
    return int(row.pk)


def update_broadcast(actor: Actor, broadcast_id: int, draft: Draft, *, now: datetime) -> None:
    """Change a draft; Conflict when it was submitted already."""
    require(actor, WRITE)
    values = _checked(draft, now)
    with transaction.atomic():
        row = _row(broadcast_id, State.DRAFT)
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = now
        row.save()
        _want_media(row, now)
        _audit(actor, "update_broadcast", row, now)


def submit_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Ask for approval. Refused when staff would have to tap too often."""
    require(actor, WRITE)
    row = _row(broadcast_id, State.DRAFT)
    found = audiences.find_customers(row.audience, now=now) if not row.is_for_groups else ()
    groups = audiences.find_groups(actor, row.account, row.audience) if row.is_for_groups else []
    size = len(groups) if row.is_for_groups else len(found)
    if not size:
        raise Refused("broadcast.nobody", "受众里此刻没有人", field="audience")
    check_personal(row, found, now)
    with transaction.atomic():
        row = _row(broadcast_id, State.DRAFT)
        row.state, row.submitted_by, row.submitted_at = State.SUBMITTED, actor.name, now
        row.audience_count, row.note = size, ""
        row.save()
        _audit(actor, "submit_broadcast", row, now, audience=size)


def approve_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Freeze the audience and let it be sent; a second person must do it above the limit."""
    require(actor, APPROVE)
    row = _row(broadcast_id, State.SUBMITTED)
    if row.is_for_groups:
        found = audiences.find_group_ids(actor, row.account, row.audience)
    else:
        found = audiences.find_customers(row.audience, now=now)
    size = len(found)
    if actor.name == row.submitted_by and size > get_alone_limit():
        raise Forbidden("broadcast.second_person", "须由另一位有审批权限的同事批准")
    with transaction.atomic():
        row = _row(broadcast_id, State.SUBMITTED)
        audiences.freeze(row, found)
        row.state, row.decided_by, row.decided_at = State.APPROVED, actor.name, now
        row.audience_count, row.next_at = size, max(now, row.scheduled_at or now)
        row.save()
        _audit(actor, "approve_broadcast", row, now, audience=size)
    wake("broadcasts.work")


def reject_broadcast(actor: Actor, broadcast_id: int, note: str, *, now: datetime) -> None:
    """Send it back to its author with a word why."""
    require(actor, APPROVE)
    if not note.strip():
        raise Refused("broadcast.note", "请写明退回的原因", field="note")
    with transaction.atomic():
        row = _row(broadcast_id, State.SUBMITTED)
        row.state, row.decided_by, row.decided_at = State.DRAFT, actor.name, now
        row.note = note.strip()[:200]
        row.save()
        _audit(actor, "reject_broadcast", row, now, note=row.note)


def pause_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Hold what has not gone out."""
    require(actor, WRITE)
    _change(actor, broadcast_id, (State.SENDING,), State.PAUSED, "pause_broadcast", now=now)


def resume_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Go on."""
    require(actor, WRITE)
    _change(actor, broadcast_id, (State.PAUSED,), State.SENDING, "resume_broadcast", now=now)


def stop_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Stop for good what has not gone out; holds from the next call on."""
    require(actor, WRITE)
    row = _change(actor, broadcast_id, ACTIVE, State.STOPPED, "stop_broadcast", now=now)
    reach.close_waves(campaign_of(row))


def remind_staff(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Remind everybody who has not confirmed; the platform takes three a day for each task."""
    require(actor, WRITE)
    _ask(actor, broadcast_id, "remind_asked_at", "remind_broadcast", now)


def recall_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Stop, and take unconfirmed tasks back from the staff where the platform can."""
    require(actor, WRITE)
    row = Broadcast.objects.filter(pk=broadcast_id).first()
    if row is not None and row.state in ACTIVE:
        stop_broadcast(actor, broadcast_id, now=now)
    _ask(actor, broadcast_id, "recall_asked_at", "recall_broadcast", now)


def repeat_broadcast(
    actor: Actor, broadcast_id: int, reasons: Sequence[str], *, now: datetime
) -> int:
    """A draft with the same words for whom an ended broadcast surely did not reach; its id.

    reasons: why it did not. Those of whom nobody can tell are never among them.
    """
    require(actor, WRITE)
    row = _row(broadcast_id, State.STOPPED, State.DONE)
    if row.finished_at is None:
        raise Conflict("broadcast.running", "还有结果没有出来, 等群发结束后再补发")
    known = ledger.missed_reasons(campaign_of(row))
    wanted = [reason for reason in dict.fromkeys(reasons) if reason in known]
    if not wanted:
        raise Refused("broadcast.reasons", "请选择没收到的原因", field="reasons")
    draft = Draft(
        name=f"{row.name[: MAX_NAME - len(AGAIN)]}{AGAIN}",
        account=row.account,
        channel=row.channel,
        text=str(row.content["text"]),
        attachments=row.content["attachments"],
        audience={"kind": MISSED, "broadcast_id": row.pk, "reasons": wanted},
        staff=row.staff,
        spread_minutes=row.spread_minutes,
        confirm_days=row.confirm_days,
    )
    return create_broadcast(actor, draft, now=now)


def archive_broadcast(actor: Actor, broadcast_id: int, *, now: datetime) -> None:
    """Delete a draft."""
    require(actor, WRITE)
    with transaction.atomic():
        row = _row(broadcast_id, State.DRAFT)
        _audit(actor, "delete_broadcast", row, now, name=row.name)
        row.delete()


def campaign_of(row: Broadcast) -> str:
    """The name of a broadcast in the ledger."""
    return f"{PREFIX}{row.pk}"


def _change(
    actor: Actor,
    broadcast_id: int,
    states: tuple[State, ...],
    state: State,
    verb: str,
    *,
    now: datetime,
) -> Broadcast:
    with transaction.atomic():
        row = _row(broadcast_id, *states)
        row.state, row.next_at = state, now
        if state is State.STOPPED:
            row.stopped_by, row.stopped_at = actor.name, now
        row.save()
        _audit(actor, verb, row, now)
    wake("broadcasts.work")
    return row


def _ask(actor: Actor, broadcast_id: int, field: str, verb: str, now: datetime) -> None:
    with transaction.atomic():
        row = _row(broadcast_id, State.SENDING, State.PAUSED, State.STOPPED, State.DONE)
        setattr(row, field, now)
        row.next_at = now
        row.save()
        _audit(actor, verb, row, now)
    wake("broadcasts.work")


def _checked(draft: Draft, now: datetime) -> dict[str, Any]:
    """The columns of a draft that makes sense."""
    channel = channel_of(draft.account, draft.channel)
    check_draft(draft, is_for_groups=channel.is_for_groups, now=now)
    attachments = check_content(channel, draft.text, draft.attachments)
    return {
        "name": draft.name.strip(),
        "account": draft.account,
        "channel": draft.channel,
        "content": {"text": draft.text, "attachments": attachments},
        "audience": dict(draft.audience),
        "staff": sorted(set(draft.staff)),
        "scheduled_at": draft.scheduled_at,
        "spread_minutes": draft.spread_minutes,
        "confirm_days": draft.confirm_days,
        "is_for_groups": channel.is_for_groups,
    }


def _want_media(row: Broadcast, now: datetime) -> None:
    wanted = materials.materials_in(row.content["attachments"])
    if wanted:
        materials.want_media(row.account, wanted, now=now)


def _row(broadcast_id: int, *states: State) -> Broadcast:
    """The row, locked within a transaction; Conflict when it is in none of the states."""
    rows = Broadcast.objects.filter(pk=broadcast_id)
    found = (rows.select_for_update() if connection.in_atomic_block else rows).first()
    if found is None:
        raise NotFound("broadcast.unknown", "没有这个群发")
    if found.state not in states:
        raise Conflict("broadcast.state", "群发的状态已经变化, 请刷新后再试")
    return found


def _audit(actor: Actor, verb: str, row: Broadcast, now: datetime, **detail: Any) -> None:
    record_audit(actor, verb, f"broadcast:{row.pk}", now=now, detail=detail)
