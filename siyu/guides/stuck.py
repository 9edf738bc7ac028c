"""Take-overs and figures that do not get on, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.core.stuck import stuck_line
from siyu.guides import care_types as states
from siyu.guides.contacts import ContactPull
from siyu.guides.models import BehaviourPull, Sync, Transfer
from siyu.ports.capabilities import Check

RECENT = timedelta(days=1)
MANY_MISSED = 3
"""Fewer may be callbacks that a platform gave up on while we were being restarted."""


def list_stuck(account: str, now: datetime) -> Iterator[Check]:
    """What an account's staff work waits for, and whether its callbacks get lost."""
    yield from _lost_callbacks(account)
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


def _lost_callbacks(account: str) -> Iterator[Check]:
    """Whether the last comparison had to make good what callbacks had not told."""
    done = Sync.objects.filter(account=account, state="done", is_partial=False)
    notes = done.order_by("-pk").values_list("notes", flat=True).first() or {}
    missed = int(notes.get(ContactPull.name, {}).get("missed", 0))
    if missed >= MANY_MISSED:
        detail = f"上次比对补回了 {missed} 次回调没有说的加好友或流失, 这些客户没有及时收到欢迎语"
        advice = "查看公网到回调地址的网络与反向代理的日志; 改过可见范围时, 多出的也算在内"
        yield Check("lost_callbacks", False, detail, advice)
