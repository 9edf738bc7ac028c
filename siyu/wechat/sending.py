"""What the senders of official account and mini program share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from siyu.kernel.errors import PlatformRefused, UnknownOutcome
from siyu.ports.capabilities import Content, Delivery, DeliveryState, Outgoing, Receipt

TEXT_BYTES = 2048


class Unasked:
    """A channel whose platform keeps nothing we could ask about later."""

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:  # noqa: ARG002
        """Always []: the platform keeps no results."""
        return []

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:  # noqa: ARG002
        """Always UnknownOutcome: the platform cannot tell."""
        raise UnknownOutcome("wechat.send_unknown", "微信不提供这条消息的发送结果")


def only_recipient(message: Outgoing) -> str:
    """The one person it is for; PlatformRefused when there are more."""
    if len(message.recipients) != 1:
        raise PlatformRefused("wechat.recipients", "这种消息一次只能发给一人")
    return message.recipients[0]


def delivered(message: Outgoing, remote_id: str, at: datetime) -> Receipt:
    """The platform took it, and that is the last we are promised to hear."""
    fates = [Delivery(who, DeliveryState.DELIVERED, at=at) for who in message.recipients]
    return Receipt(remote_id, tuple(fates))


def custom_body(openid: str, content: Content, *, link_kind: str = "news") -> dict[str, Any]:
    """The body of a customer-service message: a text, or one attachment, not both.

    link_kind: how the app writes a link: `news` (official account) or `link` (mini program).
    """
    if content.text and not content.attachments:
        if len(content.text.encode()) > TEXT_BYTES:
            raise PlatformRefused("wechat.text", f"文本超过 {TEXT_BYTES} 字节", field="text")
        return {"touser": openid, "msgtype": "text", "text": {"content": content.text}}
    if content.text or len(content.attachments) != 1:
        raise PlatformRefused("wechat.pieces", "客服消息一次只能发一段文字或一个附件")
    kind, body = _attachment(content.attachments[0], link_kind)
    return {"touser": openid, "msgtype": kind, kind: body}


def _attachment(one: Mapping[str, str], link_kind: str) -> tuple[str, dict[str, Any]]:
    kind = one.get("kind", "")
    if kind == "image" and one.get("media_id"):
        return "image", {"media_id": one["media_id"]}
    if kind == "link":
        described = {"title": one["title"], "description": one.get("description", "")}
        if link_kind == "link":
            return "link", {**described, "url": one["url"], "thumb_url": one.get("image_url", "")}
        article = {**described, "url": one["url"], "picurl": one.get("image_url", "")}
        return "news", {"articles": [article]}
    if kind == "mini_program" and one.get("media_id"):
        return "miniprogrampage", {
            "title": one["title"],
            "appid": one["app_id"],
            "pagepath": one["page"],
            "thumb_media_id": one["media_id"],
        }
    raise PlatformRefused("wechat.attachment", "微信客服消息不支持这种附件", field="kind")
