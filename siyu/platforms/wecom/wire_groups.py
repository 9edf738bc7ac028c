"""WeCom's shapes of customer groups and the codes into them."""

from __future__ import annotations

from typing import Any

import msgspec


class ChatId(msgspec.Struct, frozen=True):
    chat_id: str
    status: int = 0


class ChatPage(msgspec.Struct, frozen=True):
    group_chat_list: list[ChatId] = []
    next_cursor: str = ""


class Userid(msgspec.Struct, frozen=True):
    userid: str = ""


class Member(msgspec.Struct, frozen=True):
    """type: 1 staff, 2 from outside. join_scene: 1 invited, 2 by link, 3 scanned."""

    userid: str
    type: int = 2
    join_time: int = 0
    join_scene: int = 0
    unionid: str = ""
    state: str = ""
    invitor: Userid | None = None
    group_nickname: str = ""
    name: str = ""


class Chat(msgspec.Struct, frozen=True):
    chat_id: str
    name: str = ""
    owner: str = ""
    create_time: int = 0
    notice: str = ""
    member_list: list[Member] = []
    admin_list: list[Userid] | None = None
    member_version: str = ""


class ChatDetail(msgspec.Struct, frozen=True):
    group_chat: Chat


class DayData(msgspec.Struct, frozen=True):
    """Counts may be missing; then the platform does not tell."""

    new_chat_cnt: int = 0
    chat_total: int = 0
    new_member_cnt: int = 0
    member_total: int = 0
    member_has_msg: int | None = None
    msg_total: int | None = None


class DayItem(msgspec.Struct, frozen=True):
    stat_time: int
    data: DayData


class DayList(msgspec.Struct, frozen=True):
    items: list[DayItem] = []


class ConfigId(msgspec.Struct, frozen=True):
    config_id: str


class JoinWay(msgspec.Struct, frozen=True):
    config_id: str
    qr_code: str = ""
    chat_id_list: list[str] = []
    state: str = ""


class JoinWayDetail(msgspec.Struct, frozen=True):
    join_way: JoinWay


class TemplateId(msgspec.Struct, frozen=True):
    template_id: str


Body = dict[str, Any]
