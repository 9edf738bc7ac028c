"""Codes and links that do not do what was planned, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator

from siyu.core.stuck import PERSISTENT, stuck_line
from siyu.growth.models import Chore, LinkQuota, LiveCode
from siyu.ports.capabilities import Check

_USED_UP = "balance_exhausted"


def list_stuck(account: str) -> Iterator[Check]:
    """What an account's codes wait for."""
    codes = LiveCode.objects.filter(account=account, is_active=True, archived_at=None)
    yield from stuck_line(
        "live_codes",
        codes,
        "{} 个活码或获客链接没有按计划更新",
        "处理写明的原因; 之后自动重试, 是哪几个在“活码”页能看到",
    )
    yield from _links(account)
    yield from stuck_line(
        "new_friends",
        Chore.objects.filter(account=account, tries__gte=PERSISTENT),
        "{} 位新好友的标签和备注还没有写到平台",
        "会自动重试; 一直不好请看上面的接口权限",
    )


def _links(account: str) -> Iterator[Check]:
    row = LinkQuota.objects.filter(account=account).first()
    if row is None:
        return
    if row.notice == _USED_UP or not (row.balance or row.notice):
        advice = "在企业微信管理后台购买获客助手额度; 到账前点开链接的客户加不上"
        yield Check("links", False, "获客链接的额度用完了", advice)
    elif "." in row.notice:
        advice = "在企业微信管理后台核对获客助手是否开通、本应用是否有权限"
        yield Check("links", False, f"读不到获客链接的额度 ({row.notice})", advice)
