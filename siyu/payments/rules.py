"""Limits and times of rewards and cards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused
from siyu.payments.types import Limits, NewReward, Spent

MIN_FEN, NAMED_FEN = 10, 200_000
"""The least amount, and from where on platforms want the receiver's real name."""
LOST_AFTER = timedelta(minutes=10)
"""A bill the platform has never heard of this long after it was sent, twice, was never made."""
PAUSES = (30, 60, 120, 300, 900, 1800, 3600)
CODE_WINDOW = timedelta(minutes=30)
"""How long after a payment an addition through the guide's code is taken for the payer's."""
CARD_LIFE = timedelta(hours=2)
"""How long an unpaid order is asked for."""


def check_reward(reward: NewReward, limits: Limits, spent: Spent) -> None:
    """Refused, naming the field, when a reward is malformed or over a limit."""
    amount = reward.amount_fen
    if amount < MIN_FEN:
        raise Refused("reward.amount", "奖励最少 0.1 元", field="amount_fen")
    if amount >= NAMED_FEN:
        said = "单笔满 2,000 元须填收款人姓名, 这里不支持, 请分开或在商户平台发放"
        raise Refused("reward.amount", said, field="amount_fen")
    for name, most in (("activity", 32), ("reason", 64), ("remark", 32)):
        if not 1 <= len(getattr(reward, name).strip()) <= most:
            raise Refused(f"reward.{name}", f"请填写 1 到 {most} 个字", field=name)
    if not 8 <= len(reward.request_key) <= 64:
        raise Refused("reward.request_key", "请求标识须为 8 到 64 个字符", field="request_key")
    check_limits(amount, limits, spent)


def check_limits(amount: int, limits: Limits, spent: Spent) -> None:
    """Refused with the limit that would be passed."""
    told = (
        ("per_reward", 0, limits.per_reward_fen, "超过单笔上限"),
        ("per_customer", spent.customer_fen, limits.per_customer_day_fen, "超过该客户当天上限"),
        ("per_staff", spent.staff_fen, limits.per_staff_day_fen, "超过您当天可申请的上限"),
        ("per_day", spent.day_fen, limits.per_day_fen, "超过品牌当天上限"),
    )
    for name, used, most, sentence in told:
        if used + amount > most:
            said = f"{sentence} {most / 100:,.2f} 元 (已用 {used / 100:,.2f} 元)"
            raise Refused(f"reward.limit.{name}", said, field="amount_fen")


def next_look(tries: int, now: datetime) -> datetime:
    """When to ask again; later each time, at most an hour."""
    return now + timedelta(seconds=PAUSES[min(tries, len(PAUSES) - 1)])


def day_start(now: datetime) -> datetime:
    """Midnight in Shanghai."""
    return now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def pick_guide(loads: Sequence[tuple[int, int]]) -> int | None:
    """The guide with the fewest orders, of (guide, orders); the earlier one when equal."""
    return min(loads, key=lambda each: (each[1], each[0]))[0] if loads else None
