"""What facts do to journeys: they let people in, and they end journeys at once.

A goal also silences those who already walked to the end but whose last message still waits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows
from siyu.journeys import rules
from siyu.journeys.leaving import COMPLETED, leave
from siyu.journeys.models import Entry, Journey
from siyu.journeys.types import Definition, EventTrigger, SegmentTrigger
from siyu.journeys.versions import definitions, running
from siyu.kernel.clock import from_ms
from siyu.pool import queries as pool
from siyu.segments.types import MembershipChange

SPEAKS_ON = timedelta(hours=rules.MAX_EXPIRES_HOURS)
"""How long after its end a journey may still have a message waiting."""


@dataclass(frozen=True)
class Arrival:
    """Somebody a trigger lets in, if the re-entry rule agrees."""

    customer_id: int
    identity_id: int | None
    key: str
    at: datetime
    context: Mapping[str, Any]


def hear(batch: Batch) -> None:
    """Stage: entries first, then goals and exits, so that both may come in one batch."""
    journeys = running()
    if not journeys:
        return
    known = definitions(journeys)
    _let_in(batch, journeys, known)
    _end_reached(batch, known)


def hear_membership(changes: Sequence[MembershipChange], now: datetime) -> None:
    """People who just became members of a segment enter its journeys."""
    joined = [change for change in changes if change.is_member]
    if not joined:
        return
    journeys = running()
    known = definitions(journeys)
    for journey, definition in _live(journeys, known):
        trigger = definition.trigger
        if not isinstance(trigger, SegmentTrigger):
            continue
        mine = [change for change in joined if change.segment_id == trigger.segment_id]
        enter(journey, definition, _members(mine), now)


def enter(
    journey: Journey, definition: Definition, arrivals: Sequence[Arrival], now: datetime
) -> None:
    """Let people in by the re-entry rule. Unique keys make repeats harmless."""
    past, active = _history(journey.pk, {arrival.customer_id for arrival in arrivals})
    rows = []
    for arrival in arrivals:
        if definition.re_entry == "never" and past[arrival.customer_id]:
            continue
        if definition.re_entry == "after_exit" and arrival.customer_id in active:
            continue
        rows.append(_entry(journey, definition, arrival, past[arrival.customer_id], now))
    insert_rows(rows, ignore_conflicts=True)


def _let_in(
    batch: Batch, journeys: Mapping[int, Journey], known: Mapping[tuple[int, int], Definition]
) -> None:
    for journey, definition in _live(journeys, known):
        trigger = definition.trigger
        if isinstance(trigger, EventTrigger):
            found = [seen for seen in batch.named(trigger.name) if _fits(seen, trigger, batch.now)]
            if found:
                enter(journey, definition, [_arrival(seen, trigger) for seen in found], batch.now)


def _end_reached(batch: Batch, known: Mapping[tuple[int, int], Definition]) -> None:
    endings = _endings(known)
    by_customer: dict[int, list[Seen]] = defaultdict(list)
    for name in sorted({name for names in endings.values() for name in names}):
        for seen in batch.named(name):
            if seen.customer_id is not None:
                by_customer[seen.customer_id].append(seen)
    if not by_customer:
        return
    journey_ids = {journey_id for journey_id, _ in endings}
    entries = Entry.objects.filter(
        Q(state="active") | Q(exit_reason=COMPLETED, exited_at__gt=batch.now - SPEAKS_ON),
        customer_id__in=by_customer,
        journey_id__in=journey_ids,
    )
    ended: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        reasons = endings.get((entry.journey_id, entry.version), {})
        reason = _first_reason(by_customer[entry.customer_id], reasons, entry.triggered_at)
        if reason is not None:
            ended[reason].append(entry)
    for reason, leaving in ended.items():
        leave(leaving, reason, batch.now)


def _endings(
    known: Mapping[tuple[int, int], Definition],
) -> dict[tuple[int, int], dict[str, str]]:
    """For each version: fact name → exit reason. The goal wins over an exit."""
    found = {}
    for key, definition in known.items():
        reasons = {exit_.name: f"exit:{exit_.name}" for exit_ in definition.exits}
        if definition.goal is not None:
            reasons[definition.goal.name] = "goal"
        if reasons:
            found[key] = reasons
    return found


def _first_reason(
    heard: Iterable[Seen], reasons: Mapping[str, str], triggered_at: datetime
) -> str | None:
    """The reason of the first fact, in time, that ends the entry; older facts do not."""
    fit = [
        seen.fact
        for seen in heard
        if seen.fact.name in reasons and from_ms(seen.fact.at) >= triggered_at
    ]
    return reasons[min(fit, key=lambda fact: fact.at).name] if fit else None


def _live(
    journeys: Mapping[int, Journey], known: Mapping[tuple[int, int], Definition]
) -> list[tuple[Journey, Definition]]:
    return [
        (journey, known[journey.pk, journey.version])
        for journey in journeys.values()
        if journey.state == "live"
    ]


def _fits(seen: Seen, trigger: EventTrigger, now: datetime) -> bool:
    fact = seen.fact
    if seen.customer_id is None:
        return False
    if rules.is_too_late(from_ms(fact.at), now, is_late=fact.is_late):
        return False
    return all(fact.properties.get(name) == value for name, value in trigger.where.items())


def _arrival(seen: Seen, trigger: EventTrigger) -> Arrival:
    fact = seen.fact
    value = fact.properties.get(trigger.key) if trigger.key else None
    assert seen.customer_id is not None
    return Arrival(
        customer_id=seen.customer_id,
        identity_id=seen.identity_id,
        key=f"{fact.source}:{fact.message_id if value is None else value}",
        at=from_ms(fact.at),
        context={"account": fact.account, "staff": fact.staff, "source": fact.source},
    )


def _members(changes: Sequence[MembershipChange]) -> list[Arrival]:
    """A membership has no identity; the entry hangs on the person's first one."""
    identities = pool.identities_of([change.customer_id for change in changes])
    arrivals = []
    for change in changes:
        rows = sorted(identities.get(change.customer_id, []), key=lambda row: row.id)
        arrivals.append(
            Arrival(
                customer_id=change.customer_id,
                identity_id=rows[0].id if rows else None,
                key=f"segment:{change.customer_id}:{change.at.isoformat()}",
                at=change.at,
                context={},
            )
        )
    return arrivals


def _history(journey_id: int, customer_ids: set[int]) -> tuple[Counter[int], set[int]]:
    """How often each was in this journey, and who is in it now."""
    past: Counter[int] = Counter()
    active: set[int] = set()
    rows = Entry.objects.filter(journey_id=journey_id, customer_id__in=customer_ids)
    for customer_id, state in rows.values_list("customer_id", "state"):
        past[customer_id] += 1
        if state == "active":
            active.add(customer_id)
    return past, active


def _entry(
    journey: Journey, definition: Definition, arrival: Arrival, past: int, now: datetime
) -> Entry:
    return Entry(
        journey_id=journey.pk,
        version=journey.version,
        customer_id=arrival.customer_id,
        identity_id=arrival.identity_id,
        entry_key=rules.entry_key(
            definition.re_entry, arrival.customer_id, past=past, key=arrival.key
        ),
        node=definition.start,
        due_at=now,
        triggered_at=arrival.at,
        entered_at=now,
        context=dict(arrival.context),
    )
