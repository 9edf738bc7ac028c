"""WeCom's shapes of acquisition links and media."""

from __future__ import annotations

import msgspec


class Link(msgspec.Struct, frozen=True):
    link_id: str
    url: str = ""
    link_name: str = ""


class MadeLink(msgspec.Struct, frozen=True):
    link: Link


class LinkPage(msgspec.Struct, frozen=True):
    link_id_list: list[str] = []
    next_cursor: str = ""


class LinkCustomerRow(msgspec.Struct, frozen=True):
    """chat_status: 0 has not spoken, 1 has, 2 unknown."""

    external_userid: str
    userid: str
    chat_status: int = 2
    state: str = ""


class LinkCustomerPage(msgspec.Struct, frozen=True):
    customer_list: list[LinkCustomerRow] = []
    next_cursor: str = ""


class QuotaPart(msgspec.Struct, frozen=True):
    """expire_date in seconds; balance of what ends then."""

    expire_date: int
    balance: int = 0


class LinkQuota(msgspec.Struct, frozen=True):
    total: int = 0
    balance: int = 0
    quota_list: list[QuotaPart] = []


class LinkCount(msgspec.Struct, frozen=True):
    click_link_customer_cnt: int = 0
    new_customer_cnt: int = 0
