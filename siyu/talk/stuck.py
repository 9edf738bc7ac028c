"""Service desks whose messages do not come, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator

from siyu.core.stuck import PERSISTENT, stuck_line
from siyu.ports.capabilities import Check
from siyu.talk.desk_models import Desk


def list_stuck(account: str) -> Iterator[Check]:
    """What an account's desks wait for."""
    yield from stuck_line(
        "desks",
        Desk.objects.filter(account=account, is_gone=False, tries__gte=PERSISTENT),
        "{} 个客服账号收不到消息",
        "在微信客服后台确认账号已授权给本应用; 平台保留 3 天, 恢复后会补收",
    )
