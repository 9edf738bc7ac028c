"""What growth does with a batch of facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from siyu.core.duties import wake
from siyu.core.pipeline import Batch
from siyu.growth.arrangements import plan_of
from siyu.growth.attribution import (
    Arrival,
    find_arrivals,
    record_additions,
    record_spoken,
)
from siyu.growth.chores import queue_chores
from siyu.growth.duty import recheck_staff
from siyu.growth.links import note_acquisition, note_working
from siyu.growth.models import LiveCode
from siyu.growth.rules import is_counting
from siyu.growth.welcomes import greet
from siyu.pool import actions as pool
from siyu.ports import facts


def hear(batch: Batch) -> None:
    """Stage: attribute new friends to their codes, tag and greet them, note who left or spoke."""
    arrivals = find_arrivals(batch)
    fresh = record_additions(batch, arrivals)
    record_spoken(batch)
    note_acquisition(batch)
    _recheck_left(batch)
    if fresh:
        note_working({arrival.code.pk for arrival in fresh})
        _tag(fresh, batch.now)
        queue_chores(fresh, batch.now)
        _recheck({arrival.code for arrival in fresh}, batch.now)
        batch.touched.update(arrival.customer_id for arrival in fresh)
    greet(batch, arrivals)


def _recheck(codes: Iterable[LiveCode], now: datetime) -> None:
    """Somebody was added: where turns and caps count, somebody else may be on duty now."""
    counting = [code.pk for code in codes if is_counting(plan_of(code))]
    if counting:
        LiveCode.objects.filter(pk__in=counting).update(recheck_at=now)
        transaction.on_commit(lambda: wake("growth.duty"))


def _recheck_left(batch: Batch) -> None:
    """Who was deleted from the directory is on no code a moment later."""
    left: dict[str, set[str]] = defaultdict(set)
    for seen in batch.named(facts.STAFF_SYNCED):
        if seen.fact.properties.get("change") == "delete":
            left[seen.fact.account].add(seen.fact.staff)
    for account, staff in left.items():
        recheck_staff(account, staff, batch.now)


def _tag(fresh: Sequence[Arrival], now: datetime) -> None:
    by_code: dict[int, list[Arrival]] = defaultdict(list)
    for arrival in fresh:
        if arrival.code.is_active and arrival.code.tag_ids:
            by_code[arrival.code.pk].append(arrival)
    hangings = [
        (tag_id, {arrival.customer_id for arrival in arrivals}, f"live_code:{code_id}")
        for code_id, arrivals in by_code.items()
        for tag_id in arrivals[0].code.tag_ids
    ]
    if hangings:
        pool.hang_tags(hangings, now=now)
