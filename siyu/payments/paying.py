"""Duty: pays approved rewards once, and asks what became of those on their way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.failpoints import failpoint
from siyu.core.leases import claim
from siyu.core.pipeline import Batch, Seen
from siyu.core.runtime import runtime
from siyu.kernel.errors import (
    PlatformRefused,
    Reauth,
    RetryLater,
    SiyuError,
    UnknownOutcome,
    WaitUntil,
)
from siyu.payments.ledger import book_handed, book_paid, book_return
from siyu.payments.models import Reward
from siyu.payments.rewards import fail_reward, payer_of
from siyu.payments.rules import LOST_AFTER, next_look
from siyu.payments.types import OUT, RewardState
from siyu.ports.facts import PAYOUT_CHANGED
from siyu.ports.payments import Payout, PayoutResult, PayoutState

AT_ONCE = 20
HOLD = timedelta(minutes=10)
STATES = {
    PayoutState.WAITING: RewardState.WAITING,
    PayoutState.PROCESSING: RewardState.PROCESSING,
    PayoutState.PAID: RewardState.PAID,
    PayoutState.FAILED: RewardState.FAILED,
    PayoutState.CANCELLED: RewardState.CANCELLED,
}


def pay_rewards() -> bool:
    """Pay and ask for what is due, one by one; True when there may be more."""
    now = runtime().clock.now()
    due = Reward.objects.filter(next_at__lte=now, state__in=[RewardState.APPROVED, *OUT])
    for _ in range(AT_ONCE):
        rows = claim(due.order_by("next_at", "pk"), 1)
        if not rows:
            return False
        _pay(rows[0], now) if rows[0].state == RewardState.APPROVED else _ask(rows[0], now)
    return True


def hear_payouts(batch: Batch) -> None:
    """Stage: the platform's word on a reward, believed only when number, money and person fit."""
    told = {
        str(seen.fact.properties.get("bill_no", "")): seen for seen in batch.named(PAYOUT_CHANGED)
    }
    for reward in Reward.objects.select_for_update().filter(bill_no__in=list(told)) if told else ():
        seen = told[reward.bill_no]
        if seen.fact.source == reward.account and reward.state in OUT:
            _believe(reward, _result_of(seen), batch.now)
            reward.save()


def _pay(reward: Reward, now: datetime) -> None:
    """Commit the intent, call once, keep what was answered."""
    reward.state, reward.sent_at, reward.error = RewardState.SENDING, now, ""
    reward.sends += 1
    reward.next_at = next_look(0, now)
    with transaction.atomic():
        reward.save()
        book_handed(reward, now)
    failpoint("reward.sending")
    try:
        result = payer_of(reward.account).pay(_payout(reward))
    except SiyuError as error:
        failure = error
        _keep(reward, lambda fresh: _suffer(fresh, failure, now))
        return
    failpoint("reward.sent")
    _keep(reward, lambda fresh: _believe(fresh, result, now))


def _ask(reward: Reward, now: datetime) -> None:
    """Ask by our number."""
    result: PayoutResult | None = None
    failure = ""
    try:
        result = payer_of(reward.account).find_payout(reward.bill_no)
    except SiyuError as error:
        failure = error.reason

    def change(fresh: Reward) -> None:
        fresh.tries += 1
        fresh.next_at = next_look(fresh.tries, now)
        if result is not None:
            _believe(fresh, result, now)
        elif failure:
            fresh.error = failure[:200]
        else:
            _miss(fresh, now)

    _keep(reward, change)


def _keep(reward: Reward, change: Callable[[Reward], None]) -> None:
    """Apply what was learned, unless a callback has told the end meanwhile."""
    with transaction.atomic():
        fresh = Reward.objects.select_for_update().get(pk=reward.pk)
        if fresh.state in OUT:
            change(fresh)
        fresh.lease, fresh.lease_until = "", 0
        fresh.save()


def _suffer(reward: Reward, error: SiyuError, now: datetime) -> None:
    """Unknown stays as it is and is asked for; what surely was not paid waits; the rest fails."""
    reward.error = error.reason[:200]
    if isinstance(error, UnknownOutcome):
        return
    is_poor = isinstance(error, PlatformRefused) and error.code == "balance"
    if not isinstance(error, RetryLater | WaitUntil | Reauth) and not is_poor:
        fail_reward(reward, error.reason, now)
        return
    book_return(reward, now)
    reward.state = RewardState.APPROVED
    pause = next_look(1, now) if isinstance(error, RetryLater) else now + HOLD
    reward.next_at = error.until if isinstance(error, WaitUntil) else pause


def _miss(reward: Reward, now: datetime) -> None:
    """What is not known twice, long after it was sent, was never made."""
    if reward.state == RewardState.SENDING and reward.sent_at:
        reward.misses += 1
        if reward.misses > 1 and now - reward.sent_at >= LOST_AFTER:
            fail_reward(reward, "支付平台没有收到这笔转账, 钱没有付出", now)


def _believe(reward: Reward, result: PayoutResult, now: datetime) -> None:
    """Take over the platform's word, unless it speaks of other money or another person."""
    is_other = (result.amount_fen and result.amount_fen != reward.amount_fen) or (
        result.recipient and reward.recipient and result.recipient != reward.recipient
    )
    if is_other:
        reward.is_doubtful, reward.error = True, "平台所说的金额或收款人与申请不符, 请人工核对"
        return
    reward.state = STATES[result.state]
    reward.remote_id = result.remote_id or reward.remote_id
    reward.package, reward.error = result.package, result.reason[:200]
    if result.state is PayoutState.PAID:
        book_paid(reward, now)
    elif result.state in {PayoutState.FAILED, PayoutState.CANCELLED}:
        book_return(reward, now)
    is_final = reward.state not in OUT
    reward.finished_at = now if is_final else None
    reward.next_at = None if is_final else next_look(reward.tries + 1, now)


def _payout(reward: Reward) -> Payout:
    return Payout(
        bill_no=reward.bill_no,
        recipient=reward.recipient,
        amount_fen=reward.amount_fen,
        remark=reward.remark,
        activity=reward.activity,
        reason=reward.reason,
    )


def _result_of(seen: Seen) -> PayoutResult:
    told = seen.fact.properties
    return PayoutResult(
        bill_no=str(told.get("bill_no", "")),
        remote_id=str(told.get("remote_id", ""))[:64],
        state=PayoutState(told.get("state", PayoutState.PROCESSING)),
        amount_fen=int(told.get("amount_fen") or 0),
        recipient=seen.fact.identities[0].value if seen.fact.identities else "",
        reason=str(told.get("reason", "")),
    )
