"""Two ways to speak: customer-service and subscribe messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wechat_mini.client import MiniClient
from siyu.platforms.wechat_mini.mapping import SUBSCRIBE
from siyu.ports.capabilities import Outgoing, Receipt, Sender
from siyu.ports.templates import read_card
from siyu.wechat.sending import Unasked, custom_body, delivered, only_recipient


def make_senders(client: MiniClient) -> Mapping[str, Sender]:
    """The channels of a mini program."""
    return {"wechat_mini.custom": CustomSender(client), SUBSCRIBE: NoticeSender(client)}


class CustomSender(Unasked):
    """Customer-service messages, inside the window that the person opened."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def send(self, message: Outgoing) -> Receipt:
        """Deliver at once; the platform gives no id."""
        body = custom_body(only_recipient(message), message.content, link_kind="link")
        self._client.send_custom(body)
        return delivered(message, message.idempotency_key, self._client.now())


class NoticeSender(Unasked):
    """Subscribe messages: each needs a consent of its own."""

    def __init__(self, client: MiniClient) -> None:
        self._client = client

    def send(self, message: Outgoing) -> Receipt:
        """Fill in the form that the text describes and send it."""
        try:
            card = read_card(message.content.text)
        except Refused as error:
            raise PlatformRefused("wechat.card", error.reason, field="text") from error
        body: dict[str, Any] = {
            "touser": only_recipient(message),
            "template_id": card.template,
            "miniprogram_state": "formal",
            "lang": "zh_CN",
            "data": {key: {"value": value} for key, value in card.data.items()},
        }
        if card.page:
            body["page"] = card.page
        sent = self._client.send_notice(body)
        return delivered(message, str(sent.msgid or message.idempotency_key), self._client.now())
