"""What became of an attempt, written down for it and its touches in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from siyu.core.writing import write_rows
from siyu.ports.capabilities import Receipt
from siyu.reach import rules
from siyu.reach.failures import lock_attempts, recall_failures
from siyu.reach.ledger import fates_of, give_back
from siyu.reach.models import AccountFlag, Attempt, Touch
from siyu.reach.permits import void_permits
from siyu.reach.spent import settle_quotas
from siyu.reach.types import TouchState
from siyu.reach.waves import reopen_wave

FIRST_POLL = timedelta(seconds=10)
MAX_TRIES = 12
NO_PERMIT = ".no_permit"
"""How connectors end the code of "the person allows no such message"."""
_OPEN = (TouchState.HANDED, TouchState.UNKNOWN)
_ACCEPTED = ("outcome", "remote_id", "finished_at", "settle_at", "next_poll_at")


def accepted(results: Sequence[tuple[Attempt, Receipt]], now: datetime) -> None:
    """The platform has these; results that came along are written too, the rest is polled."""
    receipts = {attempt.pk: receipt for attempt, receipt in results}
    with transaction.atomic():
        lock_attempts(Attempt.objects.filter(pk__in=receipts))
        touches = list(Touch.objects.filter(attempt_id__in=receipts, state__in=_OPEN))
        waiting: set[int] = set()
        fates = {pk: fates_of(receipt.deliveries, now) for pk, receipt in receipts.items()}
        for touch in touches:
            assert touch.attempt_id is not None
            default = (TouchState.ACCEPTED, "", None)
            fate = fates[touch.attempt_id].get(touch.address, default)
            touch.state, touch.reason, touch.done_at = fate
            touch.accepted_at = now
            if touch.state == TouchState.ACCEPTED:
                waiting.add(touch.attempt_id)
        settle_quotas(touches)
        write_rows(touches, ("state", "reason", "done_at", "accepted_at", "quota_ids"))
        for attempt, receipt in results:
            attempt.outcome, attempt.remote_id = "accepted", receipt.remote_id[:128]
            attempt.finished_at, attempt.settle_at = now, None
            attempt.next_poll_at = now + FIRST_POLL if attempt.pk in waiting else None
        attempts = [attempt for attempt, _ in results]
        write_rows(attempts, _ACCEPTED)
        recall_failures(attempts)
        for account in {attempt.account for attempt in attempts}:
            AccountFlag.objects.filter(account=account).delete()


def not_sent(attempt: Attempt, now: datetime, *, code: str, until: datetime | None = None) -> None:
    """It surely did not go out: the touches are planned again, later, and hold nothing."""
    with transaction.atomic():
        touches = _touches(attempt).filter(state__in=_OPEN)
        give_back(touches)
        touches.filter(tries__gte=MAX_TRIES).update(
            state=TouchState.FAILED, reason=code[:64], done_at=now
        )
        for touch in touches.filter(tries__lt=MAX_TRIES).only("id", "tries"):
            pause = rules.back_off(touch.tries, touch.pk)
            next_at = until + rules.spread(touch.pk, 60) if until else now + pause
            Touch.objects.filter(pk=touch.pk).update(
                state=TouchState.DEFERRED if until else TouchState.PLANNED,
                reason=code[:64],
                next_at=next_at,
                reserved_at=None,
                handed_at=None,
                attempt_id=None,
                done_at=None,
            )
        _close(attempt, "not_sent", code, now)
        reopen_wave(attempt, now)


def refused(attempt: Attempt, code: str, now: datetime) -> None:
    """The platform will never take it."""
    with transaction.atomic():
        touches = _touches(attempt).filter(state__in=_OPEN)
        give_back(touches)
        if code.endswith(NO_PERMIT):
            void_permits(touches, now)
        touches.update(state=TouchState.FAILED, reason=code[:64], done_at=now)
        _close(attempt, "refused", code, now)


def unknown(attempt: Attempt, code: str, now: datetime, *, settle_at: float | None) -> None:
    """It may have gone out. Quota and cap stay spent. settle_at None = nobody can tell, ever."""
    with transaction.atomic():
        _touches(attempt).filter(state__in=_OPEN).update(
            state=TouchState.UNKNOWN, reason=code[:64], done_at=now
        )
        Attempt.objects.filter(pk=attempt.pk).update(
            outcome="unknown", code=code[:64], finished_at=now, settle_at=settle_at
        )


def flag_account(account: str, code: str, detail: str, now: datetime) -> None:
    """Remember that a person must repair the account's credentials or rights."""
    AccountFlag.objects.update_or_create(
        account=account, defaults={"code": code[:64], "detail": detail[:255], "at": now}
    )


def _touches(attempt: Attempt) -> QuerySet[Touch]:
    return Touch.objects.filter(attempt_id=attempt.pk)


def _close(attempt: Attempt, outcome: str, code: str, now: datetime) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(
        outcome=outcome, code=code[:64], finished_at=now, settle_at=None, next_poll_at=None
    )
