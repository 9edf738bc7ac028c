"""Which customers of a member of staff a take-over may be about: a list to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from siyu.core.access import Actor, require
from siyu.guides.org_queries import require_staff
from siyu.guides.transfers import LISTED, blocked_customers
from siyu.kernel.clock import SHANGHAI
from siyu.pool import queries as pool
from siyu.pool.friends import friends_of_staff, friends_since
from siyu.pool.listing import filtered_customers, tags_of
from siyu.pool.types import CustomerFilter


@dataclass(frozen=True)
class Candidate:
    """A friend of the giver. tags: names; since: None = nobody knows; blocked: why he may not be
    moved, "" when he may."""

    customer_id: int
    name: str
    tags: tuple[str, ...]
    since: datetime | None
    blocked: str


@dataclass(frozen=True)
class Candidates:
    """ids: of all who were asked for; items: the first `LISTED` of them, the oldest friends."""

    ids: list[int]
    items: list[Candidate]


@dataclass(frozen=True)
class Choice:
    """Whom the list is narrowed to. q: see `CustomerFilter`, found anywhere in the name; start,
    end: when they became friends, from and before."""

    q: str = ""
    tag_id: int | None = None
    segment_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


def choice_of(*, start: date | None = None, end: date | None = None, **wanted: Any) -> Choice:
    """The choice of a request; start, end: days in Shanghai, included."""
    after = end + timedelta(days=1) if end else None
    return Choice(start=_midnight(start), end=_midnight(after), **wanted)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), SHANGHAI) if day else None


def list_candidates(
    actor: Actor, giver: tuple[str, str], choice: Choice, *, now: datetime
) -> Candidates:
    """The giver's friends whom the choice leaves, those who may not be moved with the reason."""
    require(actor, "transfer:write")
    row = require_staff(actor, giver)
    who = (row.account, row.staff)
    since = friends_since(*who, choice.start, choice.end)
    filters = CustomerFilter(
        q=choice.q, tag_id=choice.tag_id, segment_id=choice.segment_id, friends_of=who
    )
    left = set(filtered_customers(actor, filters).values_list("pk", flat=True)) & since.keys()
    remotes: dict[int, str] = {}
    for remote, customer, _ in friends_of_staff(*who):
        if customer in left:
            remotes.setdefault(customer, remote)
    shown = list(remotes)[:LISTED]
    blocked = blocked_customers(row, [remotes[one] for one in shown], now)
    names, tags = pool.names_of(shown), tags_of(shown)
    items = [
        Candidate(
            customer_id=one,
            name=names.get(one, ""),
            tags=tuple(tag.name for tag in tags.get(one, ())),
            since=since[one],
            blocked=blocked.get(remotes[one], ""),
        )
        for one in shown
    ]
    return Candidates(list(remotes), items)
