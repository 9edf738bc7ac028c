"""Which code brought whom: friend facts of a batch → rows of CodeAdd. Set-based."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.growth.models import CodeAdd, LiveCode
from siyu.kernel.clock import from_ms
from siyu.ports import facts

Key = tuple[int, int, str]
"""Customer, code, staff."""
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

    @property
    def key(self) -> Key:
        return (self.customer_id, self.code.pk, self.seen.fact.staff)


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


def record_arrivals(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Keep each customer once per code and staff; returns those not known before.

    An addition after a loss makes the old row a friend again.
    """
    rows = _rows(arrivals)
    fresh: dict[Key, Arrival] = {}
    changed: dict[int, CodeAdd] = {}
    for arrival in arrivals:
        row = rows.get(arrival.key)
        if row is None:
            fresh.setdefault(arrival.key, arrival)
        elif row.lost_at and arrival.is_event and row.lost_at <= from_ms(arrival.seen.fact.at):
            row.lost_at = None
            changed[row.pk] = row
    write_rows(list(changed.values()), ("lost_at",))
    insert_rows([_row(arrival) for arrival in fresh.values()], ignore_conflicts=True)
    return list(fresh.values())


def record_losses(batch: Batch) -> None:
    """A friendship that ended ends the additions it came from, unless they are newer."""
    lost = batch.named(facts.FRIEND_LOST, facts.FRIEND_REMOVED)
    ends = {
        (seen.customer_id, seen.fact.account, seen.fact.staff): seen.fact.at
        for seen in lost
        if seen.customer_id is not None
    }
    if not ends:
        return
    changed = []
    for row in _open_rows({customer for customer, _, _ in ends if customer}, "lost_at"):
        end = ends.get((row.customer_id, row.code.account, row.staff))
        if end is not None and from_ms(end) >= row.added_at:
            row.lost_at = from_ms(end)
            changed.append(row)
    write_rows(changed, ("lost_at",))


def record_spoken(batch: Batch) -> None:
    """Who speaks to an account for the first time since a code brought him there."""
    spoken: dict[tuple[int, str], int] = {}
    for seen in batch.named(facts.MESSAGE_RECEIVED, facts.FIRST_SPOKE):
        if seen.customer_id is not None and seen.fact.account:
            key = (seen.customer_id, seen.fact.account)
            spoken[key] = min(seen.fact.at, spoken.get(key, seen.fact.at))
    if not spoken:
        return
    changed = []
    for row in _open_rows({customer for customer, _ in spoken}, "spoke_at"):
        at = spoken.get((row.customer_id, row.code.account))
        if at is not None and from_ms(at) >= row.added_at:
            row.spoke_at = from_ms(at)
            changed.append(row)
    write_rows(changed, ("spoke_at",))


def _open_rows(customers: Iterable[int], field: str) -> Iterable[CodeAdd]:
    found = CodeAdd.objects.select_related("code").filter(customer_id__in=list(customers))
    return found.filter(**{f"{field}__isnull": True})


def _arrival(seen: Seen, codes: dict[str, LiveCode]) -> Iterable[Arrival]:
    code = codes.get(state_of(str(seen.fact.properties["state"])))
    if code and code.account == seen.fact.account and seen.customer_id and seen.identity_id:
        yield Arrival(seen, code, seen.customer_id, seen.identity_id)


def _rows(arrivals: Sequence[Arrival]) -> dict[Key, CodeAdd]:
    if not arrivals:
        return {}
    found = CodeAdd.objects.filter(
        Q(customer_id__in={arrival.customer_id for arrival in arrivals}),
        Q(code_id__in={arrival.code.pk for arrival in arrivals}),
    )
    return {(row.customer_id, row.code_id, row.staff): row for row in found}


def _row(arrival: Arrival) -> CodeAdd:
    return CodeAdd(
        customer_id=arrival.customer_id,
        identity_id=arrival.identity_id,
        code=arrival.code,
        staff=arrival.seen.fact.staff,
        added_at=arrival.added_at,
        detail=str(arrival.seen.fact.properties["state"]).partition(MARK)[2][:64],
    )
