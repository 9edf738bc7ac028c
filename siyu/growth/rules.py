"""Who is on duty at a time, what is said to whom, which store is near. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from siyu.growth.types import (
    DAY_MINUTES,
    Books,
    OnDuty,
    Plan,
    Says,
    Shift,
    Slot,
    Special,
    StorePlace,
    Wanted,
    Words,
)
from siyu.kernel.clock import SHANGHAI

EARTH_M = 6_371_000.0
NO_WORDS = Words()


def covers(slot: Slot, at: datetime) -> bool:
    """Whether a weekly time holds at a moment; the start belongs to it, the end does not."""
    local = at.astimezone(SHANGHAI)
    minute, today = local.hour * 60 + local.minute, local.isoweekday()
    if slot.start < slot.end:
        return today in slot.weekdays and slot.start <= minute < slot.end
    yesterday = (today - 2) % 7 + 1
    return (today in slot.weekdays and minute >= slot.start) or (
        yesterday in slot.weekdays and minute < slot.end
    )


def covers_special(special: Special, at: datetime) -> bool:
    """Whether a special day holds; one that ends after midnight belongs to the day it began."""
    if not covers(special, at):
        return False
    local = at.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    is_night = special.end <= special.start and minute < special.end
    day = local.date() - timedelta(days=1) if is_night else local.date()
    return special.first <= day <= special.last


def on_duty(plan: Plan, at: datetime, books: Books) -> OnDuty:
    """Who receives the next customer.

    Special days go before weekly shifts, shifts before the plan's own staff. Who is away, gone
    or full is left out; backups follow when nobody is left; when they too are out, the ones
    planned (else the backups) stay although they are away or full, because a code must have
    somebody. Empty only when the plan names nobody but people who left.
    """
    planned, departments, why = _planned(plan, at)
    ready = _ready(plan, planned, books)
    if ready or departments:
        return OnDuty(
            staff=_rotated(plan, ready, books) if not departments else ready,
            departments=departments,
            why=why,
        )
    backups = _ready(plan, plan.backups, books)
    if backups:
        return OnDuty(staff=_rotated(plan, backups, books), why="backup")
    for people in (planned, plan.backups, _everybody(plan)):
        left = tuple(one for one in dict.fromkeys(people) if one not in books.gone)
        if left:
            return OnDuty(staff=_rotated(plan, left, books), why="overflow")
    return OnDuty(departments=_any_departments(plan), why="overflow")


def wanted(name: str, plan: Plan, at: datetime, books: Books) -> Wanted:
    """What the platform should be told."""
    duty = on_duty(plan, at, books)
    return Wanted(
        name=name,
        staff=duty.staff,
        departments=duty.departments,
        is_accepted=is_accepting(plan, at),
        is_exclusive=plan.is_exclusive,
    )


def is_accepting(plan: Plan, at: datetime) -> bool:
    """Whether friends are accepted without asking."""
    if plan.acceptance == "slots":
        return any(covers(slot, at) for slot in plan.accept_slots)
    return plan.acceptance == "always"


def next_change(plan: Plan, at: datetime) -> datetime:
    """The next moment at which time alone may change what is wanted: an edge of a time of the
    plan, or midnight. Between now and then only additions and absences can."""
    local = at.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    edges = {DAY_MINUTES}
    for slot in (*plan.shifts, *plan.specials, *plan.accept_slots):
        edges |= {slot.start, slot.end}
    later = [edge for edge in edges if midnight + timedelta(minutes=edge) > local]
    return midnight + timedelta(minutes=min(later))


def is_counting(plan: Plan) -> bool:
    """Whether an addition may change who is on duty."""
    return plan.rotation != "random" or plan.cap is not None or bool(plan.caps)


def _planned(plan: Plan, at: datetime) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    specials = [special for special in plan.specials if covers_special(special, at)]
    if specials:
        return *_union(specials), "special"
    shifts = [shift for shift in plan.shifts if covers(shift, at)]
    if shifts:
        return *_union(shifts), "shift"
    return plan.staff, plan.departments, "base"


def _union(shifts: Iterable[Shift]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    listed = list(shifts)
    return (
        tuple(dict.fromkeys(one for shift in listed for one in shift.staff)),
        tuple(dict.fromkeys(one for shift in listed for one in shift.departments)),
    )


def _ready(plan: Plan, people: Iterable[str], books: Books) -> tuple[str, ...]:
    return tuple(
        one
        for one in dict.fromkeys(people)
        if one not in books.gone and one not in books.away and not is_full(plan, one, books)
    )


def is_full(plan: Plan, staff: str, books: Books) -> bool:
    """Whether somebody has had as many customers today as he may."""
    cap = plan.caps.get(staff, plan.cap)
    return cap is not None and books.loads.get(staff, 0) >= cap


def _rotated(plan: Plan, people: tuple[str, ...], books: Books) -> tuple[str, ...]:
    """All of them, of whom the platform takes one by chance, or the one whose turn it is."""
    if plan.rotation == "least_loaded":
        return (min(people, key=lambda one: (books.loads.get(one, 0), people.index(one))),)
    if plan.rotation == "round_robin":
        order = _everybody(plan)
        last = order.index(books.last) if books.last in order else -1
        return (min(people, key=lambda one: (order.index(one) - last - 1) % len(order)),)
    return people


def _everybody(plan: Plan) -> tuple[str, ...]:
    """Everybody the plan names, in the order in which they take turns."""
    shifts = (*plan.shifts, *plan.specials)
    named = [*plan.staff, *(one for shift in shifts for one in shift.staff), *plan.backups]
    return tuple(dict.fromkeys(named))


def _any_departments(plan: Plan) -> tuple[str, ...]:
    shifts = (*plan.shifts, *plan.specials)
    named = [*plan.departments, *(one for shift in shifts for one in shift.departments)]
    return tuple(dict.fromkeys(named))


def choose_words(levels: Iterable[Says | None], at: datetime) -> tuple[int, Words]:
    """The first level that says something at this time, and its number; -1 when none does."""
    for number, says in enumerate(levels):
        if says is None:
            continue
        for timed in says.times:
            if covers(timed, at) and is_said(timed):
                return number, timed
        if is_said(says):
            return number, says
    return -1, NO_WORDS


def is_said(words: Words) -> bool:
    """Whether there is anything to say: a text, or attachments alone."""
    return bool(words.text or words.attachments)


def is_blocked(name: str, patterns: Sequence[str]) -> bool:
    """Whether a nickname holds one of the words for whom there is no welcome."""
    plain = name.casefold()
    return any(pattern.casefold() in plain for pattern in patterns if pattern.strip())


def distance_m(place: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two (latitude, longitude) of one datum, along a great circle."""
    lat1, lng1, lat2, lng2 = map(math.radians, (*place, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def nearest(
    stores: Iterable[StorePlace], place: tuple[float, float], radius_m: float
) -> tuple[StorePlace, float] | None:
    """The nearest store within the radius and how far it is; None when there is none."""
    ranged = [
        (distance_m(place, (store.lat, store.lng)), store.id, store)
        for store in stores
        if store.lat is not None and store.lng is not None
    ]
    best = min(ranged, default=None, key=lambda found: found[:2])
    return (best[2], best[0]) if best and best[0] <= radius_m else None
