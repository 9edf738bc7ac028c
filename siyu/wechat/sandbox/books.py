"""One app's books: people, windows, permits, what was really said. Times come from the clock."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from siyu.kernel.clock import SHANGHAI, Clock, to_ms
from siyu.wechat.sandbox.tokens import Tokens

SENDER_IP = "203.0.113.9"
ALWAYS_NEW = frozenset({"passive", "preview"})
"""Kinds of messages that may say the same twice: answers, and what an editor looks at."""


class Fault(Exception):
    """The platform's refusal of a call."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


@dataclass
class Person:
    """A human as this app knows him or her. left: messages the brand may still say.

    heard: what the brand said since the person last did something.
    """

    openid: str
    unionid: str
    name: str = ""
    followed_at: datetime | None = None
    scene: str = ""
    follow_scene: str = ""
    tags: list[int] = field(default_factory=list)
    window_until: datetime | None = None
    left: int = 0
    permits: Counter[str] = field(default_factory=Counter)
    refuses: bool = False
    mass: Counter[str] = field(default_factory=Counter)
    heard: set[tuple[str, str]] = field(default_factory=set)


class Said(msgspec.Struct, frozen=True):
    """One message that a person really received. kind: passive, custom, template, notice, mass,
    preview."""

    n: int
    openid: str
    kind: str
    text: str
    at_ms: int


@dataclass
class Knobs:
    """per_minute, per_day: calls of one path before 45011, 45009. clears_per_month: of the day's
    counts by clear_quota before 48006. is_union_bound: unionids are told."""

    per_minute: int = 5000
    per_day: int = 10_000_000
    clears_per_month: int = 10
    is_union_bound: bool = True
    blocked_ip: str = ""


@dataclass
class App:
    """One app with everything the platform knows of it."""

    appid: str
    secret: str = ""
    token: str = ""
    aes_key: str = ""
    callback_url: str = ""
    original_id: str = ""
    kind: str = "service"
    body_format: str = "xml"
    tokens: Tokens = field(default_factory=Tokens)
    people: dict[str, Person] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)
    days: Counter[tuple[str, str]] = field(default_factory=Counter)
    clears: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    said: list[Said] = field(default_factory=list)
    codes: dict[str, tuple[str, datetime, str]] = field(default_factory=dict)
    spent_codes: set[str] = field(default_factory=set)
    knobs: Knobs = field(default_factory=Knobs)
    store: dict[str, Any] = field(default_factory=dict)


class Books:
    """What all apps of one sandbox have in common."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.apps: dict[str, App] = {}
        self.current = ""
        self._numbers: Counter[str] = Counter()

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> str:
        """The day in Shanghai, by which the platform counts calls."""
        return self.now().astimezone(SHANGHAI).date().isoformat()

    def next_id(self, kind: str) -> int:
        """The next number of a kind, as the platform numbers messages."""
        self._numbers[kind] += 1
        return 24_000_000_000 + self._numbers[kind]

    def person(self, app: App, unionid: str, name: str = "") -> Person:
        """The human of a unionid, with the openid he or she has in this app."""
        openid = f"o{hashed(app.appid, unionid)[:27]}"
        found = app.people.get(openid)
        if found is None:
            found = app.people[openid] = Person(openid, unionid)
        found.name = name or found.name
        return found

    def known(self, app: App, openid: str) -> Person:
        """Somebody of this app; Fault 40003 when the openid is nobody's."""
        found = app.people.get(openid)
        if found is None:
            raise Fault(40003, "invalid openid")
        return found

    def open_window(self, person: Person, seconds: float, limit: int) -> None:
        """The newest trigger counts: its time and its number replace those before."""
        person.window_until = self.now() + timedelta(seconds=seconds)
        person.left = limit
        person.heard.clear()

    def spend_window(self, person: Person) -> None:
        """One customer-service message; Fault when the window is shut or used up."""
        if person.refuses:
            raise Fault(48002, "user refuse to accept the msg")
        if person.window_until is None or person.window_until <= self.now():
            raise Fault(45015, "response out of time limit or subscription is canceled")
        if person.left < 1:
            raise Fault(45047, "out of response count limit")
        person.left -= 1

    def grant(self, person: Person, template: str) -> None:
        """The person allows one more notice."""
        person.permits[template] += 1
        person.heard.clear()

    def spend_permit(self, person: Person, template: str) -> None:
        """One consent; Fault 43101 when none is left."""
        if person.permits[template] < 1:
            raise Fault(43101, "user refuse to accept the msg")
        person.permits[template] -= 1

    def say(self, app: App, person: Person, kind: str, text: str) -> None:
        """Write down that a person received something.

        The same words of one kind twice, and nothing done by the person in between, are a repeat;
        passive replies answer one message each.
        """
        if (kind, text) in person.heard and kind not in ALWAYS_NEW:
            app.counts["repeated"] += 1
        person.heard.add((kind, text))
        app.said.append(Said(len(app.said), person.openid, kind, text, to_ms(self.now())))
        app.counts[f"{kind}_messages"] += 1

    def issue_code(self, app: App, openid: str, kind: str) -> str:
        """A one-time code, good for five minutes."""
        code = hashed(app.appid, openid, kind, str(self.next_id("code")))[:32]
        app.codes[code] = (openid, self.now() + timedelta(minutes=5), kind)
        return code

    def spend_code(self, app: App, code: str, kind: str) -> Person:
        """Whose code it is; Fault when unknown, spent or too old."""
        if code in app.spent_codes:
            raise Fault(40163, "code been used")
        openid, ends_at, of_kind = app.codes.pop(code, ("", None, ""))
        if not openid or ends_at is None or of_kind != kind or ends_at <= self.now():
            raise Fault(40029, "invalid code")
        app.spent_codes.add(code)
        return app.people[openid]

    def totals(self) -> dict[str, int]:
        """The counters of all apps added up."""
        total: Counter[str] = Counter()
        for app in self.apps.values():
            total.update(app.counts)
            total["calls"] += app.calls.total()
            total["people"] += len(app.people)
            total["followers"] += sum(one.followed_at is not None for one in app.people.values())
            total["messages"] += len(app.said)
            total["duplicates"] += app.counts.get("repeated", 0)
        return dict(total)


def hashed(*parts: str) -> str:
    """A stable text of letters and digits for some words."""
    return hashlib.blake2b("\x00".join(parts).encode(), digest_size=20).hexdigest()
