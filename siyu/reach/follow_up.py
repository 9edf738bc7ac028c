"""Asks the platforms what became of messages: results by polling, doubts by read-back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Q

from siyu.core.writing import write_rows
from siyu.kernel.errors import PlatformRefused, SiyuError, UnknownOutcome
from siyu.ports.capabilities import Delivery, DeliveryState, Receipt
from siyu.reach import outcomes
from siyu.reach.campaigns import withdraw
from siyu.reach.dispatch import Dispatcher, message_of
from siyu.reach.lanes import LaneKey
from siyu.reach.ledger import end_unconfirmed, give_back, settle
from siyu.reach.models import Attempt, Touch
from siyu.reach.types import IN_WAVE, TouchState

log = structlog.get_logger("siyu.reach")

CONFIRM_WITHIN = timedelta(hours=48)
LONGEST_POLL = timedelta(minutes=30)
SINCE_MARGIN = timedelta(seconds=5)
MAX_SETTLE_TRIES = 20
_TURN = 50


def poll(dispatcher: Dispatcher) -> bool:
    """Ask for results that are due; expire what nobody confirmed in time. True when it asked."""
    now = dispatcher.clock.now()
    attempts = _claim_polls(now, dispatcher.lanes.blocked())
    if not attempts:
        return False
    sick: set[str] = set()
    answers: dict[int, Sequence[Delivery]] = {}
    for attempt in attempts:
        if attempt.account in sick:
            continue
        found = _ask(dispatcher, attempt)
        if found is None:
            sick.add(attempt.account)
        answers[attempt.pk] = found or ()
    lapsed = _take_back_lapsed(dispatcher, attempts, answers, now)
    with transaction.atomic():
        _note_confirmed(attempts, answers, now)
        settle(answers, now)
        _close_polls([attempt for attempt in attempts if attempt.pk in answers], lapsed, now)
    return True


def reconcile(dispatcher: Dispatcher) -> bool:
    """Free what dead workers held, and settle unknown outcomes. True when it did something."""
    now, real = dispatcher.clock.now(), dispatcher.timing.real()
    did = _free_reservations(real) > 0
    for attempt in Attempt.objects.filter(outcome="", lease_until__lt=real)[:_TURN]:
        if not dispatcher.holds_attempt(attempt.pk):
            outcomes.unknown(attempt, "interrupted", now, settle_at=real)
            did = True
    due = Attempt.objects.filter(outcome="unknown", settle_at__lte=real).order_by("settle_at")
    for attempt in due[:_TURN]:
        if _claim_settle(attempt, real):
            _settle_one(dispatcher, attempt, now)
            did = True
    return did


def _claim_polls(now: datetime, blocked: Sequence[LaneKey]) -> list[Attempt]:
    """Move the next polls on before asking, so that rivals and failures do not ask at once."""
    due = Attempt.objects.filter(outcome="accepted", next_poll_at__lte=now).order_by("next_poll_at")
    for account, channel in blocked:
        due = due.exclude(account=account, channel=channel)
    if not due.exists():
        return []
    with transaction.atomic():
        if connection.vendor == "postgresql":
            due = due.select_for_update(skip_locked=True)
        attempts = list(due[:_TURN])
        for attempt in attempts:
            pause = max(outcomes.FIRST_POLL, (now - attempt.started_at) / 4)
            attempt.next_poll_at = now + min(LONGEST_POLL, pause)
        write_rows(attempts, ("next_poll_at",))
    return attempts


def _ask(dispatcher: Dispatcher, attempt: Attempt) -> Sequence[Delivery] | None:
    """What the platform knows of an attempt; None when it cannot be asked now."""
    try:
        sender = dispatcher.catalog.sender(attempt.account, attempt.channel)
        return sender.poll(attempt.remote_id, attempt.sender)
    except PlatformRefused as error:
        log.warning("reach.poll_refused", account=attempt.account, code=error.code)
        return ()
    except SiyuError as error:
        log.warning("reach.poll_failed", account=attempt.account, error=str(error))
        return None


def _note_confirmed(
    attempts: Sequence[Attempt], answers: Mapping[int, Sequence[Delivery]], now: datetime
) -> None:
    """A result of anybody says that the sender confirmed the task."""
    confirmed = []
    for attempt in attempts:
        done = [d for d in answers.get(attempt.pk, ()) if d.state is not DeliveryState.WAITING]
        if done and attempt.confirmed_at is None:
            attempt.confirmed_at = min((d.at for d in done if d.at), default=now)
            confirmed.append(attempt)
    write_rows(confirmed, ("confirmed_at",))


def _take_back_lapsed(
    dispatcher: Dispatcher,
    attempts: Sequence[Attempt],
    answers: dict[int, Sequence[Delivery]],
    now: datetime,
) -> list[int]:
    """Tasks nobody confirmed in time are taken back, so that nobody can confirm them later.

    The attempts that are over then. `answers` gets what was heard after the taking back: what a
    member of staff sent in the last moment stays sent. One that cannot be taken back now is not
    over; one the platform does not know any more is.
    """
    lapsed = []
    for attempt in _lapsing([one for one in attempts if one.pk in answers], now):
        try:
            is_withdrawn, told = withdraw(attempt, dispatcher.catalog)
        except SiyuError as error:
            log.warning("reach.take_back_failed", account=attempt.account, error=str(error))
            continue
        answers[attempt.pk] = told
        lapsed.append(attempt.pk)
        if is_withdrawn and any(one.state is DeliveryState.WAITING for one in told):
            Attempt.objects.filter(pk=attempt.pk).update(cancelled_at=now)
    return lapsed


def _lapsing(attempts: Sequence[Attempt], now: datetime) -> list[Attempt]:
    """Attempts of which something waits for a confirmation longer than it may."""
    overdue = [one.pk for one in attempts if now - one.started_at >= CONFIRM_WITHIN]
    waiting = Touch.objects.filter(
        attempt_id__in=[one.pk for one in attempts], state=TouchState.ACCEPTED
    )
    is_late = Q(priority=IN_WAVE, expires_at__lte=now)
    is_late |= Q(attempt_id__in=overdue) & ~Q(priority=IN_WAVE)
    late = set(waiting.filter(is_late).values_list("attempt_id", flat=True))
    return [one for one in attempts if one.pk in late]


def _close_polls(attempts: Sequence[Attempt], lapsed: Sequence[int], now: datetime) -> None:
    """Expire what nobody confirmed in time; ask no more where nothing is left to learn."""
    if lapsed:
        waited = Touch.objects.filter(attempt_id__in=lapsed, state=TouchState.ACCEPTED)
        end_unconfirmed(waited, TouchState.EXPIRED, "not_confirmed", now)
    ids = {attempt.pk for attempt in attempts}
    waiting = Touch.objects.filter(attempt_id__in=ids, state=TouchState.ACCEPTED)
    over = ids - set(waiting.values_list("attempt_id", flat=True))
    Attempt.objects.filter(pk__in=over).update(next_poll_at=None)


def _free_reservations(real: float) -> int:
    """Reservations of workers that fell silent: surely not sent, so planned again."""
    with transaction.atomic():
        lapsed = Touch.objects.filter(state=TouchState.RESERVED, lease_until__lt=real)
        if connection.vendor == "postgresql":
            lapsed = lapsed.select_for_update(skip_locked=True)
        ids = [touch.pk for touch in lapsed.only("id")[:500]]
        if not ids:
            return 0
        found = Touch.objects.filter(pk__in=ids)
        give_back(found)
        return found.update(state=TouchState.PLANNED, lease="", reserved_at=None)


def _claim_settle(attempt: Attempt, real: float) -> bool:
    tries = attempt.settle_tries + 1
    pause = min(3600.0, 5.0 * 2 ** min(tries, 10))
    claimed = Attempt.objects.filter(pk=attempt.pk, settle_at=attempt.settle_at)
    return claimed.update(settle_at=real + pause, settle_tries=tries) == 1


def _settle_one(dispatcher: Dispatcher, attempt: Attempt, now: datetime) -> None:
    touches = list(Touch.objects.filter(attempt_id=attempt.pk).order_by("id"))
    try:
        sender = dispatcher.catalog.sender(attempt.account, attempt.channel)
        receipt = sender.find_sent(message_of(attempt, touches), attempt.started_at - SINCE_MARGIN)
    except (UnknownOutcome, PlatformRefused):
        _give_up(attempt)
    except SiyuError as error:
        log.warning("reach.reconcile_failed", account=attempt.account, error=str(error))
        if attempt.settle_tries + 1 >= MAX_SETTLE_TRIES:
            _give_up(attempt)
    else:
        if receipt is None:
            outcomes.not_sent(attempt, now, code="proven_not_sent")
        elif _is_another(attempt, receipt):
            _give_up(attempt)
        else:
            outcomes.accepted([(attempt, receipt)], now)


def _is_another(attempt: Attempt, receipt: Receipt) -> bool:
    """The message found belongs to another attempt with the same words: it proves nothing."""
    twins = Attempt.objects.filter(account=attempt.account, remote_id=receipt.remote_id)
    return bool(receipt.remote_id) and twins.exclude(pk=attempt.pk).exists()


def _give_up(attempt: Attempt) -> None:
    """Nobody can tell: the touches stay `unknown`, for a person to look at."""
    Attempt.objects.filter(pk=attempt.pk).update(settle_at=None)
