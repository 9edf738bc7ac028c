"""Take-overs and figures that do not get on, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.core.stuck import stuck_line
from siyu.guides import care_types as states
from siyu.guides.models import BehaviourPull, Transfer
from siyu.ports.capabilities import Check

RECENT = timedelta(days=1)


def list_stuck(account: str, now: datetime) -> Iterator[Check]:
    """What an account's staff work waits for."""
    yield from stuck_line(
        "take_over",
        Transfer.objects.filter(account=account, state=states.RUNNING),
        "{} 次继承停在半路",
        "处理写明的原因; 之后自动继续, 不会重复请求",
    )
    yield from stuck_line(
        "behaviour",
        BehaviourPull.objects.filter(account=account, next_at__gte=now - RECENT),
        "{} 名员工的行为统计没有取到",
        "会自动重试; 员工离职或不在可见范围内时取不到",
    )
