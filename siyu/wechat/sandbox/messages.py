"""Customer-service messages as every app's sandbox takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from siyu.wechat.sandbox import events
from siyu.wechat.sandbox.books import Fault
from siyu.wechat.sandbox.front import Call
from siyu.wechat.sandbox.media import check_media

TEXT_BYTES = 2048
_MOST = {
    "thing": 20,
    "number": 32,
    "letter": 32,
    "character_string": 32,
    "symbol": 5,
    "phrase": 5,
    "phone_number": 17,
    "car_number": 8,
}
_FORMS = {
    "number": re.compile(r"[0-9]+(\.[0-9]+)?"),
    "letter": re.compile(r"[A-Za-z]+"),
    "character_string": re.compile(r"[\x20-\x7e]+"),
    "phrase": re.compile(r"[\u4e00-\u9fff]+"),
    "phone_number": re.compile(r"[0-9+\- ()]+"),
    "amount": re.compile(r"[¥￥$€£]?[0-9]{1,10}(\.[0-9]{1,2})?元?"),
}
"""What a blank's kind takes (developers.weixin.qq.com subscribeMessage.send, read 2026-11)."""


def send_custom(call: Call) -> dict[str, Any]:
    """POST message/custom/send, inside the window that the person opened."""
    person = call.books.known(call.app, call.text("touser"))
    words = _words(call)
    call.books.spend_window(person)
    call.books.say(call.app, person, "custom", words)
    return {"errcode": 0, "errmsg": "ok"}


def send_notice(call: Call) -> dict[str, Any]:
    """POST message/subscribe/(biz)send: one consent, one message."""
    person = call.books.known(call.app, call.text("touser"))
    template = call.text("template_id")
    forms: Mapping[str, Any] = call.app.store.get("notices", {})
    if template not in forms:
        raise Fault(40037, "invalid template_id")
    words = read_data(call.body, forms[template]["content"])
    call.books.spend_permit(person, template)
    call.books.say(call.app, person, "notice", words)
    number = call.books.next_id("message")
    item = {"TemplateId": template, "MsgID": number, "ErrorCode": 0, "ErrorStatus": "success"}
    end = {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": item}}
    events.emit(call.world, call.app, person.openid, {"MsgType": "event", **end})
    return {"errcode": 0, "errmsg": "ok", "msgid": number}


def read_data(body: Mapping[str, Any], content: str) -> str:
    """The filled-in form as one text; Fault 47003 when a field is missing or too long."""
    data = body.get("data")
    if not isinstance(data, Mapping):
        raise Fault(47003, "argument invalid! data is empty")
    for key in blanks(content):
        value = str((data.get(key) or {}).get("value", ""))
        if not value or not fits(key, value):
            raise Fault(47003, f"argument invalid! data.{key}.value is empty or invalid")
    return " ".join(str(each["value"]) for each in data.values())


def fits(key: str, value: str) -> bool:
    """Whether a value may fill a blank; keys without a known kind take anything."""
    kind = key.rstrip("0123456789")
    if kind == "name":
        return len(value) <= (20 if value.isascii() else 10)
    if kind in _MOST and len(value) > _MOST[kind]:
        return False
    pattern = _FORMS.get(kind)
    return pattern is None or pattern.fullmatch(value) is not None


def blanks(content: str) -> list[str]:
    """The keys of a form's text `商品:{{thing1.DATA}}`."""
    return [part.split(".DATA")[0] for part in content.split("{{")[1:]]


def list_notices(call: Call) -> dict[str, Any]:
    """GET newtmpl/gettemplate."""
    forms: Mapping[str, Mapping[str, Any]] = call.app.store.get("notices", {})
    found = [
        {
            "priTmplId": template,
            "title": form["title"],
            "content": form["content"],
            "example": "",
            "type": form.get("type", 2),
        }
        for template, form in forms.items()
    ]
    return {"errcode": 0, "errmsg": "ok", "data": found}


def _words(call: Call) -> str:
    kind = str(call.body.get("msgtype", ""))
    content = call.body.get(kind)
    if not isinstance(content, Mapping):
        raise Fault(44002, "empty post data")
    if kind == "text":
        text = str(content.get("content", ""))
        if not text:
            raise Fault(44004, "empty content")
        if len(text.encode()) > TEXT_BYTES:
            raise Fault(45002, "content size out of limit")
        return text
    if kind == "news":
        return str(content["articles"][0]["title"])
    if kind in {"link", "miniprogrampage"}:
        return str(content["title"])
    if kind in {"image", "voice"}:
        check_media(call, content["media_id"])
        return f"[{kind} {content['media_id']}]"
    raise Fault(40008, "invalid message type")
