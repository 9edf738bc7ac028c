"""The official account's part of the conformance suite, and what its own tests share."""

from __future__ import annotations

from typing import Any

from siyu.ports.capabilities import AccountConfig, Connector, Receipt
from siyu.ports.facts import Fact
from siyu.ports.sandbox import Sandbox
from siyu.ports.testing.kit import Kit
from siyu.wechat.testing import (
    CODES,
    OPENID,
    TOKEN_CALL,
    AppKit,
    error,
    outgoing,
    text_of,
    token_answer,
)

APP = "wx0a1b2c3d4e5f6789"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
TOKEN = "official-callback-token"
SECRET = "official-app-secret"

ACCOUNT = AccountConfig(
    key=f"wechat_oa:{APP}",
    platform="wechat_oa",
    remote_id=APP,
    name="山茶记公众号",
    base_url="https://api.weixin.qq.com",
    fields={
        "appid": APP,
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "kind": "service",
        "open_account": "",
        "page_url": "",
    },
)
APP_KIT = AppKit(ACCOUNT, "subscribe")


def send(connector: Connector, text: str) -> Receipt:
    return connector.senders["wechat_oa.custom"].send(outgoing(text))


def read(connector: Connector) -> Any:
    assert connector.tags is not None
    return connector.tags.list_tags()


def read_all(connector: Connector) -> list[Fact]:
    assert connector.contacts is not None
    found, cursor = connector.contacts.fetch_contacts([""], "")
    while cursor:
        more, cursor = connector.contacts.fetch_contacts([""], cursor)
        found += more
    return found


def fan_page(*openids: str, following: str) -> dict[str, Any]:
    return {
        "total": 2,
        "count": len(openids),
        "data": {"openid": list(openids)},
        "next_openid": following,
    }


def set_up(sandbox: Sandbox) -> None:
    """The account of ACCOUNT with two templates."""
    sandbox.control(
        "configure",
        {
            "appid": APP,
            "secret": SECRET,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "original_id": "gh_camellia",
            "callback_url": "http://127.0.0.1:8000/callbacks/wechat_oa/" + APP,
        },
    )
    order = {"template": "TPL-ORDER", "title": "发货通知", "content": "商品:{{thing1.DATA}}"}
    sandbox.control("add_template", order)
    notice = {"template": "TPL-NEW", "title": "新品上架", "content": "新品:{{thing1.DATA}}"}
    sandbox.control("add_notice", notice)


def stir(sandbox: Sandbox) -> None:
    fan = sandbox.control("follow", {"unionid": "oU1", "name": "小王", "scene": "store12"})
    who = {"openid": fan["openid"]}
    sandbox.control("write", {**who, "text": "有新茶吗"})
    sandbox.control("click", {**who, "key": "NEW"})
    sandbox.control("scan", {**who, "scene": "parcel"})
    sandbox.control("answer_popup", {**who, "template": "TPL-NEW"})
    sandbox.control("unfollow", who)


KIT = Kit(
    account=ACCOUNT,
    token_call=TOKEN_CALL,
    token_answer=token_answer,
    read=read,
    read_call="GET /cgi-bin/tags/get",
    read_answer={"tags": [{"id": 101, "name": "海报", "count": 1, "new": 1}]},
    error=error,
    expired=42001,
    codes=CODES,
    send=send,
    send_call="POST /cgi-bin/message/custom/send",
    send_answer={"errcode": 0, "errmsg": "ok"},
    text_of=text_of,
    max_chars=600,
    event=APP_KIT.event,
    missing=("FromUserName", "MsgType", "CreateTime"),
    unknown_event=APP_KIT.event({"Event": "something_new"}, ""),
    sign=APP_KIT.seal,
    tampered=APP_KIT.tampered,
    set_up=set_up,
    stir=stir,
    personal=(OPENID,),
)
