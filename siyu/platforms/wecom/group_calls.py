"""One thin method for each remote call about groups; see `transport.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from siyu.platforms.wecom import wire_groups as wire
from siyu.platforms.wecom.transport import EXTERNAL, Transport
from siyu.wechat.calling import Head

GROUPCHAT = f"{EXTERNAL}/groupchat"
TEMPLATE = f"{EXTERNAL}/group_welcome_template"
PAGE = 1000


class GroupCalls:
    """WeCom's calls on groups over the transport of one corp and app."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def list_chats(self, owners: Sequence[str], cursor: str) -> wire.ChatPage:
        """Up to 1000 group ids; at most 100 owners, none = all."""
        body: dict[str, Any] = {"status_filter": 0, "cursor": cursor, "limit": PAGE}
        if owners:
            body["owner_filter"] = {"userid_list": list(owners)}
        return self.transport.read("POST", f"{GROUPCHAT}/list", wire.ChatPage, json=body)

    def get_chat(self, chat_id: str) -> wire.ChatDetail:
        """One group with its members and their names."""
        body = {"chat_id": chat_id, "need_name": 1}
        return self.transport.read("POST", f"{GROUPCHAT}/get", wire.ChatDetail, json=body)

    def get_statistic(self, owner: str, begin: int, end: int) -> wire.DayList:
        """Daily counts of one owner; seconds of the first and last midnight, ≤ 30 days apart."""
        body = {
            "day_begin_time": begin,
            "day_end_time": end,
            "owner_filter": {"userid_list": [owner]},
        }
        path = f"{GROUPCHAT}/statistic_group_by_day"
        return self.transport.read("POST", path, wire.DayList, json=body)

    def add_join_way(self, body: Mapping[str, Any]) -> wire.ConfigId:
        return self.transport.write(f"{GROUPCHAT}/add_join_way", body, wire.ConfigId)

    def get_join_way(self, config_id: str) -> wire.JoinWayDetail:
        body = {"config_id": config_id}
        return self.transport.read(
            "POST", f"{GROUPCHAT}/get_join_way", wire.JoinWayDetail, json=body
        )

    def update_join_way(self, body: Mapping[str, Any]) -> None:
        self.transport.write(f"{GROUPCHAT}/update_join_way", body, Head, is_safe=True)

    def del_join_way(self, config_id: str) -> None:
        body = {"config_id": config_id}
        self.transport.write(f"{GROUPCHAT}/del_join_way", body, Head, is_safe=True)

    def add_welcome(self, body: Mapping[str, Any]) -> wire.TemplateId:
        return self.transport.write(f"{TEMPLATE}/add", body, wire.TemplateId)

    def edit_welcome(self, body: Mapping[str, Any]) -> None:
        self.transport.write(f"{TEMPLATE}/edit", body, Head, is_safe=True)

    def del_welcome(self, template_id: str) -> None:
        self.transport.write(f"{TEMPLATE}/del", {"template_id": template_id}, Head, is_safe=True)
