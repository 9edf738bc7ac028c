"""The channel `douyin.dm`: replies to customers who wrote in the last 24 hours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from siyu.kernel.errors import PlatformRefused, UnknownOutcome
from siyu.platforms.douyin.client import DouyinClient
from siyu.ports.capabilities import Delivery, DeliveryState, Outgoing, Receipt

MAX_CHARS = 1000
TEXT = 1
REPLY = "im_reply_msg"
CONVERSATION = "conversation_id"
ANSWERED = "server_message_id"
"""What the customer's last message left in the context: the conversation and the message."""


class DirectMessages:
    """Sends direct messages. Accepted means delivered: Douyin keeps no further results."""

    def __init__(self, client: DouyinClient) -> None:
        self._client = client

    def send(self, message: Outgoing) -> Receipt:
        """Reply in the conversation of `message.context`; see `Sender.send`."""
        recipient = self._recipient(message)
        answer = self._client.send_message(_body(message, recipient))
        remote_id = str(answer.get("msg_id") or "")
        return Receipt(remote_id, (Delivery(recipient, DeliveryState.DELIVERED),))

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:
        """Always empty: the answer to the call was the result."""
        del remote_id, sender
        return []

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:
        """Douyin has no list of sent messages, so what happened stays unknown."""
        del message, since
        raise UnknownOutcome("dm.unknown", "抖音不提供已发私信查询, 请在抖音企业号后台核对")

    def _recipient(self, message: Outgoing) -> str:
        if len(message.recipients) != 1:
            raise PlatformRefused("dm.recipients", "抖音私信一次只能发给一个人")
        if not message.content.text:
            raise PlatformRefused("dm.empty", "私信内容为空", field="text")
        if len(message.content.text) > MAX_CHARS:
            raise PlatformRefused("dm.length", f"私信最多 {MAX_CHARS} 字", field="text")
        if not message.context.get(CONVERSATION) or not message.context.get(ANSWERED):
            raise PlatformRefused("window_closed", "对方没有发来过消息, 不能主动发私信")
        return message.recipients[0]


def _body(message: Outgoing, recipient: str) -> dict[str, Any]:
    return {
        "to_user_id": recipient,
        "conversation_id": message.context[CONVERSATION],
        "msg_id": message.context[ANSWERED],
        "scene": REPLY,
        "content": {"msg_type": TEXT, "text": {"text": message.content.text}},
    }
