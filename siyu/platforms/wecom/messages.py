"""How we speak: the welcome message, and the mass messages to customers and to groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.clock import from_ms
from siyu.kernel.errors import PlatformError, PlatformRefused, UnknownOutcome
from siyu.platforms.wecom import wire
from siyu.platforms.wecom.attachments import to_wire
from siyu.platforms.wecom.client import Client
from siyu.ports.capabilities import Content, Delivery, DeliveryState, Outgoing, Receipt

MAX_BYTES = 4000
MAX_RECIPIENTS = 10_000
MAX_GROUPS = 2_000
SKEW = timedelta(seconds=5)
MAX_SPAN = timedelta(days=31)
_CONFIRMED = 2
_FATES = {
    0: (DeliveryState.WAITING, "not_confirmed"),
    1: (DeliveryState.DELIVERED, ""),
    2: (DeliveryState.REFUSED, "not_friend"),
    3: (DeliveryState.REFUSED, "over_quota"),
}


class WelcomeSender:
    """Greets a new friend with the code of the add event: valid 20 seconds, usable once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Outgoing) -> Receipt:
        """Deliver at once. `context["welcome_code"]` is required.

        A code greets once, so after a broken connection the same call is safe to repeat once:
        it either greets now or says that the code is spent, and then we cannot tell.
        """
        code = message.context.get("welcome_code", "")
        if not code:
            raise PlatformRefused("wecom.welcome_code", "没有欢迎语凭证", field="welcome_code")
        body = {"welcome_code": code, **_content(message.content)}
        try:
            self._client.send_welcome_msg(body)
        except UnknownOutcome as unknown:
            try:
                self._client.send_welcome_msg(body)
            except PlatformError as error:
                raise unknown from error
        now = self._client.now()
        fates = [Delivery(who, DeliveryState.DELIVERED, at=now) for who in message.recipients]
        return Receipt(code, tuple(fates))

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:  # noqa: ARG002
        """Always []: the platform keeps no results of welcome messages."""
        return []

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:  # noqa: ARG002
        """Always UnknownOutcome: the platform cannot tell."""
        raise UnknownOutcome("wecom.welcome_unknown", "企业微信不提供欢迎语的发送结果")


class MassSender:
    """Makes a to-do for a member of staff; nothing is delivered before he or she confirms."""

    chat_type = "single"

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: Outgoing) -> Receipt:
        """Make the task. Deliveries are given only when the platform refused some recipients."""
        made = self._client.add_msg_template(self._body(message))
        return Receipt(made.msgid, _split(message.recipients, set(made.fail_list or ())))

    def _body(self, message: Outgoing) -> dict[str, Any]:
        if not 1 <= len(message.recipients) <= MAX_RECIPIENTS:
            raise PlatformRefused("wecom.recipients", f"一次 1 到 {MAX_RECIPIENTS} 位客户")
        body: dict[str, Any] = {
            "chat_type": self.chat_type,
            "external_userid": list(message.recipients),
            **_content(message.content),
        }
        return {**body, "sender": message.sender} if message.sender else body

    def poll(self, remote_id: str, sender: str) -> list[Delivery]:
        """The fate of every recipient of one sender, or of all senders when it is ""."""
        staff = [sender] if sender else [task.userid for task in self._tasks(remote_id)]
        return [_delivery(result) for who in staff for result in self._results(remote_id, who)]

    def find_sent(self, message: Outgoing, since: datetime) -> Receipt | None:
        """The newest task since then with the same text, sender and recipients, or None."""
        for sent in sorted(self._sent(since), key=lambda sent: -int(sent.create_time)):
            if sent.text.content == message.content.text and self._is_for(sent.msgid, message):
                return Receipt(sent.msgid)
        return None

    def _is_for(self, msgid: str, message: Outgoing) -> bool:
        staff = [task.userid for task in self._tasks(msgid)]
        if message.sender and staff != [message.sender]:
            return False
        reached = {_recipient(one) for who in staff for one in self._results(msgid, who)}
        return bool(reached) and reached <= set(message.recipients)

    def _sent(self, since: datetime) -> Iterator[wire.SentGroup]:
        cursor, seen = "", {""}
        end = self._client.now() + SKEW
        start = min(end, max(since - SKEW, end - MAX_SPAN))
        while True:
            page = self._client.get_groupmsg_list(self.chat_type, start, end, cursor)
            yield from page.group_msg_list
            cursor = page.next_cursor
            if cursor in seen:
                return
            seen.add(cursor)

    def _tasks(self, msgid: str) -> Iterator[wire.SendTask]:
        cursor, seen = "", {""}
        while True:
            page = self._client.get_groupmsg_task(msgid, cursor)
            yield from page.task_list
            cursor = page.next_cursor
            if cursor in seen:
                return
            seen.add(cursor)

    def _results(self, msgid: str, userid: str) -> Iterator[wire.SendResult]:
        cursor, seen = "", {""}
        while True:
            page = self._client.get_groupmsg_send_result(msgid, userid, cursor)
            yield from page.send_list
            cursor = page.next_cursor
            if cursor in seen:
                return
            seen.add(cursor)


class GroupSender(MassSender):
    """Makes a to-do for the owner of groups: the same words into each of his or her groups."""

    chat_type = "group"

    def _body(self, message: Outgoing) -> dict[str, Any]:
        if not message.sender:
            raise PlatformRefused("wecom.sender", "群发到群须指定群主", field="sender")
        if not 1 <= len(message.recipients) <= MAX_GROUPS:
            raise PlatformRefused("wecom.recipients", f"一次 1 到 {MAX_GROUPS} 个群")
        return {
            "chat_type": self.chat_type,
            "chat_id_list": list(message.recipients),
            "sender": message.sender,
            **_content(message.content),
        }


def _recipient(result: wire.SendResult) -> str:
    return result.chat_id or result.external_userid


def _content(content: Content) -> dict[str, Any]:
    """Text and attachments as both calls take them; the text is passed on unchanged."""
    if len(content.text.encode()) > MAX_BYTES:
        raise PlatformRefused("wecom.text", f"文本超过 {MAX_BYTES} 字节", field="text")
    body: dict[str, Any] = {}
    if content.text:
        body["text"] = {"content": content.text}
    if content.attachments:
        body["attachments"] = to_wire(content.attachments)
    if not body:
        raise PlatformRefused("wecom.text", "内容为空", field="text")
    return body


def _split(recipients: tuple[str, ...], failed: set[str]) -> tuple[Delivery, ...]:
    if not failed:
        return ()
    return tuple(
        Delivery(who, DeliveryState.REFUSED, "not_friend")
        if who in failed
        else Delivery(who, DeliveryState.WAITING, "not_confirmed")
        for who in recipients
    )


def _delivery(result: wire.SendResult) -> Delivery:
    state, reason = _FATES.get(result.status, (DeliveryState.WAITING, "unknown_status"))
    at = from_ms(result.send_time * 1000) if result.send_time else None
    return Delivery(_recipient(result), state, reason, at)
