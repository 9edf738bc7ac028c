"""Writes of moments: draft, submit, approve, cancel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from siyu.core.access import Actor, require
from siyu.core.accounts import active_accounts, connector
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.materials import actions as materials
from siyu.moments.models import Moment
from siyu.moments.rules import check_draft
from siyu.moments.types import MomentDraft, State
from siyu.moments.working import work
from siyu.pool import outreach
from siyu.ports.media import MOMENT

__all__ = [
    "approve_moment",
    "cancel_moment",
    "create_moment",
    "delete_moment",
    "estimate",
    "reject_moment",
    "submit_moment",
    "update_moment",
    "work",
]

WRITE, APPROVE = "broadcast:write", "broadcast:approve"


def create_moment(actor: Actor, draft: MomentDraft, *, now: datetime) -> int:
    """Keep a draft; its id. Refused with the field at fault."""
    require(actor, WRITE)
    values = _checked(draft, now)
    with transaction.atomic():
        row = Moment.objects.create(
            **values, state=State.DRAFT, created_by=actor.name, created_at=now, updated_at=now
        )
        _want_media(row, now)
        _audit(actor, "create_moment", row, now, name=row.name)
    return int(row.pk)


def update_moment(actor: Actor, moment_id: int, draft: MomentDraft, *, now: datetime) -> None:
    """Change a draft."""
    require(actor, WRITE)
    values = _checked(draft, now)
    with transaction.atomic():
        row = _row(moment_id, State.DRAFT)
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = now
        row.save()
        _want_media(row, now)
        _audit(actor, "update_moment", row, now)


def estimate(actor: Actor, draft: MomentDraft) -> dict[str, int]:
    """Customers who would see it, by member of staff, as the pool knows them now."""
    require(actor, WRITE)
    return outreach.count_friends(draft.account, draft.staff, draft.tag_ids)


def submit_moment(actor: Actor, moment_id: int, *, now: datetime) -> None:
    """Ask for approval."""
    require(actor, WRITE)
    with transaction.atomic():
        row = _row(moment_id, State.DRAFT)
        found = outreach.count_friends(row.account, row.staff, row.tag_ids)
        if not found:
            raise Refused("moment.nobody", "没有客户能看到这条朋友圈", field="staff")
        row.state, row.submitted_by, row.submitted_at = State.SUBMITTED, actor.name, now
        row.estimate, row.note = sum(found.values()), ""
        row.save()
        _audit(actor, "submit_moment", row, now, estimate=row.estimate)


def approve_moment(actor: Actor, moment_id: int, alone_limit: int, *, now: datetime) -> None:
    """Let it be made; a second person must do it for more than `alone_limit` customers."""
    require(actor, APPROVE)
    with transaction.atomic():
        row = _row(moment_id, State.SUBMITTED)
        if actor.name == row.submitted_by and row.estimate > alone_limit:
            raise Forbidden("broadcast.second_person", "须由另一位有审批权限的同事批准")
        row.state, row.decided_by, row.decided_at = State.APPROVED, actor.name, now
        row.next_at = max(now, row.scheduled_at or now)
        row.save()
        _audit(actor, "approve_moment", row, now)
    wake("moments.work")


def reject_moment(actor: Actor, moment_id: int, note: str, *, now: datetime) -> None:
    """Send it back with a word why."""
    require(actor, APPROVE)
    if not note.strip():
        raise Refused("broadcast.note", "请写明退回的原因", field="note")
    with transaction.atomic():
        row = _row(moment_id, State.SUBMITTED)
        row.state, row.decided_by, row.decided_at = State.DRAFT, actor.name, now
        row.note = note.strip()[:200]
        row.save()
        _audit(actor, "reject_moment", row, now, note=row.note)


def cancel_moment(actor: Actor, moment_id: int, *, now: datetime) -> None:
    """Not made yet: never. With the staff: taken from those who have not posted."""
    require(actor, WRITE)
    with transaction.atomic():
        row = _row(moment_id, State.SUBMITTED, State.APPROVED, State.POSTING)
        if row.state == State.POSTING:
            row.cancel_asked_at = row.next_at = now
        else:
            row.state, row.finished_at, row.next_at = State.CANCELLED, now, None
        row.save()
        _audit(actor, "cancel_moment", row, now)
    wake("moments.work")


def delete_moment(actor: Actor, moment_id: int, *, now: datetime) -> None:
    """Delete a draft."""
    require(actor, WRITE)
    with transaction.atomic():
        row = _row(moment_id, State.DRAFT)
        _audit(actor, "delete_moment", row, now, name=row.name)
        row.delete()


def _checked(draft: MomentDraft, now: datetime) -> dict[str, Any]:
    is_ours = draft.account in active_accounts()
    if not is_ours or connector(draft.account).moments is None:
        raise Refused("moment.account", "请选择能发朋友圈的账号", field="account")
    check_draft(draft, now)
    attachments = [dict(item) for item in draft.attachments]
    materials.check_attachments(attachments, field="attachments")
    known = outreach.remote_tags(draft.account, draft.tag_ids)
    if set(draft.tag_ids) - known.keys():
        raise Refused("moment.tags", "标签还没有同步到这个账号", field="tag_ids")
    return {
        "name": draft.name.strip(),
        "account": draft.account,
        "content": {"text": draft.text.strip(), "attachments": attachments},
        "staff": sorted(set(draft.staff)),
        "tag_ids": sorted(set(draft.tag_ids)),
        "scheduled_at": draft.scheduled_at,
        "watch_days": draft.watch_days,
    }


def _want_media(row: Moment, now: datetime) -> None:
    if wanted := materials.materials_in(row.content["attachments"]):
        materials.want_media(row.account, wanted, now=now, use=MOMENT)


def _row(moment_id: int, *states: State) -> Moment:
    """The row, locked within a transaction; Conflict when it is in none of the states."""
    rows = Moment.objects.filter(pk=moment_id)
    found = (rows.select_for_update() if connection.in_atomic_block else rows).first()
    if found is None:
        raise NotFound("moment.unknown", "没有这条朋友圈")
    if found.state not in states:
        raise Conflict("moment.state", "朋友圈的状态已经变化, 请刷新后再试")
    return found


def _audit(actor: Actor, verb: str, row: Moment, now: datetime, **detail: Any) -> None:
    record_audit(actor, verb, f"moment:{row.pk}", now=now, detail=detail)
