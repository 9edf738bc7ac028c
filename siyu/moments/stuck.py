"""Moments that do not get on, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.core.stuck import stuck_line
from siyu.moments.models import Moment
from siyu.moments.types import State
from siyu.ports.capabilities import Check

PATIENCE = timedelta(minutes=10)
"""A file that is being uploaded, or the limit of a minute, is no failure yet."""
RECENT = timedelta(days=1)


def list_stuck(account: str, now: datetime) -> Iterator[Check]:
    """Moments of an account that wait and say why, and those that failed within a day."""
    mine = Moment.objects.filter(account=account)
    waiting = mine.filter(state__in=(State.APPROVED, State.CREATING, State.POSTING))
    yield from stuck_line(
        "moments",
        waiting.filter(decided_at__lt=now - PATIENCE).exclude(scheduled_at__gt=now - PATIENCE),
        "{} 条朋友圈停着",
        "处理写明的原因; 之后自动继续, 不会重复创建",
        field="problem",
    )
    yield from stuck_line(
        "moments_failed",
        mine.filter(state=State.FAILED, finished_at__gte=now - RECENT),
        "近一天有 {} 条朋友圈没有建成",
        "按写明的原因修改后重新提交; 请先在企业微信里核对没有建成",
        field="problem",
    )
