"""Writes of rewards: asked for by one person, approved by another."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, Sum

from siyu.core.access import Actor, require
from siyu.core.accounts import connector
from siyu.core.audit import record_audit
from siyu.core.duties import wake
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.kernel.identity import Identity
from siyu.payments.ledger import book_return
from siyu.payments.models import Reward, RewardLimit
from siyu.payments.queries import get_limits, get_reward
from siyu.payments.rules import check_limits, check_reward, day_start
from siyu.payments.types import DEAD, Limits, NewReward, RewardState, RewardView, Spent
from siyu.pool import queries as pool
from siyu.ports.payments import RewardPayer

_LOCK = 7319


def request_reward(actor: Actor, wanted: NewReward, *, now: datetime) -> RewardView:
    """Ask for a reward; the same request_key gives the reward already made.

    Refused over a limit, or when the customer has no id the account can pay to.
    """
    require(actor, "reward:write")
    customer_id = pool.current_customer_id(wanted.customer_id)
    pool.require_visible(actor, customer_id)
    check_reward(wanted, get_limits(wanted.account), Spent())
    identity_id, recipient = _recipient(wanted.account, customer_id)
    with transaction.atomic():
        _lock()
        known = Reward.objects.filter(request_key=wanted.request_key).first()
        if known is not None:
            if (known.customer_id, known.amount_fen) != (customer_id, wanted.amount_fen):
                raise Conflict("reward.request_key", "这个请求标识已用于另一笔奖励")
            return get_reward(actor, known.pk)
        spent = _spent(wanted.account, customer_id, actor.name, now)
        check_limits(wanted.amount_fen, get_limits(wanted.account), spent)
        reward = Reward.objects.create(
            **{**asdict(wanted), "customer_id": customer_id},
            bill_no=f"SY{secrets.token_hex(14).upper()}",
            identity_id=identity_id,
            recipient=recipient,
            state=RewardState.REQUESTED,
            requested_by=actor.name,
            requested_at=now,
        )
        detail = {"amount_fen": wanted.amount_fen, "activity": wanted.activity}
        record_audit(actor, "request_reward", f"reward:{reward.pk}", now=now, detail=detail)
    return get_reward(actor, reward.pk)


def approve_reward(actor: Actor, reward_id: int, *, now: datetime) -> RewardView:
    """Let a reward be paid. Forbidden for whoever asked for it; limits are checked once more."""
    require(actor, "reward:approve")
    with transaction.atomic():
        _lock()
        reward = _open(reward_id, RewardState.REQUESTED)
        if reward.requested_by == actor.name:
            raise Forbidden("reward.same_person", "申请人不能审批自己的奖励, 须由另一人审批")
        spent = _spent(reward.account, reward.customer_id, reward.requested_by, now, but=reward.pk)
        check_limits(reward.amount_fen, get_limits(reward.account), spent)
        _decide(reward, RewardState.APPROVED, actor, now)
        record_audit(actor, "approve_reward", f"reward:{reward_id}", now=now)
    transaction.on_commit(lambda: wake("payments.pay"))
    return get_reward(actor, reward_id)


def reject_reward(actor: Actor, reward_id: int, *, now: datetime) -> RewardView:
    """Refuse a reward; whoever asked for it may take it back this way, too."""
    with transaction.atomic():
        reward = _open(reward_id, RewardState.REQUESTED)
        require(actor, "reward:write" if reward.requested_by == actor.name else "reward:approve")
        _decide(reward, RewardState.REJECTED, actor, now)
        record_audit(actor, "reject_reward", f"reward:{reward_id}", now=now)
    return get_reward(actor, reward_id)


def cancel_reward(actor: Actor, reward_id: int, *, now: datetime) -> RewardView:
    """Take back what the customer has not confirmed; its final state is asked for at once.

    Noted before the call, so that nothing is taken back without a word in the audit.
    """
    require(actor, "reward:approve")
    with transaction.atomic():
        reward = _open(reward_id, RewardState.WAITING)
        record_audit(actor, "cancel_reward", f"reward:{reward_id}", now=now)
    try:
        payer_of(reward.account).cancel_payout(reward.bill_no)
    finally:
        Reward.objects.filter(pk=reward_id).update(next_at=now)
        wake("payments.pay")
    return get_reward(actor, reward_id)


def set_limits(actor: Actor, account: str, limits: Limits, *, now: datetime) -> None:
    """Change how much may be given."""
    require(actor, "reward:approve")
    values = asdict(limits)
    for name, value in values.items():
        if not 0 <= value <= 10**12:
            raise Refused("reward.limits", "上限须为不小于 0 的金额", field=name)
    payer_of(account)
    with transaction.atomic():
        RewardLimit.objects.update_or_create(account=account, defaults=values)
        record_audit(actor, "set_reward_limits", account, now=now, detail=values)


def payer_of(account: str) -> RewardPayer:
    """The account's way to pay; Refused when it has none."""
    payer = connector(account).rewards
    if payer is None:
        raise Refused("reward.account", "这个账号不能发奖励", field="account")
    return payer


def fail_reward(reward: Reward, reason: str, now: datetime) -> None:
    """A final failure; money in transit returns. Within a transaction."""
    reward.state, reward.error, reward.finished_at = RewardState.FAILED, reason[:200], now
    reward.next_at = None
    book_return(reward, now)


def forget_identities(identity_ids: list[int]) -> None:
    """A person was erased: his rewards stay as money, without the id they went to."""
    Reward.objects.filter(identity_id__in=identity_ids).update(recipient="", package="")


def _recipient(account: str, customer_id: int) -> tuple[int, str]:
    rows = pool.identities_of([customer_id]).get(customer_id, [])
    payable = payer_of(account).find_recipient(
        [Identity(row.namespace, row.scope, row.value) for row in rows]
    )
    for row in rows:
        if payable is not None and (row.namespace, row.scope, row.value) == (
            payable.namespace,
            payable.scope,
            payable.value,
        ):
            return row.id, row.value
    raise Refused(
        "reward.recipient",
        "这位客户没有在该商户号的 AppID 下付过款或登录过, 无法收款",
        field="customer_id",
    )


def _open(reward_id: int, state: RewardState) -> Reward:
    rows = Reward.objects.filter(pk=reward_id)
    reward = (rows.select_for_update() if connection.in_atomic_block else rows).first()
    if reward is None:
        raise NotFound("reward.unknown", "没有这笔奖励")
    if reward.state != state:
        raise Conflict("reward.state", "这笔奖励的状态已经改变, 请刷新")
    return reward


def _decide(reward: Reward, state: RewardState, actor: Actor, now: datetime) -> None:
    reward.state, reward.decided_by, reward.decided_at = state, actor.name, now
    reward.next_at = now if state is RewardState.APPROVED else None
    reward.finished_at = now if state is RewardState.REJECTED else None
    reward.save()


def _spent(account: str, customer_id: int, staff: str, now: datetime, *, but: int = 0) -> Spent:
    """The living rewards of an account that were asked for or approved today."""
    start = day_start(now)
    is_of_today = Q(requested_at__gte=start) | Q(decided_at__gte=start)
    today = (
        Reward.objects.filter(is_of_today, account=account).exclude(state__in=DEAD).exclude(pk=but)
    )

    def total(**only: object) -> int:
        return int(today.filter(**only).aggregate(sum=Sum("amount_fen"))["sum"] or 0)

    return Spent(
        customer_fen=total(customer_id=customer_id),
        staff_fen=total(requested_by=staff),
        day_fen=total(),
    )


def _lock() -> None:
    """Two requests must not use up one limit at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
