"""Mass messages 群发: a text, pictures or an article, to 2 … 10,000 fans at once.

Source: developers.weixin.qq.com 根据 OpenID 群发消息, 预览消息 (read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from siyu.kernel.errors import PlatformRefused, UnknownOutcome
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.ports.capabilities import Delivery, Outgoing, Receipt
from siyu.wechat.errors import BOOK
from siyu.wechat.sending import delivered

MAX_MASS, MIN_MASS = 10_000, 2
MAX_IMAGES = 20
_Attachments = Sequence[Mapping[str, str]]


class MassSender:
    """Mass messages. The key of the attempt goes along, so that nothing goes out twice.

    The platform tells no result by person; what it took counts as delivered.
    """

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def send(self, message: Outgoing) -> Receipt:
        """Hand over to 2 … 10,000 fans. A repeat of the same key is answered as the first."""
        count = len(message.recipients)
        if not MIN_MASS <= count <= MAX_MASS:
            raise PlatformRefused(
                "wechat.mass_size", f"群发对象须为 {MIN_MASS} 到 {MAX_MASS} 位粉丝"
            )
        body = {
            "touser": list(message.recipients),
            **mass_piece(message.content.text, message.content.attachments),
            "clientmsgid": message.idempotency_key[:64],
        }
        try:
            remote_id = str(self._client.send_mass(body).msg_id)
        except PlatformRefused as error:
            if not BOOK.is_ignorable(error):
                raise
            remote_id = ""
        return delivered(message, remote_id or message.idempotency_key, self._client.now())

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:  # noqa: ARG002
        """Always []: results are told in numbers only, by an event."""
        return []

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:  # noqa: ARG002
        """Hand the same over once more: the platform knows the key and sends it once only."""
        try:
            return self.send(message)
        except PlatformRefused as error:
            raise UnknownOutcome("wechat.mass_unknown", error.reason) from error


def mass_piece(text: str, attachments: _Attachments) -> dict[str, Any]:
    """The one piece of a mass message; PlatformRefused when it is none, or more than one."""
    if not attachments:
        if not text:
            raise PlatformRefused("wechat.text", "内容为空", field="text")
        return {"msgtype": "text", "text": {"content": text}}
    kinds = {one.get("kind", "") for one in attachments}
    media = [one.get("media_id", "") for one in attachments]
    if text or len(kinds) > 1:
        raise PlatformRefused("wechat.pieces", "群发一次只能发一段文字、一组图片或一篇图文")
    if not all(media):
        raise PlatformRefused("wechat.media", "素材还没有上传到公众号", field="attachments")
    if kinds == {"image"} and len(media) <= MAX_IMAGES:
        return {"msgtype": "image", "images": {"media_ids": media}}
    if kinds == {"article"} and len(media) == 1:
        return {"msgtype": "mpnews", "mpnews": {"media_id": media[0]}, "send_ignore_reprint": 0}
    raise PlatformRefused("wechat.attachment", "群发只支持图片或一篇图文", field="attachments")
