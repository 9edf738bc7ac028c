"""What groups hands out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class GroupFilter:
    """What to list; "" and None = any. text: part of the name."""

    account: str = ""
    owner: str = ""
    text: str = ""
    label: str = ""
    is_dismissed: bool | None = False


@dataclass(frozen=True, kw_only=True)
class GroupView:
    """A group. members: all; customers: known customers of the pool; outsiders: neither staff
    nor known. joined_today, left_today: since midnight in Shanghai, staff left out."""

    id: int
    account: str
    platform: str
    remote_id: str
    name: str
    owner: str
    notice: str
    admins: list[str]
    labels: list[str]
    created_at: datetime | None
    dismissed_at: datetime | None
    read_at: datetime | None
    members: int
    staff: int
    customers: int
    outsiders: int
    joined_today: int = 0
    left_today: int = 0
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupRef:
    """What is needed to send to a group or lead into it. members: as last read."""

    id: int
    account: str
    remote_id: str
    name: str
    owner: str
    members: int
    is_dismissed: bool


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """One stay. kind: `staff`, `customer` or `outsider`. invitor: remote id or ""."""

    id: int
    kind: str
    remote_id: str
    customer_id: int | None
    name: str
    joined_at: datetime
    join_kind: str
    state: str
    invitor: str
    left_at: datetime | None
    leave_kind: str


@dataclass(frozen=True, kw_only=True)
class DayView:
    """One day in Shanghai. members: at its end, staff left out."""

    day: date
    joined: int
    left: int
    members: int


@dataclass(frozen=True, kw_only=True)
class OwnerDayView:
    """The platform's count of one owner's groups; None where it does not tell."""

    day: date
    owner: str
    groups: int
    new_groups: int
    members: int
    new_members: int
    speakers: int | None
    messages: int | None


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """Somebody in several groups at once. groups: (group id, name, owner)."""

    remote_id: str
    customer_id: int | None
    name: str
    account: str
    groups: list[tuple[int, str, str]]


@dataclass(frozen=True, kw_only=True)
class WelcomeView:
    id: int
    account: str
    name: str
    text: str
    attachment: dict[str, str] | None
    owners: list[str]
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CodeCount:
    """How many a group code brought: joined by day, of them left since."""

    day: date
    joined: int
    left: int


@dataclass(frozen=True, kw_only=True)
class GroupCodeView:
    """A group code. groups: its candidates in order; shown: ids of those it leads to now.

    limit: members at which a group counts as full. is_full: no candidate has room and the
    platform makes none. joined, present: people who came by it, and those still there.
    """

    id: int
    account: str
    name: str
    slug: str
    state: str
    url: str
    page_path: str
    groups: list[GroupRef]
    shown: list[int]
    is_growing: bool
    base_name: str
    next_number: int
    capacity: int
    limit: int
    is_full: bool
    title: str
    text: str
    views: int
    joined: int
    present: int
    error: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class KeywordEntry:
    keywords: list[str]
    code_id: int
    title: str
    asked: int = 0


@dataclass(frozen=True, kw_only=True)
class KeywordPageView:
    """missed: how often customers asked for words that no entry has."""

    id: int
    name: str
    slug: str
    title: str
    text: str
    page_path: str
    entries: list[KeywordEntry]
    is_active: bool
    asked: int
    missed: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationView:
    """sent: delivered or ticked off; joined: of the invited, in a group of the code since."""

    id: int
    name: str
    way: str
    code_id: int
    code_name: str
    segment_id: int | None
    tag_id: int | None
    text: str
    total: int
    sent: int
    joined: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class InviteeView:
    """state: of the message, or `todo` / `done`."""

    id: int
    customer_id: int
    name: str
    staff: str
    state: str
    is_joined: bool
