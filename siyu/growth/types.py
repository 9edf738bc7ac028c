"""What growth hands out, and how codes are arranged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from siyu.pool.types import TagRow

ALL_WEEK = (1, 2, 3, 4, 5, 6, 7)
DAY_MINUTES = 24 * 60
Rotation = Literal["random", "round_robin", "least_loaded"]
Acceptance = Literal["always", "never", "slots"]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time that comes again each week, in Shanghai.

    weekdays: 1 Monday … 7 Sunday. start, end: minutes after midnight; an end before the start is
    the next morning's, and belongs to the day on which it began.
    """

    weekdays: tuple[int, ...] = ALL_WEEK
    start: int = 0
    end: int = DAY_MINUTES


@dataclass(frozen=True, kw_only=True)
class Shift(Slot):
    """Who receives customers at a weekly time."""

    staff: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Special(Shift):
    """Who receives customers on special days, `first` to `last`; goes before all shifts."""

    first: date
    last: date


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Who receives a code's customers, when, and how many.

    staff, departments: at times no shift and no special day covers. backups: when nobody else is
    there or everybody is full. caps: new customers a day through this code for one member of
    staff; cap: for all others, None = no limit. is_exclusive: a known customer keeps his guide.
    """

    staff: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    specials: tuple[Special, ...] = ()
    backups: tuple[str, ...] = ()
    caps: Mapping[str, int] = field(default_factory=dict)
    cap: int | None = None
    rotation: Rotation = "random"
    is_exclusive: bool = False
    acceptance: Acceptance = "always"
    accept_slots: tuple[Slot, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Books:
    """What the rule needs to know besides the plan. loads: customers today by staff; last: who
    got the newest one."""

    loads: Mapping[str, int] = field(default_factory=dict)
    away: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    last: str = ""


@dataclass(frozen=True, kw_only=True)
class OnDuty:
    """Who is on duty. why: `special`, `shift`, `base`, `backup`, or `overflow` when everybody is
    away or full and somebody must receive nevertheless."""

    staff: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    why: str = "base"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the platform should do with a code now."""

    name: str
    staff: tuple[str, ...]
    departments: tuple[str, ...]
    is_accepted: bool
    is_exclusive: bool


Attachment = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Words:
    """A welcome: Liquid text and attachments as people write them (materials.queries.attach)."""

    text: str = ""
    attachments: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class TimedWords(Slot, Words):
    """A welcome for a weekly time."""


@dataclass(frozen=True, kw_only=True)
class Says(Words):
    """A welcome with other words at certain times; the first that fits is said."""

    times: tuple[TimedWords, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """A member of staff as other rooms know him. departments: his own, then those above, the
    nearest first."""

    name: str = ""
    is_active: bool = True
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StorePlace:
    """A store on the map. staff: (account, remote id)."""

    id: int
    code: str
    name: str
    city: str
    address: str = ""
    hours: str = ""
    lat: float | None = None
    lng: float | None = None
    staff: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ForeignCodeView:
    """A code that was not made here. name: the note of whoever made it."""

    id: int
    account: str
    name: str
    state: str
    staff: list[str]
    departments: list[str]
    picture_url: str
    is_accepted: bool
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class LiveCodeView:
    """A live code with its counters. added_today: since midnight in Shanghai; lost: of those
    added, no longer friends. on_duty: what the platform was told last."""

    id: int
    kind: str
    name: str
    platform: str
    account: str
    channel: str
    group_id: int | None
    group: str
    state: str
    url: str
    staff: list[str]
    departments: list[str]
    plan: Plan
    on_duty: list[str]
    on_duty_departments: list[str]
    is_accepting: bool
    error: str
    is_gone: bool
    tags: list[TagRow]
    remark: str
    description: str
    welcome_text: str
    says: Says
    blocked_names: list[str]
    slug: str
    page: dict[str, str]
    is_active: bool
    is_archived: bool
    created_at: datetime
    added: int = 0
    added_today: int = 0
    lost: int = 0
    spoke: int = 0


@dataclass(frozen=True, kw_only=True)
class CodeDay:
    """One day (or code, or member of staff) of one code or several. name: of the code or member
    of staff, "" where unknown. kept_1, kept_7, kept_30: of those added then, still friends after
    so many days; due_*: of how many one can tell yet."""

    key: str
    name: str = ""
    added: int = 0
    lost: int = 0
    spoke: int = 0
    kept_1: int = 0
    due_1: int = 0
    kept_7: int = 0
    due_7: int = 0
    kept_30: int = 0
    due_30: int = 0
    clicks: int = 0
    views: int = 0

    @property
    def net(self) -> int:
        return self.added - self.lost
