"""Which code brought whom: friend facts of a batch → rows of CodeAdd. Set-based."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.growth.models import CodeAdd, LiveCode
from siyu.kernel.clock import from_ms
from siyu.pool.friends import losses_of
from siyu.ports import facts

Ends = Mapping[tuple[int, str, str], Sequence[datetime]]
"""When friendships ended: by identity, account and staff, the earliest first."""
Span = tuple[int, int, str, int]
"""Identity, code, staff, and how many losses went before."""
MARK = "."
"""What follows it in a state is a detail of ours: `c12ab.shelf7` is code `c12ab`."""


@dataclass(frozen=True)
class Arrival:
    """A customer who came through a code. is_event: told by an event, not found by a pull."""

    seen: Seen
    code: LiveCode
    customer_id: int
    identity_id: int

    @property
    def is_event(self) -> bool:
        return self.seen.fact.name == facts.FRIEND_ADDED

    @property
    def added_at(self) -> datetime:
        """When the friendship began: told by a pull, else the event's own time."""
        told = self.seen.fact.properties.get("added_at")
        return from_ms(told if isinstance(told, int) and told else self.seen.fact.at)


def find_arrivals(batch: Batch) -> list[Arrival]:
    """The friend facts of the batch that carry the state of one of our codes."""
    told = [
        seen
        for seen in batch.named(facts.FRIEND_ADDED, facts.FRIEND_SYNCED)
        if seen.customer_id is not None and seen.fact.properties.get("state")
    ]
    if not told:
        return []
    states = {state_of(str(seen.fact.properties["state"])) for seen in told}
    codes = {code.state: code for code in LiveCode.objects.filter(state__in=states)}
    return [arrival for seen in told for arrival in _arrival(seen, codes)]


def state_of(told: str) -> str:
    """The state of a code without the detail that a link may add."""
    return told.partition(MARK)[0]


def record_additions(batch: Batch, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Keep each addition once, and when it ended; returns the additions not known before.

    Losses part the additions of one customer to one member of staff: whatever is told between
    two of them, by events or pulls and in any order, is one addition. A loss at the same instant
    ends it, as in the pool, whose history of relations is asked.
    """
    lost = batch.named(facts.FRIEND_LOST, facts.FRIEND_REMOVED)
    people = {arrival.identity_id for arrival in arrivals}
    people |= {seen.identity_id for seen in lost if seen.identity_id is not None}
    if not people:
        return []
    ends = losses_of(people)
    known = list(CodeAdd.objects.select_related("code").filter(identity_id__in=people))
    write_rows([row for row in known if _end(row, ends)], ("lost_at",))
    spans = {_span(row, ends) for row in known}
    fresh: dict[Span, tuple[Arrival, CodeAdd]] = {}
    for arrival in arrivals:
        row = _row(arrival)
        _end(row, ends)
        if _span(row, ends) not in spans:
            fresh.setdefault(_span(row, ends), (arrival, row))
    insert_rows([row for _, row in fresh.values()], ignore_conflicts=True)
    return [arrival for arrival, _ in fresh.values()]


def record_spoken(batch: Batch) -> None:
    """Who speaks for the first time since a code brought him: to whom he added, where the platform
    says to whom he speaks, else to the account."""
    spoken: dict[tuple[int, str, str], datetime] = {}
    for seen in batch.named(facts.MESSAGE_RECEIVED, facts.FIRST_SPOKE):
        if seen.customer_id is not None and seen.fact.account:
            key, at = (seen.customer_id, seen.fact.account, seen.fact.staff), from_ms(seen.fact.at)
            spoken[key] = min(at, spoken.get(key, at))
    if not spoken:
        return
    silent = CodeAdd.objects.select_related("code").filter(
        customer_id__in={customer for customer, _, _ in spoken}, spoke_at__isnull=True
    )
    changed = []
    for row in silent:
        heard = [spoken.get((row.customer_id, row.code.account, who)) for who in (row.staff, "")]
        times = [at for at in heard if at is not None and _is_during(row, at)]
        if times:
            row.spoke_at = min(times)
            changed.append(row)
    write_rows(changed, ("spoke_at",))


def _is_during(row: CodeAdd, at: datetime) -> bool:
    return row.added_at <= at and (row.lost_at is None or at <= row.lost_at)


def _arrival(seen: Seen, codes: dict[str, LiveCode]) -> Iterable[Arrival]:
    code = codes.get(state_of(str(seen.fact.properties["state"])))
    if code and code.account == seen.fact.account and seen.customer_id and seen.identity_id:
        yield Arrival(seen, code, seen.customer_id, seen.identity_id)


def _end(row: CodeAdd, ends: Ends) -> bool:
    """Note the first loss after the addition; True when that changed it."""
    losses = ends.get((row.identity_id, row.code.account, row.staff), ())
    later = losses[bisect_left(losses, row.added_at) :][:1]
    if not later or row.lost_at == later[0]:
        return False
    row.lost_at = later[0]
    return True


def _span(row: CodeAdd, ends: Ends) -> Span:
    losses = ends.get((row.identity_id, row.code.account, row.staff), ())
    return (row.identity_id, row.code_id, row.staff, bisect_left(losses, row.added_at))


def _row(arrival: Arrival) -> CodeAdd:
    return CodeAdd(
        customer_id=arrival.customer_id,
        identity_id=arrival.identity_id,
        code=arrival.code,
        staff=arrival.seen.fact.staff,
        added_at=arrival.added_at,
        detail=str(arrival.seen.fact.properties["state"]).partition(MARK)[2][:64],
    )
