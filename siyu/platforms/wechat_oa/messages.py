"""Four ways to speak: customer-service, template, subscription notice and mass message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wechat_oa import wire
from siyu.platforms.wechat_oa.client import OfficialClient
from siyu.platforms.wechat_oa.mass import MassSender
from siyu.ports.capabilities import Outgoing, Receipt, Sender
from siyu.ports.templates import Card, read_card
from siyu.wechat.sending import Unasked, custom_body, delivered, only_recipient


def make_senders(client: OfficialClient) -> Mapping[str, Sender]:
    """The channels of an official account."""
    return {
        "wechat_oa.custom": CustomSender(client),
        "wechat_oa.template": CardSender(client, client.send_template, template_body),
        "wechat_oa.subscribe": CardSender(client, client.send_notice, notice_body),
        "wechat_oa.mass": MassSender(client),
    }


class CustomSender(Unasked):
    """Customer-service messages, inside the window that the fan opened."""

    def __init__(self, client: OfficialClient) -> None:
        self._client = client

    def send(self, message: Outgoing) -> Receipt:
        """Deliver at once; the platform gives no id."""
        self._client.send_custom(custom_body(only_recipient(message), message.content))
        return delivered(message, message.idempotency_key, self._client.now())


class CardSender(Unasked):
    """Messages that fill in a form. What comes of them later is told by an event."""

    def __init__(
        self,
        client: OfficialClient,
        call: Callable[[Mapping[str, Any]], wire.SentMessage],
        body: Callable[[str, Card, Outgoing], dict[str, Any]],
    ) -> None:
        self._client = client
        self._call = call
        self._body = body

    def send(self, message: Outgoing) -> Receipt:
        """Fill in the form that the text describes and send it."""
        try:
            card = read_card(message.content.text)
        except Refused as error:
            raise PlatformRefused("wechat.card", error.reason, field="text") from error
        sent = self._call(self._body(only_recipient(message), card, message))
        return delivered(message, str(sent.msgid or message.idempotency_key), self._client.now())


def template_body(openid: str, card: Card, message: Outgoing) -> dict[str, Any]:
    """The body of a template message; `client_msg_id` (≤ 32) drops repeats within ten minutes."""
    body: dict[str, Any] = {
        "touser": openid,
        "template_id": card.template,
        "client_msg_id": message.idempotency_key[:32],
        "data": {key: {"value": value} for key, value in card.data.items()},
    }
    if card.url:
        body["url"] = card.url
    if card.app_id:
        body["miniprogram"] = {"appid": card.app_id, "pagepath": card.page}
    return body


def notice_body(openid: str, card: Card, message: Outgoing) -> dict[str, Any]:
    """The body of a subscription notice."""
    del message
    body: dict[str, Any] = {
        "touser": openid,
        "template_id": card.template,
        "data": {key: {"value": value} for key, value in card.data.items()},
    }
    if card.app_id:
        body["miniprogram"] = {"appid": card.app_id, "pagepath": card.page}
    elif card.url or card.page:
        body["page"] = card.url or card.page
    return body
