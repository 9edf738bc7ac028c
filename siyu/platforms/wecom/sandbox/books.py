"""What the platform knows: corps, staff, people, relations, codes, tags, messages."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.platforms.wecom.sandbox.community_books import Community
from siyu.platforms.wecom.sandbox.desk_books import Desks
from siyu.platforms.wecom.sandbox.moment_books import MomentBook
from siyu.platforms.wecom.sandbox.staff_books import Work

TOKEN_LIFE = timedelta(seconds=7200)
WELCOME_LIFE = timedelta(seconds=20)
SENDER_IP = "203.0.113.9"


class Fault(Exception):
    """An errcode of the platform."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text


@dataclass(slots=True)
class Person:
    """A WeChat user; `external_userid` is stable inside one corp."""

    external_userid: str
    unionid: str
    name: str
    gender: int = 0
    avatar: str = ""


@dataclass
class Department:
    id: int
    name: str
    parentid: int
    order: int = 0


@dataclass
class Member:
    """What the directory says of a member of staff beside the name.

    status: 1 active, 2 disabled, 4 not activated, 5 left.
    """

    department: list[int] = field(default_factory=lambda: [1])
    position: str = ""
    status: int = 1


@dataclass(slots=True)
class Relation:
    """A friendship of one member of staff and one person. Lost ones are kept, and shown only when
    the customer left (`is_left`) and `Knobs.shows_left` says so."""

    userid: str
    external_userid: str
    created_at: int
    add_way: int
    state: str = ""
    remark: str = ""
    description: str = ""
    remark_mobiles: list[str] = field(default_factory=list)
    remark_company: str = ""
    tag_ids: list[str] = field(default_factory=list)
    is_friend: bool = True
    has_chatted: bool = False
    is_left: bool = False


@dataclass
class ContactWay:
    """A code. kind: 1 one member of staff, 2 several; is_temporary: for one WeChat user, with an
    end and words at the end of the chat (`conclusions`)."""

    config_id: str
    state: str
    users: list[str]
    remark: str
    skip_verify: bool
    created_at: int
    departments: list[int] = field(default_factory=list)
    is_exclusive: bool = False
    kind: int = 2
    scene: int = 2
    is_temporary: bool = False
    ends_at: int = 0
    unionid: str = ""
    conclusions: dict[str, Any] = field(default_factory=dict)
    updates: int = 0


@dataclass
class Link:
    """An acquisition link."""

    link_id: str
    name: str
    users: list[str]
    departments: list[int]
    skip_verify: bool
    created_at: int
    priority: dict[str, Any] = field(default_factory=dict)
    clicks: list[int] = field(default_factory=list)
    customers: dict[tuple[str, str], LinkCustomer] = field(default_factory=dict)


@dataclass
class LinkCustomer:
    state: str
    added_at: int
    has_spoken: bool = False


@dataclass
class Media:
    """A temporary file; gone at ends_at. is_for_moments: messages cannot carry it, and moments
    carry nothing else."""

    media_id: str
    kind: str
    name: str
    size: int
    ends_at: int
    is_for_moments: bool = False


@dataclass
class TagGroup:
    group_id: str
    name: str
    created_at: int
    tags: dict[str, str] = field(default_factory=dict)
    by_app: set[str] = field(default_factory=set)
    """Ids of those, the group's own among them, that an app made and may edit."""


@dataclass
class WelcomeCode:
    userid: str
    external_userid: str
    ends_at: datetime
    is_used: bool = False


@dataclass
class SendTask:
    """A mass message. recipients: staff → customers or groups. results: (staff, recipient) →
    (status, s). creator: "app", or the member of staff who made it in the client."""

    msgid: str
    created_at: int
    content: dict[str, Any]
    recipients: dict[str, list[str]]
    confirmed: dict[str, int] = field(default_factory=dict)
    results: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    reminders: list[datetime] = field(default_factory=list)
    is_for_groups: bool = False
    creator: str = "app"

    @property
    def text(self) -> str:
        return str((self.content.get("text") or {}).get("content", ""))


@dataclass
class Received:
    """A message that reached a customer's phone. waited_ms: of a welcome, since its callback."""

    number: int
    external_userid: str
    userid: str
    kind: str
    msgid: str
    text: str
    at: int
    attachments: list[str] = field(default_factory=list)
    waited_ms: int = 0


@dataclass
class Knobs:
    """How the platform behaves. month_quota 0 = days of the month. max_ways: contact
    ways a corp may have. per_minute: calls of one API.

    blocked_ip: "" or the caller's address that is not trusted. visible: None = all staff.
    is_permitted: ticked under "apps that may call the API". is_directory_open: departments are
    in the app's range. refuse: an errcode every call gets, 0 = none. shows_left: lists name
    customers who deleted the member of staff; whether the platform's do is unconfirmed.
    """

    month_quota: int = 0
    max_ways: int = 500_000
    per_minute: int = 10_000
    has_empty_pages: bool = False
    is_developer_bound: bool = True
    blocked_ip: str = ""
    is_permitted: bool = True
    is_directory_open: bool = True
    refuse: int = 0
    shows_left: bool = False
    visible: set[str] | None = None


@dataclass(frozen=True)
class App:
    """The self-built app of a corp and where its callbacks go ("" = nowhere)."""

    secret: str
    token: str
    aes_key: str
    agent_id: str = "1000002"
    callback_url: str = ""


@dataclass
class Corp:
    """One enterprise."""

    corp_id: str
    app: App
    knobs: Knobs = field(default_factory=Knobs)
    staff: dict[str, str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    departments: dict[int, Department] = field(
        default_factory=lambda: {1: Department(1, "总部", 0)}
    )
    people: dict[str, Person] = field(default_factory=dict)
    relations: dict[str, dict[str, Relation]] = field(default_factory=dict)
    ways: dict[str, ContactWay] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    link_balance: int = 1000
    link_used: int = 0
    media: dict[str, Media] = field(default_factory=dict)
    groups: dict[str, TagGroup] = field(default_factory=dict)
    welcomes: dict[str, WelcomeCode] = field(default_factory=dict)
    tasks: dict[str, SendTask] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    monthly: Counter[tuple[str, str]] = field(default_factory=Counter)
    reminded: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    texts: set[tuple[object, ...]] = field(default_factory=set)
    rates: dict[str, tuple[int, int]] = field(default_factory=dict)
    community: Community = field(default_factory=Community)
    desks: Desks = field(default_factory=Desks)
    moments: MomentBook = field(default_factory=MomentBook)
    work: Work = field(default_factory=Work)
    access_token: str = ""
    token_ends_at: datetime | None = None
    expired_tokens: set[str] = field(default_factory=set)
    serial: int = 0

    def next_id(self, prefix: str) -> str:
        """A new opaque id."""
        self.serial += 1
        mark = hashlib.sha256(f"{self.corp_id}/{prefix}/{self.serial}".encode()).hexdigest()
        return f"{prefix}{mark[:24]}"

    def external_id(self, unionid: str) -> str:
        """The customer id this corp sees for a WeChat user."""
        return "wm" + hashlib.sha256(f"{self.corp_id}/{unionid}".encode()).hexdigest()[:30]

    def find_relation(self, userid: str, external_userid: str) -> Relation | None:
        """The living relation, or None."""
        relation = self.relations.get(userid, {}).get(external_userid)
        return relation if relation is not None and relation.is_friend else None

    def friends_of(self, external_userid: str) -> list[Relation]:
        """Living relations of one person, the newest last."""
        found = [
            relation
            for by_customer in self.relations.values()
            if (relation := by_customer.get(external_userid)) and relation.is_friend
        ]
        return sorted(found, key=lambda relation: relation.created_at)

    def listed_of(self, external_userid: str) -> list[Relation]:
        """Relations of one person that lists name, the newest last."""
        found = [by.get(external_userid) for by in self.relations.values()]
        listed = [one for one in found if one is not None and self.is_listed(one)]
        return sorted(listed, key=lambda relation: relation.created_at)

    def is_listed(self, relation: Relation) -> bool:
        """Whether lists of customers name a relation."""
        return relation.is_friend or (relation.is_left and self.knobs.shows_left)

    def note_text(self, counter: str, key: tuple[object, ...]) -> None:
        """Count a text that was there before."""
        self.counts[counter] += (counter, *key) in self.texts
        self.texts.add((counter, *key))

    def member(self, userid: str) -> Member:
        """The directory's entry; one in the root department when nothing else was said."""
        return self.members.setdefault(userid, Member())

    def is_visible(self, userid: str) -> bool:
        """Whether the app may see a member of staff."""
        return userid in self.staff and (self.knobs.visible is None or userid in self.knobs.visible)

    def drop_unknown_tags(self) -> None:
        """Take tags that were deleted off every relation."""
        known = self.tag_names()
        for by_customer in self.relations.values():
            for relation in by_customer.values():
                relation.tag_ids = [one for one in relation.tag_ids if one in known]

    def tag_names(self) -> dict[str, tuple[str, str]]:
        """Tag id → (group, name)."""
        return {
            tag_id: (group.name, name)
            for group in self.groups.values()
            for tag_id, name in group.tags.items()
        }


def month_of(now: datetime) -> str:
    """The natural month in China, `2026-11`."""
    return now.astimezone(SHANGHAI).strftime("%Y-%m")


def days_in_month(now: datetime) -> int:
    """Days of the natural month in China."""
    local = now.astimezone(SHANGHAI)
    following = (local.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (following - timedelta(days=1)).day
