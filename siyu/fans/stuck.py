"""Orders of a platform's store that could not be read, for the self-check."""

from __future__ import annotations

from collections.abc import Iterator

from siyu.core.stuck import PERSISTENT, stuck_line
from siyu.fans.models import OrderFetch
from siyu.ports.capabilities import Check


def list_stuck(account: str) -> Iterator[Check]:
    """What an account's store waits for."""
    yield from stuck_line(
        "store_orders",
        OrderFetch.objects.filter(account=account, tries__gte=PERSISTENT),
        "{} 张小店订单读不到",
        "会自动重试; 一直不好请在小店后台核对订单接口的权限",
    )
