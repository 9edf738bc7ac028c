"""Pure: a webhook of Douyin → facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.kernel.phones import normalise_phone
from siyu.platforms.douyin.wire import (
    ActionContent,
    Envelope,
    MessageContent,
    UserInfo,
    read_content,
)
from siyu.ports import facts
from siyu.ports.facts import Fact

OPEN_ID = "douyin_open_id"
LEAD_CARD = "retain_consult_card"
LEAD_EVIDENCE = "抖音留资卡"
_PHONE_LABELS = ("手机", "电话", "联系方式", "phone", "mobile", "tel")
AHEAD_MS = 300_000
LATE_MS = 86_400_000
_SECONDS_LIMIT = 100_000_000_000
ENTRIES = {
    "1": "keyword_reply",
    "2": "welcome",
    "3": "video",
    "4": "home",
    "5": "messages",
    "6": "live",
}


@dataclass(frozen=True)
class Origin:
    """Whose webhook it is and when it came; shared by all facts of one body."""

    account: str
    client_key: str
    open_id: str
    received_at: datetime
    message_id: str

    def fact(self, name: str, at: int, **details: Any) -> Fact:
        """A fact of this body. A time missing or ahead of ours becomes the time of arrival."""
        received_at = to_ms(self.received_at)
        if not at or at > received_at + AHEAD_MS:
            at = received_at
        return Fact(
            name=name,
            at=at,
            received_at=received_at,
            is_late=at < received_at - LATE_MS,
            source=self.account,
            message_id=self.message_id,
            platform="douyin",
            account=self.account,
            **details,
        )

    def person(self, open_id: str) -> tuple[Identity, ...]:
        """The customer's identity; empty when the id is missing or our own account's."""
        if not open_id or open_id == self.open_id:
            return ()
        return (Identity(OPEN_ID, self.client_key, open_id),)


def map_event(envelope: Envelope, origin: Origin) -> list[Fact]:
    """The facts of one webhook; [] for events we do not use. Refused when malformed."""
    reader = _READERS.get(envelope.event)
    return reader(envelope, origin) if reader else []


def _message_received(envelope: Envelope, origin: Origin) -> list[Fact]:
    content = read_content(envelope, MessageContent)
    person = origin.person(_required(envelope, "from_user_id"))
    phone = _lead_phone(content)
    return [
        origin.fact(
            facts.MESSAGE_RECEIVED,
            _ms(content.create_time),
            identities=(*person, *phone),
            evidence=LEAD_EVIDENCE if phone else "",
            properties={"message_type": content.message_type or "other"},
            traits=_traits(content, envelope.from_user_id),
            private={
                "text": content.text or _card_text(content),
                "conversation_id": content.conversation_short_id,
                "server_message_id": content.server_message_id,
            },
        )
    ]


def _message_sent(envelope: Envelope, origin: Origin) -> list[Fact]:
    content = read_content(envelope, MessageContent)
    return [
        origin.fact(
            facts.MESSAGE_SENT,
            _ms(content.create_time),
            identities=origin.person(_required(envelope, "to_user_id")),
            properties={
                "message_type": content.message_type or "other",
                "is_manual": content.source != origin.client_key,
            },
            private={
                "text": content.text,
                "conversation_id": content.conversation_short_id,
                "server_message_id": content.server_message_id,
            },
        )
    ]


def _chat_entered(envelope: Envelope, origin: Origin) -> list[Fact]:
    content = read_content(envelope, MessageContent)
    return [
        origin.fact(
            facts.CHAT_ENTERED,
            _ms(content.create_time),
            identities=origin.person(_required(envelope, "from_user_id")),
            properties={"entry": ENTRIES.get(str(content.scene_type), "other")},
            traits=_traits(content, envelope.from_user_id),
            private={"conversation_id": content.conversation_short_id},
        )
    ]


def _followed(envelope: Envelope, origin: Origin) -> list[Fact]:
    content = read_content(envelope, ActionContent)
    traits = {"name": content.nick_name, "avatar": content.avatar}
    return [
        origin.fact(
            facts.FOLLOWED,
            _ms(content.action_time or content.create_time),
            identities=origin.person(_required(envelope, "from_user_id")),
            traits={key: value for key, value in traits.items() if value},
        )
    ]


def _liked(envelope: Envelope, origin: Origin) -> list[Fact]:
    content = read_content(envelope, ActionContent)
    return [
        origin.fact(
            "content_liked",
            _ms(content.action_time),
            identities=origin.person(_required(envelope, "from_user_id")),
            properties={"item_id": content.item_id},
        )
    ]


def _named(name: str) -> Callable[[Envelope, Origin], list[Fact]]:
    """A reader of events that only say that something happened."""

    def read(envelope: Envelope, origin: Origin) -> list[Fact]:
        content = read_content(envelope, ActionContent)
        at = _ms(content.create_time or content.action_time)
        person = origin.person(envelope.from_user_id)
        return [origin.fact(name, at, identities=person)]

    return read


_READERS: dict[str, Callable[[Envelope, Origin], list[Fact]]] = {
    "im_receive_msg": _message_received,
    "im_send_msg": _message_sent,
    "im_enter_direct_msg": _chat_entered,
    "new_follow_action": _followed,
    "new_video_digg": _liked,
    "group_fans_event": _named("group_joined"),
    "authorize": _named("account_authorized"),
    "unauthorize": _named("account_unauthorized"),
    "contract_authorize": _named("account_authorized"),
    "contract_unauthorize": _named("account_unauthorized"),
}


def _required(envelope: Envelope, field: str) -> str:
    value: str = getattr(envelope, field)
    if not value:
        raise Refused("callback.missing", f"回调 {envelope.event} 缺少 {field}", field=field)
    return value


def _traits(content: MessageContent, open_id: str) -> dict[str, str]:
    info = next((user for user in content.user_infos if user.open_id == open_id), UserInfo())
    traits = {"name": info.nick_name, "avatar": info.avatar}
    return {key: value for key, value in traits.items() if value}


def _lead_phone(content: MessageContent) -> tuple[Identity, ...]:
    """The phone number a customer left on a lead card, if it is one."""
    if content.message_type != LEAD_CARD:
        return ()
    for line in content.card_data:
        if any(label in line.label.lower() for label in _PHONE_LABELS):
            try:
                return (Identity("phone", "", normalise_phone(line.value)),)
            except Refused:
                continue
    return ()


def _card_text(content: MessageContent) -> str:
    return "\n".join(f"{line.label}: {line.value}" for line in content.card_data)


def _ms(value: int | str) -> int:
    """Milliseconds of a time given in seconds or milliseconds, as number or text; 0 if none."""
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 14:
        return 0
    number = int(text)
    return number * 1000 if number < _SECONDS_LIMIT else number
