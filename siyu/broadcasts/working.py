"""The worker's part: plan what is approved, hold and stop, remind, take back, count, finish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from siyu.broadcasts import audience as audiences
from siyu.broadcasts.channels import channel_of
from siyu.broadcasts.models import AudiencePart, Broadcast
from siyu.broadcasts.types import PREFIX, STEP, State
from siyu.core.runtime import runtime
from siyu.kernel.errors import SiyuError, WaitUntil
from siyu.materials import queries as materials
from siyu.reach import actions as reach
from siyu.reach import queries as ledger
from siyu.reach.catalog import catalog
from siyu.reach.types import CampaignState, Cohort, GateVerdict, TouchRef, TouchState

log = structlog.get_logger("siyu.broadcasts")

STOP_AT_ONCE = 5_000
SMALL = 20_000
SOON, LATER = timedelta(seconds=3), timedelta(seconds=20)
LONGEST = timedelta(minutes=5)
"""A platform that cannot be reached is not waited for longer before the counts are looked at."""
MEDIA_PAUSE = timedelta(seconds=3)
_UNSETTLED = (
    TouchState.PLANNED,
    TouchState.DEFERRED,
    TouchState.RESERVED,
    TouchState.HANDED,
    TouchState.ACCEPTED,
)
_VERDICTS = {
    State.STOPPED: GateVerdict("broadcast_stopped"),
    State.PAUSED: GateVerdict("broadcast_paused", is_hold=True),
}


def gate(refs: Sequence[TouchRef]) -> Mapping[int, GateVerdict]:
    """Asked right before every send: a stopped broadcast sends nothing more, a paused one waits."""
    ids = {_id_of(ref.campaign) for ref in refs}
    states = dict(Broadcast.objects.filter(pk__in=ids).values_list("pk", "state"))
    verdicts = {}
    for ref in refs:
        state = State(states.get(_id_of(ref.campaign), State.STOPPED))
        if state in _VERDICTS:
            verdicts[ref.id] = _VERDICTS[state]
    return verdicts


def work() -> bool:
    """Duty: the next step of one broadcast that is due. True when there may be more."""
    now = runtime().clock.now()
    row = Broadcast.objects.filter(next_at__lte=now).order_by("next_at", "id").first()
    if row is None:
        return False
    try:
        _step(row, now)
    except SiyuError as error:
        log.warning("broadcasts.failed", broadcast=row.pk, code=error.code)
        if row.state != State.APPROVED:
            _count(row, now)
        again = error.until if isinstance(error, WaitUntil) else now + LATER
        Broadcast.objects.filter(pk=row.pk).update(
            problem=error.reason[:200], next_at=min(again, now + LONGEST)
        )
    return True


def _step(row: Broadcast, now: datetime) -> None:
    if row.state == State.APPROVED:
        _plan_some(row, now)
    elif (row.state == State.STOPPED and _stop_some(row, now)) or _work_off(row, now):
        return
    else:
        _count(row, now)


def _plan_some(row: Broadcast, now: datetime) -> None:
    """One part of the audience into the ledger; after the last the waves are opened."""
    cohort = _cohort(row, now)
    if cohort is None:
        return
    part = row.parts.filter(is_planned=False).order_by("number").first()
    if part is None:
        with transaction.atomic():
            _start(row, now)
        return
    ids = audiences.unpack(bytes(part.ids))
    with transaction.atomic():
        if row.is_for_groups:
            planned = reach.plan_groups(cohort, audiences.groups_of(row.account, ids), now)
        else:
            planned = reach.plan_cohort(cohort, ids, now)
        AudiencePart.objects.filter(pk=part.pk).update(is_planned=True)
        Broadcast.objects.filter(pk=row.pk).update(planned_count=F("planned_count") + planned)


def _cohort(row: Broadcast, now: datetime) -> Cohort | None:
    """What is planned; None while a file is not yet at the platform."""
    told = row.content["attachments"]
    ready = materials.attach(row.account, told, now=now)
    if len(ready) < len(told):
        Broadcast.objects.filter(pk=row.pk).update(
            problem="附件还在上传到平台, 上传好后自动开始", next_at=now + MEDIA_PAUSE
        )
        return None
    due = max(row.scheduled_at or row.decided_at or now, row.decided_at or now)
    spread = timedelta(minutes=row.spread_minutes)
    return Cohort(
        campaign=_campaign(row),
        version=row.version,
        step=STEP,
        account=row.account,
        channel=row.channel,
        template=str(row.content["text"]),
        attachments=ready,
        due_at=due,
        expires_at=due + spread + timedelta(days=row.confirm_days),
        staff=tuple(row.staff),
    )


def _start(row: Broadcast, now: datetime) -> None:
    """Spread over time by sender; where there are no senders, by customer, minute by minute."""
    is_by_sender = channel_of(row.account, row.channel).needs_staff
    reach.open_waves(
        _campaign(row),
        now,
        spread=timedelta(minutes=row.spread_minutes),
        buckets=1 if is_by_sender else max(1, row.spread_minutes),
    )
    Broadcast.objects.filter(pk=row.pk, state=State.APPROVED).update(
        state=State.SENDING,
        started_at=now,
        problem="",
        next_at=now,
    )


def _stop_some(row: Broadcast, now: datetime) -> bool:
    """Write what was stopped into the ledger; the gate has held it since the button."""
    reach.close_waves(_campaign(row))
    stopped = reach.cancel_campaign(_campaign(row), "broadcast_stopped", now, most=STOP_AT_ONCE)
    return stopped > 0


def _work_off(row: Broadcast, now: datetime) -> bool:
    """Reminders and takings back that were asked for; True when there may be more."""
    campaign = _campaign(row)
    asked = row.recall_asked_at
    if asked is not None and row.recalled_until != asked:
        if reach.cancel_tasks(campaign, catalog(), now):
            return True
        if not ledger.has_doubts(campaign):
            Broadcast.objects.filter(pk=row.pk).update(recalled_until=asked)
    asked = row.remind_asked_at
    if asked is not None and row.reminded_until != asked:
        if reach.remind_senders(campaign, asked, catalog(), now):
            return True
        Broadcast.objects.filter(pk=row.pk).update(reminded_until=asked)
    return False


def _count(row: Broadcast, now: datetime) -> None:
    """Refresh what pages show; finish when nothing can change any more."""
    found = ledger.campaign_state(_campaign(row))
    is_moving = found.waves > 0 or any(found.states.get(state) for state in _UNSETTLED)
    is_over = not is_moving and not ledger.has_doubts(_campaign(row))
    pause = SOON if row.audience_count <= SMALL else LATER
    values: dict[str, object] = {
        "counts": _plain(found),
        "counted_at": now,
        "problem": "",
        "next_at": None if is_over else now + pause,
    }
    if is_over:
        values["finished_at"] = now
        if row.state in {State.SENDING, State.PAUSED}:
            values["state"] = State.DONE
    Broadcast.objects.filter(pk=row.pk, state=row.state).update(**values)


def _plain(found: CampaignState) -> dict[str, object]:
    ends = found.ends_at.isoformat() if found.ends_at else None
    return {**asdict(found), "ends_at": ends}


def _campaign(row: Broadcast) -> str:
    return f"{PREFIX}{row.pk}"


def _id_of(campaign: str) -> int:
    tail = campaign.removeprefix(PREFIX)
    return int(tail) if tail.isdigit() else 0
