"""Touches of which nobody can say whether they arrived, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.ports.capabilities import Check
from siyu.reach.models import Touch
from siyu.reach.types import TouchState

RECENT = timedelta(days=1)


def list_stuck(account: str, now: datetime) -> Iterator[Check]:
    """How many touches of an account ended unknown within a day."""
    count = Touch.objects.filter(
        account=account, state=TouchState.UNKNOWN, done_at__gte=now - RECENT
    ).count()
    if count:
        detail = f"近一天有 {count} 条触达结果未知: 调用时连接中断或没有应答, 平台也查不到"
        advice = "不会重发; 反复出现请检查到平台的网络, 在“触达”页按“未知”筛选"
        yield Check("touches", False, detail, advice)
