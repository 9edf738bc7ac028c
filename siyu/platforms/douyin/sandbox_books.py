"""The sandbox's own books: applications, people, conversations, what was really delivered."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from siyu.kernel.clock import Clock, to_ms

WINDOW = timedelta(hours=24)
WINDOW_LIMIT = 6
MAX_CHARS = 1000


class Fault(Exception):
    """A refusal in Douyin's own numbers."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


@dataclass
class Person:
    open_id: str
    name: str
    conversation_id: str
    followed_at: datetime | None = None
    wrote_at: datetime | None = None
    message_ids: list[str] = field(default_factory=list)
    replies: int = 0


@dataclass
class App:
    """One application with its authorised enterprise account."""

    client_key: str
    client_secret: str = ""
    open_id: str = ""
    callback_url: str = ""
    nickname: str = ""
    is_authorised: bool = True
    tokens: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    refresh_tokens: dict[str, datetime] = field(default_factory=dict)
    renewals: int = 0
    people: dict[str, Person] = field(default_factory=dict)


class Sent(msgspec.Struct, frozen=True):
    """One message a customer really received."""

    n: int
    open_id: str
    text: str
    msg_id: str
    conversation_id: str
    at_ms: int


class Books:
    """All state of the sandbox. Times come from the clock only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._apps: dict[str, App] = {}
        self._numbers: Counter[str] = Counter()
        self._said: Counter[tuple[str, str, str]] = Counter()
        self.sent: list[Sent] = []

    def configure(self, values: Mapping[str, Any]) -> App:
        """Create or change an application."""
        app = self._apps.setdefault(values["client_key"], App(values["client_key"]))
        for name in ("client_secret", "open_id", "callback_url", "nickname"):
            setattr(app, name, values.get(name, getattr(app, name)))
        app.is_authorised = True
        return app

    def app(self, client_key: str | None) -> App:
        """An application; the only one when no key is given."""
        if client_key is None and len(self._apps) == 1:
            return next(iter(self._apps.values()))
        app = self._apps.get(client_key or "")
        if app is None:
            raise Fault(10003, "client_key 错误")
        return app

    def app_of_token(self, token: str, kind: str) -> App:
        """The application a token belongs to; a Fault when it is unknown, ended or of another
        kind."""
        for app in self._apps.values():
            known = app.tokens.get(token)
            if known is None:
                continue
            if known[1] <= self._clock.now():
                raise Fault(28001008, "access_token 过期, 请刷新或重新授权")
            if known[0] != kind:
                raise Fault(28001014, "应用未获得该能力")
            return app
        raise Fault(28001003 if not token else 2190002, "access_token 无效")

    def issue(self, app: App, kind: str, seconds: int) -> str:
        token = f"{kind}.{self.next_id('token')}.{_hash(app.client_key, str(len(app.tokens)))}"
        app.tokens[token] = (kind, self._clock.now() + timedelta(seconds=seconds))
        return token

    def issue_refresh(self, app: App, seconds: int, token: str = "") -> str:
        token = token or f"rft.{self.next_id('refresh')}.{_hash(app.client_key, 'refresh')}"
        app.refresh_tokens[token] = self._clock.now() + timedelta(seconds=seconds)
        return token

    def person(self, app: App, key: str, name: str) -> Person:
        """The person of the simulator's key, known from now on."""
        open_id = f"_000{_hash(app.client_key, key)}"
        found = app.people.get(open_id)
        if found is None:
            conversation = f"@{_hash('conversation', open_id)}"
            found = app.people[open_id] = Person(open_id, name, conversation)
        return found

    def conversation(self, person: Person, kind: str) -> dict[str, Any]:
        """The content fields every event of a conversation has."""
        return {
            "conversation_short_id": person.conversation_id,
            "server_message_id": self.next_id("message"),
            "conversation_type": 1,
            "create_time": to_ms(self._clock.now()),
            "message_type": kind,
            "user_infos": [{"open_id": person.open_id, "nick_name": person.name, "avatar": ""}],
        }

    def receive(self, person: Person, kind: str) -> dict[str, Any]:
        """The customer writes: a new window with a fresh count."""
        content = self.conversation(person, kind)
        person.wrote_at = self._clock.now()
        person.replies = 0
        person.message_ids.append(content["server_message_id"])
        self._numbers["received"] += 1
        return content

    def send(self, app: App, body: Mapping[str, Any]) -> Sent:
        """A reply of the brand, by Douyin's rules; a Fault when they forbid it."""
        person = app.people.get(body["to_user_id"])
        if person is None or body["conversation_id"] != person.conversation_id:
            raise Fault(28003082, "会话与接收用户不匹配")
        if body["msg_id"] not in person.message_ids:
            raise Fault(28003082, "msg_id 不属于该会话")
        text = self._text(body)
        if person.wrote_at is None or self._clock.now() - person.wrote_at > WINDOW:
            raise Fault(28003080, "超过用户最后一次发消息 24 小时")
        if person.replies >= WINDOW_LIMIT:
            raise Fault(28003081, "超过可回复条数上限")
        person.replies += 1
        self._said[person.open_id, body["msg_id"], text] += 1
        sent = Sent(
            len(self.sent),
            person.open_id,
            text,
            self.next_id("message"),
            person.conversation_id,
            to_ms(self._clock.now()),
        )
        self.sent.append(sent)
        return sent

    def next_id(self, kind: str) -> str:
        self._numbers[kind] += 1
        return f"7{self._numbers[kind]:018d}"

    def totals(self) -> dict[str, int]:
        people = [person for app in self._apps.values() for person in app.people.values()]
        return {
            "people": len(people),
            "followers": sum(person.followed_at is not None for person in people),
            "received": self._numbers["received"],
            "messages": len(self.sent),
            "duplicates": sum(count - 1 for count in self._said.values()),
        }

    def _text(self, body: Mapping[str, Any]) -> str:
        if body["scene"] not in {"im_reply_msg", "im_enter_direct_msg"}:
            raise Fault(28001007, "scene 不合法")
        content = body["content"]
        if content["msg_type"] != 1:
            raise Fault(28001007, "沙箱只接受文本消息")
        text = str(content["text"]["text"])
        if not text or len(text) > MAX_CHARS or "http://" in text or "https://" in text:
            raise Fault(28001038, "内容过长或包含外部链接")
        return text


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=16).hexdigest()
