"""Passive replies 被动回复: the answer travels in the callback's own reply."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from siyu.kernel.errors import Refused
from siyu.ports.replies import SealedReply
from siyu.wechat.bodies import read_body
from siyu.wechat.callbacks import XML, WechatCallbacks, required

DEADLINE = 5.0
TEXT_BYTES = 2048


class OfficialReplies:
    """The `PassiveReplies` of an official account."""

    def __init__(self, callbacks: WechatCallbacks) -> None:
        self._callbacks = callbacks

    @property
    def deadline(self) -> float:
        """Seconds after which the platform asks again."""
        return DEADLINE

    def seal(self, message: bytes, reply: Mapping[str, str], now: datetime) -> SealedReply:
        """See `PassiveReplies.seal`."""
        asked = read_body(message)
        head = {
            "ToUserName": required(asked, "FromUserName"),
            "FromUserName": required(asked, "ToUserName"),
            "CreateTime": int(now.timestamp()),
        }
        return SealedReply(self._callbacks.seal_reply({**head, **_content(reply)}, now), XML)


def _content(reply: Mapping[str, str]) -> dict[str, Any]:
    kind = reply.get("kind", "text")
    if kind == "text":
        return _text(reply.get("text", ""))
    if kind == "image":
        return {"MsgType": "image", "Image": {"MediaId": reply["media_id"]}}
    if kind == "link":
        article = {
            "Title": reply["title"],
            "Description": reply.get("description", ""),
            "PicUrl": reply.get("image_url", ""),
            "Url": reply["url"],
        }
        return {"MsgType": "news", "ArticleCount": 1, "Articles": {"item": article}}
    if kind == "mini_program":
        return _text(_mini_program_link(reply))
    raise Refused("reply.kind", "公众号不支持这种回复", field="kind")


def _text(text: str) -> dict[str, Any]:
    if not text or len(text.encode()) > TEXT_BYTES:
        raise Refused("reply.text", f"文字须为 1 到 {TEXT_BYTES} 字节", field="text")
    return {"MsgType": "text", "Content": text}


def _mini_program_link(reply: Mapping[str, str]) -> str:
    """Passive replies have no mini program card; a text may hold a link that opens one."""
    attributes = {
        "data-miniprogram-appid": reply["app_id"],
        "data-miniprogram-path": reply["page"],
        "href": reply.get("url") or "https://mp.weixin.qq.com",
    }
    marks = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<a {marks}>{escape(reply['title'])}</a>"
