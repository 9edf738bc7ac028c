"""Orders of the Channels store 视频号小店: events say which, a call says what."""

from __future__ import annotations

from datetime import datetime

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import PlatformRefused
from siyu.platforms.wechat_mini.client import MiniClient
from siyu.platforms.wechat_mini.mapping import order_facts
from siyu.ports.facts import Fact

NO_SUCH_ORDER = "wechat.order"
PAGE = 100


class StoreOrders:
    """The `OrderSource` of a store."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def fetch_order(self, order_id: str) -> list[Fact]:
        """See `OrderSource.fetch_order`."""
        asked_at = to_ms(self._client.now())
        try:
            order = self._client.get_order(order_id).order
        except PlatformRefused as error:
            if error.code == NO_SUCH_ORDER:
                return []
            raise
        return order_facts(order, self._client.account, asked_at)

    def list_orders(self, start: datetime, end: datetime, cursor: str) -> tuple[list[str], str]:
        """See `OrderSource.list_orders`; a window of at most seven days."""
        page = self._client.list_orders(
            {
                "update_time_range": {
                    "start_time": int(start.timestamp()),
                    "end_time": int(end.timestamp()),
                },
                "page_size": PAGE,
                "next_key": cursor,
            }
        )
        is_more = page.has_more and page.next_key != cursor
        return [str(number) for number in page.order_id_list], page.next_key if is_more else ""
