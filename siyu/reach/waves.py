"""Waves: touches of one campaign that one sender hands over together.

A member of staff must tap once for each call, so everything he or she shall send goes into as
few calls as the platform takes. Waves are the work list of that; the touches themselves stay in
the ledger and go through the same checks as all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, F, Min, Q, QuerySet

from siyu.core.writing import insert_rows
from siyu.reach.catalog import Catalog
from siyu.reach.lanes import LaneKey
from siyu.reach.models import Attempt, Touch, Wave
from siyu.reach.reserve import Reserved, Turn, decide_all
from siyu.reach.types import IN_WAVE, WAITING_STATES, TouchState

AT_ONCE = 1_000
"""Touches decided in one transaction."""
LOOK_AGAIN = timedelta(seconds=15)
_OPEN_STATES = (*WAITING_STATES, TouchState.RESERVED, TouchState.HANDED)


def open_waves(
    campaign: str, now: datetime, *, spread: timedelta = timedelta(0), buckets: int = 1
) -> int:
    """Put a planned campaign on the work list; returns how many waves. Idempotent.

    spread: the waves start evenly over this time. buckets: of a channel without senders.
    """
    found = (
        _open_touches(campaign)
        .order_by("account", "channel", "sender")
        .annotate(bucket=F("planned_for") % buckets)
        .values_list("account", "channel", "sender", "bucket")
        .annotate(size=Count("id"), first=Min("next_at"))
    )
    rows = list(found)
    waves = [
        Wave(
            campaign=campaign,
            account=account,
            channel=channel,
            sender=sender,
            bucket=bucket,
            buckets=buckets,
            size=size,
            next_at=max(first, now) + spread * number / max(1, len(rows)),
        )
        for number, (account, channel, sender, bucket, size, first) in enumerate(rows)
    ]
    insert_rows(waves, ignore_conflicts=True)
    return len(waves)


def reopen_wave(attempt: Attempt, now: datetime) -> None:
    """What a call was to hand over came back, perhaps long after its wave was through."""
    Wave.objects.filter(
        campaign=attempt.campaign,
        account=attempt.account,
        channel=attempt.channel,
        sender=attempt.sender,
        next_at=None,
    ).update(next_at=now, lease_until=0)


def close_waves(campaign: str) -> None:
    """Take a campaign off the work list."""
    Wave.objects.filter(campaign=campaign).update(next_at=None)


def has_waves(now: datetime) -> bool:
    """Whether a wave is due."""
    return Wave.objects.filter(next_at__lte=now).exists()


def claim_waves(
    now: datetime, real: float, *, lease: float, blocked: Sequence[LaneKey], most: int
) -> list[Wave]:
    """Due waves of channels that are well, claimed for `lease` seconds."""
    due = Wave.objects.filter(next_at__lte=now, lease_until__lt=real)
    for account, channel in blocked:
        due = due.exclude(account=account, channel=channel)
    with transaction.atomic():
        due = due.order_by("next_at", "id")
        if connection.vendor == "postgresql":
            due = due.select_for_update(skip_locked=True)
        waves = list(due[:most])
        Wave.objects.filter(pk__in=[wave.pk for wave in waves]).update(lease_until=real + lease)
    return waves


def free_wave(wave: Wave, now: datetime, *, has_more: bool) -> None:
    """Put a wave back: looked at again while anything of it is unsettled, else closed.

    has_more: some of it was handed over just now, and may come back.
    """
    left = _touches(wave).aggregate(first=Min("next_at", filter=Q(state__in=WAITING_STATES)))
    if left["first"] is not None:
        again: datetime | None = max(left["first"], now + timedelta(seconds=1))
    else:
        again = now + LOOK_AGAIN if has_more or _touches(wave).exists() else None
    Wave.objects.filter(pk=wave.pk).exclude(next_at=None).update(next_at=again, lease_until=0)


def reserve_wave(turn: Turn, wave: Wave) -> tuple[list[Reserved], int]:
    """Decide what is due of a wave, up to what one call carries; as `reserve`."""
    reserved: list[Reserved] = []
    looked_at = 0
    most = _batch_of(turn.catalog, wave)
    while len(reserved) < most:
        wanted = min(AT_ONCE, most - len(reserved))
        with transaction.atomic():
            touches = _claim(wave, turn.now, wanted)
            reserved += decide_all(touches, turn)
        looked_at += len(touches)
        if len(touches) < wanted:
            break
    return reserved, looked_at


def _claim(wave: Wave, now: datetime, limit: int) -> list[Touch]:
    due = _touches(wave).filter(state__in=WAITING_STATES, next_at__lte=now).order_by("id")
    if connection.vendor == "postgresql":
        due = due.select_for_update(skip_locked=True)
    return list(due[:limit])


def _batch_of(catalog: Catalog, wave: Wave) -> int:
    """Recipients of one call; a channel that takes one at a time gets some hundred."""
    offers: Iterator[int] = (
        channel.batch
        for channel in catalog.channels_of(wave.account)
        if channel.name == wave.channel
    )
    batch = next(offers, 1)
    return batch if batch > 1 else 200


def _touches(wave: Wave) -> QuerySet[Touch]:
    found = _open_touches(wave.campaign).filter(
        account=wave.account, channel=wave.channel, sender=wave.sender
    )
    if wave.buckets == 1:
        return found
    return found.annotate(bucket=F("planned_for") % wave.buckets).filter(bucket=wave.bucket)


def _open_touches(campaign: str) -> QuerySet[Touch]:
    return Touch.objects.filter(campaign=campaign, priority=IN_WAVE, state__in=_OPEN_STATES)
