"""Money and bills that do not get on, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from siyu.core.stuck import PERSISTENT, stuck_line
from siyu.payments.checking import FAILED
from siyu.payments.models import BillCheck, CardOrder, Reward
from siyu.payments.types import RewardState
from siyu.ports.capabilities import Check

RECENT = timedelta(days=1)
BILL_DAYS = timedelta(days=7)


def list_stuck(account: str, now: datetime) -> Iterator[Check]:
    """What an account's rewards, bills and guide cards wait for."""
    waiting = Q(state__in=[RewardState.APPROVED, RewardState.SENDING])
    failed = Q(state=RewardState.FAILED, finished_at__gte=now - RECENT)
    yield from stuck_line(
        "rewards",
        Reward.objects.filter(waiting | failed, account=account),
        "{} 笔奖励付不出去",
        "余额不足时充值后自动付出; 其余在“奖励”页查看, 未付成的钱已退回账本",
    )
    yield from stuck_line(
        "bills",
        BillCheck.objects.filter(
            account=account,
            state=FAILED,
            tries__gte=PERSISTENT,
            day__gte=(now - BILL_DAYS).date(),
        ),
        "{} 天的账单没有核对",
        "平台生成账单后自动再取; 漏掉的回调在那之前补不回来",
    )
    yield from stuck_line(
        "guide_cards",
        _unassigned(account, now),
        "{} 张订单没有分配到导购",
        "核对支付即服务是否开通、导购是否已登记",
    )


def _unassigned(account: str, now: datetime) -> QuerySet[CardOrder]:
    """Orders of a day that nobody has paid yet and that got no guide."""
    return CardOrder.objects.filter(
        account=account, assigned_at=None, paid_at=None, created_at__gte=now - RECENT
    )
