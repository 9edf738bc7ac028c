"""Acquisition links 获客助手: addresses that open the conversation, paid by the customer.

Source: developer.work.weixin.qq.com/document/path/97297, 97298, 97375, 101359 (text of 2026-02).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from siyu.kernel.clock import from_ms
from siyu.kernel.errors import Refused
from siyu.platforms.wecom.client import Client
from siyu.ports.codes import CodeSpec, LinkCustomer, LinkFigures, LinkQuota, RemoteCode

MAX_CHANNEL = 64
"""Bytes of the parameter `customer_channel`."""
MAX_NAME = 30
MAX_STAFF = 500
_SPOKEN = {0: False, 1: True}
"""chat_status 2: the platform does not know."""


class AcquisitionLinks:
    """The `LinkIssuer` of a corp."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create_code(self, spec: CodeSpec) -> RemoteCode:
        """Make a link; its url carries `state` as `customer_channel`."""
        check_spec(spec)
        made = self._client.create_link(_body(spec)).link
        return RemoteCode(made.link_id, with_channel(made.url, spec.state))

    def update_code(self, remote_id: str, spec: CodeSpec) -> None:
        """Change name, staff and whether friends are accepted without asking."""
        check_spec(spec)
        self._client.update_link({"link_id": remote_id, **_body(spec)})

    def read_picture(self, picture_url: str) -> str:  # noqa: ARG002 - links have no picture
        """Always "": a link comes without a picture."""
        return ""

    def delete_code(self, remote_id: str) -> None:
        """The link stops working. Which code names a link that is gone is unconfirmed."""
        self._client.delete_link(remote_id)

    def list_links(self, cursor: str) -> tuple[list[str], str]:
        """See `LinkIssuer.list_links`; at most 100 a page."""
        page = self._client.list_link(cursor)
        return page.link_id_list, page.next_cursor

    def list_customers(self, remote_id: str, cursor: str) -> tuple[list[LinkCustomer], str]:
        """See `LinkIssuer.list_customers`; at most 1,000 a page."""
        page = self._client.link_customers(remote_id, cursor)
        found = [
            LinkCustomer(
                remote_id=one.external_userid,
                staff=one.userid,
                state=one.state,
                has_spoken=_SPOKEN.get(one.chat_status),
            )
            for one in page.customer_list
        ]
        return found, "" if page.next_cursor == cursor else page.next_cursor

    def get_quota(self) -> LinkQuota:
        """What is left; `total` is what was ever used."""
        quota = self._client.link_quota()
        expiring = {from_ms(one.expire_date * 1000): one.balance for one in quota.quota_list}
        return LinkQuota(total=quota.total, balance=quota.balance, expiring=expiring)

    def get_figures(self, remote_id: str, start: datetime, end: datetime) -> LinkFigures:
        """Clicks and additions between two times (whole days at the platform)."""
        found = self._client.link_statistic(remote_id, start, end)
        return LinkFigures(clicks=found.click_link_customer_cnt, added=found.new_customer_cnt)


def with_channel(url: str, channel: str) -> str:
    """The link that brings back `channel` (≤ 64 bytes) with each customer."""
    if len(channel.encode()) > MAX_CHANNEL:
        raise Refused("wecom.channel", f"渠道参数最多 {MAX_CHANNEL} 字节", field="channel")
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}customer_channel={quote(channel, safe='')}"


def check_spec(spec: CodeSpec) -> None:
    """Refused when the platform would not take it."""
    if not 1 <= len(spec.state.encode()) <= MAX_CHANNEL:
        raise Refused("wecom.channel", f"渠道参数须为 1 到 {MAX_CHANNEL} 字节", field="state")
    if not spec.staff and not spec.departments:
        raise Refused("wecom.staff", "一个获客链接须有员工或部门", field="staff")
    if len(spec.staff) > MAX_STAFF:
        raise Refused("wecom.staff", f"一个获客链接最多 {MAX_STAFF} 名员工", field="staff")
    if not all(one.isascii() and one.isdigit() for one in spec.departments):
        raise Refused("wecom.department", "部门 ID 须为数字", field="departments")


def _body(spec: CodeSpec) -> dict[str, Any]:
    return {
        "link_name": spec.name[:MAX_NAME],
        "range": {
            "user_list": list(spec.staff),
            "department_list": [int(one) for one in spec.departments],
        },
        "skip_verify": spec.is_accepted,
        "mark_source": True,
    }
