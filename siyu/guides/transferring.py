"""The worker's side of take-over: batches are asked for, results polled, owners changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from siyu.core.accounts import connector
from siyu.core.leases import claim
from siyu.core.pipeline import Batch
from siyu.groups.actions import read_groups_again
from siyu.guides import care_types as states
from siyu.guides.models import Transfer, TransferItem
from siyu.guides.owning import DELETED_BY_TRANSFER
from siyu.kernel.errors import PlatformError, SiyuError, WaitUntil
from siyu.pool import ownership
from siyu.ports import facts
from siyu.ports.transfers import CustomerMover, MoveResult, MoveState, Refusal

POLL = timedelta(minutes=30)
BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
BATCHES_PER_TURN = 10
SOON = timedelta(seconds=2)
"""After a callback about a customer: several come together, and are read together."""
GIVEN_UP = timedelta(days=7)
_STATES = {
    MoveState.DONE: states.MOVED,
    MoveState.REFUSED: states.DECLINED,
    MoveState.FULL: states.FULL,
}


def work(now: datetime) -> bool:
    """Carry on with one transfer that is due; True when it wants another turn at once."""
    rows = claim(Transfer.objects.filter(state=states.RUNNING, next_at__lte=now).order_by("pk"), 1)
    if not rows:
        return False
    row, before = rows[0], rows[0].next_at
    try:
        is_more = _advance(row, now)
        row.tries, row.error = 0, ""
    except WaitUntil as error:
        row.next_at, row.error, is_more = error.until, error.reason[:200], False
    except PlatformError as error:
        row.tries = min(row.tries + 1, len(BACK_OFF))
        row.next_at, row.error = now + BACK_OFF[row.tries - 1], error.reason[:200]
        is_more = False
    except SiyuError as error:
        row.state, row.finished_at = states.STOPPED, now
        row.error, is_more = error.reason[:200], False
    keep(row, before)
    return is_more


def hear(batch: Batch) -> None:
    """Stage: the platform says that somebody changed hands or refused; results are read soon."""
    told = [
        seen.identity_id
        for seen in batch.named(facts.TRANSFER_FAILED, facts.FRIEND_REMOVED)
        if seen.identity_id is not None
        and (
            seen.fact.name == facts.TRANSFER_FAILED
            or seen.fact.properties.get("reason") == DELETED_BY_TRANSFER
        )
    ]
    if not told:
        return
    soon = batch.now + SOON
    asked = TransferItem.objects.filter(identity_id__in=told, state=states.ASKED)
    concerned = Transfer.objects.filter(pk__in=asked.values("transfer_id"), state=states.RUNNING)
    concerned.filter(Q(next_at__gt=soon) | ~Q(lease="")).update(next_at=soon)


def keep(row: Transfer, before: datetime) -> None:
    """Write down where a transfer stands; a time that `hear` set meanwhile goes before ours."""
    row.lease, row.lease_until = "", 0
    with transaction.atomic():
        row.save(update_fields=["state", "finished_at", "error", "tries", "lease", "lease_until"])
        Transfer.objects.filter(pk=row.pk, next_at=before).update(next_at=row.next_at)


def _advance(row: Transfer, now: datetime) -> bool:
    mover = connector(row.account).transfers
    if mover is None:
        row.state, row.finished_at = states.STOPPED, now
        return False
    for _ in range(BATCHES_PER_TURN):
        if not (_ask_customers(row, mover, now) or _move_groups(row, mover, now)):
            break
    else:
        return True
    asked = row.transferitem_set.filter(state=states.ASKED)
    if asked.exists():
        _take_results(row, mover, now)
        asked.filter(asked_at__lt=now - GIVEN_UP).update(
            state=states.UNKNOWN, reason="平台一直没有给出结果"
        )
    if asked.exists():
        row.next_at = now + POLL
    else:
        row.state, row.finished_at = states.DONE, now
    return False


def _ask_customers(row: Transfer, mover: CustomerMover, now: datetime) -> bool:
    """One batch. A repeat after a crash is answered as under way and polled like the rest."""
    items = list(
        row.transferitem_set.filter(state=states.PLANNED, is_group=False).order_by("pk")[
            : mover.rules.batch
        ]
    )
    if not items:
        return False
    refused = mover.move_customers(
        row.giver,
        row.taker,
        [item.remote_id for item in items],
        has_left=row.has_left,
        message=row.message,
    )
    known = _known_moves(row, mover) if refused else {}
    _keep_answers(items, [one for one in refused if one.remote_id not in known], now)
    return True


def _known_moves(row: Transfer, mover: CustomerMover) -> dict[str, MoveResult]:
    """Moves between these two that the platform already has: asked for before a crash."""
    found: dict[str, MoveResult] = {}
    cursor = ""
    while True:
        page, cursor = mover.list_results(row.giver, row.taker, cursor, has_left=row.has_left)
        found |= {one.remote_id: one for one in page if one.state is MoveState.WAITING}
        if not cursor:
            return found


def _move_groups(row: Transfer, mover: CustomerMover, now: datetime) -> bool:
    items = list(
        row.transferitem_set.filter(state=states.PLANNED, is_group=True).order_by("pk")[
            : mover.rules.group_batch
        ]
    )
    if not items:
        return False
    refused = mover.move_groups(
        row.taker, [item.remote_id for item in items], has_left=row.has_left
    )
    _keep_answers(items, refused, now, accepted=states.MOVED)
    moved = [item.remote_id for item in items if item.state == states.MOVED]
    read_groups_again(row.account, moved, now=now)
    return True


def _keep_answers(
    items: list[TransferItem],
    refused: Iterable[Refusal],
    now: datetime,
    *,
    accepted: str = states.ASKED,
) -> None:
    why = {one.remote_id: one for one in refused}
    for item in items:
        item.asked_at = now
        no = why.get(item.remote_id)
        item.state = states.FAILED if no else accepted
        if no:
            item.code, item.reason = no.code, no.reason[:200]
        elif accepted == states.MOVED:
            item.done_at = now
    TransferItem.objects.bulk_update(items, ["state", "code", "reason", "asked_at", "done_at"])


def _take_results(row: Transfer, mover: CustomerMover, now: datetime) -> None:
    cursor = ""
    while True:
        page, cursor = mover.list_results(row.giver, row.taker, cursor, has_left=row.has_left)
        _keep_results(row, page, now)
        if not cursor:
            return


def _keep_results(row: Transfer, page: list[MoveResult], now: datetime) -> None:
    told = {one.remote_id: one for one in page if one.state in _STATES}
    items = list(
        row.transferitem_set.filter(state=states.ASKED, is_group=False, remote_id__in=list(told))
    )
    for item in items:
        result = told[item.remote_id]
        item.state = _STATES[result.state]
        item.done_at = result.at or now
    moved = [item.customer_id for item in items if item.state == states.MOVED]
    with transaction.atomic():
        TransferItem.objects.bulk_update(items, ["state", "done_at"])
        if moved:
            ownership.hand_over(
                [one for one in moved if one is not None],
                (row.account, row.taker),
                reason=ownership.TRANSFER,
                by=row.requested_by,
                note=f"transfer:{row.pk}",
                now=now,
            )
