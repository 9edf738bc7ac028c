"""WeCom's shapes of service desks 微信客服."""

from __future__ import annotations

from typing import Any

import msgspec


class OpenKfid(msgspec.Struct, frozen=True):
    open_kfid: str


class Account(msgspec.Struct, frozen=True):
    open_kfid: str
    name: str = ""
    avatar: str = ""
    manage_privilege: bool = True


class AccountList(msgspec.Struct, frozen=True):
    account_list: list[Account] = []


class ServicerResult(msgspec.Struct, frozen=True):
    userid: str = ""
    errcode: int = 0
    errmsg: str = ""


class ServicerResults(msgspec.Struct, frozen=True):
    result_list: list[ServicerResult] = []


class Servicer(msgspec.Struct, frozen=True):
    """status: 0 receiving, 1 paused. An entry may be a department, without a userid."""

    userid: str = ""
    status: int = 0


class ServicerList(msgspec.Struct, frozen=True):
    servicer_list: list[Servicer] = []


class Link(msgspec.Struct, frozen=True):
    url: str


class Message(msgspec.Struct, frozen=True):
    """origin: 3 customer, 4 event, 5 servicer in the client. The body is under its msgtype."""

    msgid: str
    msgtype: str
    open_kfid: str = ""
    external_userid: str = ""
    send_time: int = 0
    origin: int = 0
    servicer_userid: str = ""
    text: dict[str, Any] = {}
    link: dict[str, Any] = {}
    location: dict[str, Any] = {}
    miniprogram: dict[str, Any] = {}
    business_card: dict[str, Any] = {}
    msgmenu: dict[str, Any] = {}
    event: dict[str, Any] = {}


class MessagePage(msgspec.Struct, frozen=True):
    next_cursor: str = ""
    has_more: int = 0
    msg_list: list[Message] = []


class MsgId(msgspec.Struct, frozen=True):
    msgid: str = ""


class ServiceState(msgspec.Struct, frozen=True):
    service_state: int = 0
    servicer_userid: str = ""


class Customer(msgspec.Struct, frozen=True):
    external_userid: str
    nickname: str = ""
    avatar: str = ""
    gender: int = 0
    unionid: str = ""


class CustomerList(msgspec.Struct, frozen=True):
    customer_list: list[Customer] = []
