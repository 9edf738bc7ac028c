"""Groups and their codes that cannot be read or kept, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator

from siyu.core.stuck import PERSISTENT, stuck_line
from siyu.groups.code_models import GroupCode
from siyu.groups.models import Group
from siyu.ports.capabilities import Check


def list_stuck(account: str) -> Iterator[Check]:
    """What an account's groups wait for."""
    yield from stuck_line(
        "group_codes",
        GroupCode.objects.filter(account=account),
        "{} 个群活码不能维护",
        "处理写明的原因, 或在“社群 › 群活码”里删除后重建",
    )
    yield from stuck_line(
        "groups",
        Group.objects.filter(account=account, dismissed_at=None, tries__gte=PERSISTENT),
        "{} 个群读不到",
        "会自动重试; 一直不好请看上面的接口权限",
    )
