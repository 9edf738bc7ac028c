"""Douyin's part of the conformance suite, and what its own tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from siyu.kernel.errors import PlatformRefused, Reauth, RetryLater, WaitUntil
from siyu.platforms.douyin.check import DouyinCheck
from siyu.platforms.douyin.webhook import sign
from siyu.ports.capabilities import (
    AccountConfig,
    CallbackRequest,
    Connector,
    Content,
    Outgoing,
    Receipt,
)
from siyu.ports.sandbox import Sandbox
from siyu.ports.testing.kit import Kit
from siyu.ports.testing.scripted import SentRequest

KEY = "ck_demo"
SECRET = "secret_demo"
BRAND = "_000brand"
PERSON = "_000customer1"
SEND = "POST /im/send/msg/"
CONTEXT = {"conversation_id": "@c1", "server_message_id": "70001"}

ACCOUNT = AccountConfig(
    key=f"douyin:{KEY}",
    platform="douyin",
    remote_id=KEY,
    name="山茶记",
    base_url="https://open.douyin.com",
    fields={
        "client_key": KEY,
        "client_secret": SECRET,
        "open_id": BRAND,
        "refresh_token": "rft.first",
        "access_token": "user.first",
    },
)
MESSAGE = {
    "conversation_short_id": "@c1",
    "server_message_id": "70001",
    "conversation_type": 1,
    "create_time": 1794362400123,
    "message_type": "text",
    "user_infos": [{"open_id": PERSON, "nick_name": "小满", "avatar": "https://p.example/1"}],
    "text": "有新茶吗",
}


def envelope(event: str, said: Any, **more: Any) -> bytes:
    """A webhook's body; the content as JSON text, as in most events."""
    fields = {
        "event": event,
        "client_key": KEY,
        "from_user_id": PERSON,
        "to_user_id": BRAND,
        "content": msgspec.json.encode(said).decode(),
        "log_id": "l1",
        **more,
    }
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not None})


def event(extra: Mapping[str, str], missing: str) -> bytes:
    gone = {missing: None} if missing else {}
    return envelope("im_receive_msg", MESSAGE, **extra, **gone)


def seal(body: bytes, now: datetime | None = None) -> CallbackRequest:
    """A body as Douyin posts it; the signature does not depend on the time."""
    del now
    headers = {"X-Douyin-Signature": sign(SECRET, body), "Msg-Id": "m1"}
    return CallbackRequest("POST", {}, headers, body)


def tampered(good: CallbackRequest) -> list[CallbackRequest]:
    foreign = envelope("im_receive_msg", MESSAGE, client_key="ck_other")
    signatures = ("", "0" * 40, "é", sign("other", good.body))
    return [
        *(replace(good, headers={"X-Douyin-Signature": value}) for value in signatures),
        replace(good, headers={}),
        replace(good, body=good.body + b" "),
        replace(good, body=good.body.replace("小满".encode(), "小李".encode())),
        seal(foreign),
        seal(good.body + good.body),
        seal(good.body.replace(b"im_receive", b"im_\xffreceive")),
        seal(b'{"event":"im_receive_msg","from_user_id":"u","content":"{"}'),
    ]


def token_answer(number: int) -> dict[str, Any]:
    token = {"access_token": f"user.{number}", "expires_in": 1296000, "error_code": 0}
    return {"data": token, "message": "success"}


def error(code: int) -> dict[str, Any]:
    said = {"error_code": code, "description": "failed"}
    return {"data": said, "extra": {**said, "logid": "l1"}, "message": "error"}


def outgoing(text: str, **more: Any) -> Outgoing:
    values: dict[str, Any] = {"recipients": (PERSON,), "context": CONTEXT, **more}
    return Outgoing(content=Content(text), idempotency_key="k1", **values)


def send(connector: Connector, text: str) -> Receipt:
    return connector.senders["douyin.dm"].send(outgoing(text))


def text_of(sent: SentRequest) -> str:
    return str(sent.json["content"]["text"]["text"])


def read(connector: Connector) -> dict[str, Any]:
    assert isinstance(connector.check, DouyinCheck)
    return connector.check.fetch_account()


def set_up(sandbox: Sandbox) -> None:
    """The application of ACCOUNT, authorised by the enterprise account."""
    sandbox.control("configure", {**ACCOUNT.fields, "callback_url": "http://127.0.0.1:8000/d"})


def stir(sandbox: Sandbox) -> None:
    who = {"person": "p1", "name": "小满"}
    sandbox.control("follow", who)
    sandbox.control("enter_chat", who)
    sandbox.control("send_dm", {**who, "text": "有新茶吗"})
    sandbox.control("leave_card", {**who, "phone": "13912345678"})


KIT = Kit(
    account=ACCOUNT,
    token_call="POST /oauth/refresh_token/",
    token_answer=token_answer,
    read=read,
    read_call="POST /oauth/userinfo/",
    read_answer={"data": {"nickname": "山茶记", "error_code": 0, "new": 1}, "message": "success"},
    error=error,
    expired=28001008,
    codes={
        28001005: RetryLater,
        2100004: RetryLater,
        28003017: WaitUntil,
        2190001: WaitUntil,
        28001018: Reauth,
        28029003: Reauth,
        28003101: Reauth,
        28003095: Reauth,
        10010: Reauth,
        28003080: PlatformRefused,
        28003081: PlatformRefused,
        28003082: PlatformRefused,
        28001038: PlatformRefused,
        28001052: PlatformRefused,
        28001007: PlatformRefused,
        99999999: PlatformRefused,
    },
    send=send,
    send_call=SEND,
    send_answer={"data": {"error_code": 0}, "extra": {"error_code": 0}, "msg_id": "80001"},
    text_of=text_of,
    max_chars=1000,
    event=event,
    missing=("from_user_id", "content"),
    unknown_event=envelope("something_new", {"a": 1}),
    sign=seal,
    tampered=tampered,
    set_up=set_up,
    stir=stir,
    personal=("有新茶吗", "小满", "p.example"),
)
