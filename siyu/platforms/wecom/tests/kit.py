"""WeCom's part of the conformance suite, and what its own tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from siyu.kernel.errors import PlatformRefused, Reauth, RetryLater, WaitUntil
from siyu.platforms.wecom.crypto import encrypt, load_aes_key, sign
from siyu.platforms.wecom.errors import RULES
from siyu.platforms.wecom.sandbox.events import to_xml
from siyu.ports.capabilities import (
    AccountConfig,
    CallbackRequest,
    Connector,
    Content,
    Outgoing,
    Receipt,
)
from siyu.ports.facts import Fact
from siyu.ports.sandbox import Sandbox
from siyu.ports.testing.kit import Kit
from siyu.ports.testing.scripted import SentRequest
from siyu.wechat.codes import Recovery

CORP = "ww5823bf96d3bd56c7"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
TOKEN = "QDG6eKcallback"
SECRET = "app-secret-of-the-shop"
EXTERNAL = "/cgi-bin/externalcontact"
TOKEN_CALL = "GET /cgi-bin/gettoken"

ACCOUNT = AccountConfig(
    key=f"wecom:{CORP}",
    platform="wecom",
    remote_id=CORP,
    name="门店企业微信",
    base_url="https://qyapi.weixin.qq.com",
    fields={
        "corp_id": CORP,
        "agent_id": "1000002",
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "open_account": "",
    },
)
ADDED = {
    "ToUserName": CORP,
    "FromUserName": "sys",
    "CreateTime": "1794362400",
    "MsgType": "event",
    "Event": "change_external_contact",
    "ChangeType": "add_external_contact",
    "UserID": "mei",
    "ExternalUserID": "wmAAA0001",
    "State": "ch_store12",
    "WelcomeCode": "CODE-ABC",
}
_FAMILIES = {
    Recovery.RETRY: RetryLater,
    Recovery.WAIT: WaitUntil,
    Recovery.REAUTH: Reauth,
    Recovery.REFUSE: PlatformRefused,
    Recovery.IGNORE: PlatformRefused,
}


def token_answer(number: int) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", "access_token": f"tok{number}", "expires_in": 7200}


def error(code: int, text: str = "failed") -> dict[str, Any]:
    """An error as the platform words it."""
    hint = f"hint: [1700000000_1], from ip: 203.0.113.9, more info at https://x/?e={code}"
    return {"errcode": code, "errmsg": f"{text}, {hint}"}


def event(extra: Mapping[str, str], missing: str) -> bytes:
    fields = {**ADDED, **extra}
    fields.pop(missing, None)
    return to_xml(fields).encode()


def seal(
    plain: bytes, now: datetime, *, receiver: str = CORP, key: str = AES_KEY
) -> CallbackRequest:
    """A plain event as the platform sends it."""
    encrypted = encrypt(load_aes_key(key), plain, receiver)
    stamp = str(int(now.timestamp()))
    query = {
        "msg_signature": sign(TOKEN, stamp, "nonce1", encrypted),
        "timestamp": stamp,
        "nonce": "nonce1",
    }
    body = to_xml({"ToUserName": CORP, "AgentID": "1000002", "Encrypt": encrypted})
    return CallbackRequest("POST", query, {"content-type": "text/xml"}, body.encode())


def tampered(good: CallbackRequest) -> list[CallbackRequest]:
    changed = [
        replace(good, query={**good.query, name: value})
        for name, value in [
            ("msg_signature", "0" * 40),
            ("msg_signature", ""),
            ("msg_signature", "é"),
            ("timestamp", str(int(good.query["timestamp"]) + 1)),
            ("timestamp", "١٢٣"),
            ("nonce", "nonce2"),
        ]
    ]
    dropped = [
        replace(good, query={key: value for key, value in good.query.items() if key != name})
        for name in good.query
    ]
    bodies = [
        replace(good, body=good.body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A")),
        replace(good, body=b"<xml></xml>"),
        replace(good, body=b""),
    ]
    return [*changed, *dropped, *bodies]


def outgoing(text: str, **more: Any) -> Outgoing:
    """A message of Mei's to one customer."""
    values = {"recipients": ("wmAAA0001",), "idempotency_key": "k1", "sender": "mei", **more}
    content = Content(text, values.pop("attachments", ()))
    return Outgoing(content=content, **values)


def send(connector: Connector, text: str) -> Receipt:
    return connector.senders["wecom.mass_send"].send(outgoing(text))


def text_of(sent: SentRequest) -> str:
    return str(sent.json["text"]["content"])


def read_all(connector: Connector) -> list[Fact]:
    assert connector.contacts is not None
    found, cursor = connector.contacts.fetch_contacts(["mei"], "")
    while cursor:
        more, cursor = connector.contacts.fetch_contacts(["mei"], cursor)
        found += more
    return found


def list_staff(connector: Connector) -> list[str]:
    assert connector.contacts is not None
    return connector.contacts.list_staff()


def contact_page(*numbers: int, cursor: str) -> dict[str, Any]:
    """A page of `batch/get_by_user`."""
    return {
        "errcode": 0,
        "external_contact_list": [
            {
                "external_contact": {"external_userid": f"wm{n}", "name": f"客户{n}", "type": 1},
                "follow_info": {"userid": "mei", "createtime": 1_700_000_000 + n, "tag_id": []},
            }
            for n in numbers
        ],
        "next_cursor": cursor,
    }


def set_up(sandbox: Sandbox) -> None:
    """The corp of ACCOUNT with Mei and Lin in it and one contact way."""
    fields = ACCOUNT.fields
    sandbox.control(
        "configure",
        {
            "corp_id": CORP,
            "secret": fields["secret"],
            "token": fields["token"],
            "aes_key": fields["aes_key"],
            "callback_url": "http://127.0.0.1:8000/callbacks/wecom/" + CORP,
        },
    )
    staff = [{"userid": "mei", "name": "小梅"}, {"userid": "lin", "name": "林姐"}]
    sandbox.control("add_staff", {"staff": staff})


def stir(sandbox: Sandbox) -> None:
    new = sandbox.control("add_friend", {"userid": "mei", "unionid": "oU1", "name": "小王"})
    who = {"external_userid": new["external_userid"], "userid": "mei"}
    sandbox.control("set_remark_mobile", {**who, "mobile": "13912345678"})
    sandbox.control("delete_friend", {**who, "by": "customer"})


KIT = Kit(
    account=ACCOUNT,
    token_call=TOKEN_CALL,
    token_answer=token_answer,
    read=list_staff,
    read_call=f"GET {EXTERNAL}/get_follow_user_list",
    read_answer={"errcode": 0, "errmsg": "ok", "follow_user": ["mei", "lin"], "new_field": 1},
    error=error,
    expired=42001,
    codes={
        code: _FAMILIES[rule.recovery]
        for code, rule in RULES.items()
        if rule.recovery is not Recovery.REFRESH
    },
    send=send,
    send_call=f"POST {EXTERNAL}/add_msg_template",
    send_answer={"errcode": 0, "errmsg": "ok", "msgid": "msg1", "fail_list": []},
    text_of=text_of,
    max_chars=1300,
    event=event,
    missing=("ExternalUserID", "UserID", "CreateTime"),
    unknown_event=to_xml({**ADDED, "Event": "something_new"}).encode(),
    sign=seal,
    tampered=tampered,
    set_up=set_up,
    stir=stir,
    personal=("CODE-ABC",),
    pages=read_all,
    page_call=f"POST {EXTERNAL}/batch/get_by_user",
    page_answers=(
        contact_page(1, cursor="c1"),
        contact_page(cursor="c2"),
        contact_page(2, cursor="c2"),
    ),
)
