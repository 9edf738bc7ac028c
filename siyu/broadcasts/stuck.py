"""Broadcasts that do not get on, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from siyu.broadcasts.models import Broadcast
from siyu.core.stuck import stuck_line
from siyu.ports.capabilities import Check

PATIENCE = timedelta(minutes=10)
"""A file that is being uploaded, or a platform that is away for a moment, is no failure yet."""


def list_stuck(account: str, now: datetime) -> Iterator[Check]:
    """Broadcasts of an account that were due some time ago and say why they wait."""
    due = Broadcast.objects.filter(
        account=account, finished_at=None, decided_at__lt=now - PATIENCE, next_at__isnull=False
    ).exclude(scheduled_at__gt=now - PATIENCE)
    yield from stuck_line(
        "broadcasts",
        due,
        "{} 个群发停着",
        "处理写明的原因; 之后自动继续, 不会重复发送",
        field="problem",
    )
