"""The mini program's part of the conformance suite, and what its own tests share."""

from __future__ import annotations

from typing import Any

from siyu.ports.capabilities import AccountConfig, Connector, Receipt
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

APP = "wx9f8e7d6c5b4a3210"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TOKEN = "mini-callback-token"
SECRET = "mini-app-secret"
GOODS = {"sku_id": "SC-001", "title": "明前龙井 50g", "sku_cnt": 2, "sale_price": 16800}

ACCOUNT = AccountConfig(
    key=f"wechat_mini:{APP}",
    platform="wechat_mini",
    remote_id=APP,
    name="山茶记小程序",
    base_url="https://api.weixin.qq.com",
    fields={
        "appid": APP,
        "secret": SECRET,
        "token": TOKEN,
        "aes_key": AES_KEY,
        "open_account": "",
    },
)
APP_KIT = AppKit(ACCOUNT, "user_enter_tempsession")


def send(connector: Connector, text: str) -> Receipt:
    return connector.senders["wechat_mini.custom"].send(outgoing(text))


def read(connector: Connector) -> Any:
    assert connector.templates is not None
    return connector.templates.list_templates()


def set_up(sandbox: Sandbox) -> None:
    """The mini program of ACCOUNT, pushing JSON, with one notice."""
    sandbox.control(
        "configure",
        {
            "appid": APP,
            "secret": SECRET,
            "token": TOKEN,
            "aes_key": AES_KEY,
            "original_id": "gh_camelliamini",
            "body_format": "json",
            "callback_url": "http://127.0.0.1:8000/callbacks/wechat_mini/" + APP,
        },
    )
    notice = {"template": "TPL-SHIP", "title": "发货通知", "content": "商品:{{thing1.DATA}}"}
    sandbox.control("add_notice", notice)


def stir(sandbox: Sandbox) -> None:
    who = {"openid": sandbox.control("log_in", {"unionid": "oU1", "name": "小王"})["openid"]}
    sandbox.control("enter_chat", who)
    sandbox.control("write", {**who, "text": "有新茶吗"})
    sandbox.control("answer_popup", {**who, "template": "TPL-SHIP"})
    made = sandbox.control("order", {**who, "items": [GOODS]})
    sandbox.control("pay", made)
    sandbox.control("return_goods", {**made, "count": 1})
    sandbox.control("join_club", who)


KIT = Kit(
    account=ACCOUNT,
    token_call=TOKEN_CALL,
    token_answer=token_answer,
    read=read,
    read_call="GET /wxaapi/newtmpl/gettemplate",
    read_answer={"data": [{"priTmplId": "T", "title": "发货通知", "new": 1}]},
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
