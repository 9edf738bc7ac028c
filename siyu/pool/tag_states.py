"""Which tags of a customer show: expired ones and the losers of exclusive groups do not.

A pure function of the rows and the time, whatever the order they came in: of an exclusive group
shows the tag that was put on last (of equal times the younger tag), even when it has expired
since, then none does. Expiry counts from when a tag was last put on; what a platform says stays
as long as the platform says it. Rows are kept, so an unmerge gives back what each one had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.kernel.clock import to_ms
from siyu.pool.models import CustomerTag, Tag
from siyu.pool.rows import among, fetch, listed, ms_of, update_rows
from siyu.pool.types import Move, customers_of

PLATFORM = "platform"
AT_ONCE = 5_000
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Carried:
    """A row of a customer's tags; last: when it was last put on (ms)."""

    id: int
    customer_id: int
    tag_id: int
    is_platform: bool
    last: int
    is_active: bool


@dataclass(frozen=True)
class Policies:
    """days, ends: when tags expire. groups: the exclusive group of each tag of one."""

    days: dict[int, int]
    ends: dict[int, int]
    groups: dict[int, int]

    @property
    def tag_ids(self) -> set[int]:
        return self.days.keys() | self.ends.keys() | self.groups.keys()

    def deadline(self, row: Carried) -> int | None:
        """When a row expires (ms), None when never."""
        if row.is_platform:
            return None
        ends = [self.ends[row.tag_id]] if row.tag_id in self.ends else []
        if row.tag_id in self.days:
            ends.append(row.last + self.days[row.tag_id] * DAY_MS)
        return min(ends, default=None)


def load_policies() -> Policies:
    """The tags that expire or exclude each other."""
    days, ends, groups = {}, {}, {}
    for tag, group, is_exclusive, for_days, until in Tag.objects.values_list(
        "id", "group_id", "group__is_exclusive", "expires_days", "expires_at"
    ):
        if is_exclusive:
            groups[tag] = group
        if for_days is not None:
            days[tag] = for_days
        if until is not None:
            ends[tag] = to_ms(until)
    return Policies(days, ends, groups)


def judge(rows: Collection[Carried], policies: Policies, now: int) -> dict[int, bool]:
    """Whether each row shows at `now` (ms)."""
    winners: dict[tuple[int, int], tuple[int, int]] = {}
    for row in rows:
        group = policies.groups.get(row.tag_id)
        if group is not None:
            place = (row.customer_id, group)
            winners[place] = max(winners.get(place, (0, 0)), (row.last, row.tag_id))
    shows = {}
    for row in rows:
        group = policies.groups.get(row.tag_id)
        wins = group is None or winners[row.customer_id, group][1] == row.tag_id
        deadline = policies.deadline(row)
        shows[row.id] = wins and (deadline is None or now < deadline)
    return shows


def settle(customer_ids: Iterable[int], now: datetime, also: Iterable[int] = ()) -> set[int]:
    """Write which tags of these customers show; the customers for whom that changed.

    also: tags that no longer have a policy and show again.
    """
    policies = load_policies()
    tag_ids = policies.tag_ids | set(also)
    changed: set[int] = set()
    ids = sorted(set(customer_ids)) if tag_ids else []
    for start in range(0, len(ids), AT_ONCE):
        rows = _load(ids[start : start + AT_ONCE], tag_ids)
        shows = judge(rows, policies, to_ms(now))
        news = [row for row in rows if shows[row.id] != row.is_active]
        values: list[tuple[Any, ...]] = [(shows[row.id], row.id) for row in news]
        update_rows(CustomerTag, ("is_active",), "id", values)
        changed.update(row.customer_id for row in news)
    return changed


def on_customers_moved(moves: Sequence[Move], now: datetime) -> None:
    """Tags have followed their identities: settle both sides again."""
    settle(customers_of(moves), now)


def settle_carriers(tag_ids: Iterable[int], *, after: int, now: datetime) -> tuple[int, set[int]]:
    """Settle the next carriers of these tags; (the last one, or 0 at the end; who changed)."""
    tags = list(tag_ids)
    rows = fetch(
        "SELECT DISTINCT customer_id FROM pool_customertag"  # noqa: S608
        f" WHERE {among('tag_id')} AND customer_id > %s ORDER BY customer_id LIMIT %s",
        listed(tags),
        after,
        AT_ONCE,
    )
    ids = [row[0] for row in rows]
    changed = settle(ids, now, also=tags)
    return (ids[-1] if len(ids) == AT_ONCE else 0), changed


def find_expired(now: datetime) -> set[int]:
    """Some customers with a tag whose time is over and still shows."""
    policies = load_policies()
    found: set[int] = set()
    for tag in policies.days.keys() | policies.ends.keys():
        rows = fetch(
            "SELECT id, customer_id, tag_id, COALESCE(last_at, at) FROM pool_customertag"
            " WHERE tag_id = %s AND is_active AND origin <> %s ORDER BY COALESCE(last_at, at) LIMIT %s",
            tag,
            PLATFORM,
            AT_ONCE,
        )
        for row_id, customer, tag_id, at in rows:
            row = Carried(row_id, customer, tag_id, False, ms_of(at), True)
            deadline = policies.deadline(row)
            if deadline is not None and deadline <= to_ms(now):
                found.add(customer)
    return found


def _load(customer_ids: Sequence[int], tag_ids: Iterable[int]) -> list[Carried]:
    return [
        Carried(row_id, customer, tag, origin == PLATFORM, ms_of(last), bool(is_active))
        for row_id, customer, tag, origin, last, is_active in fetch(
            "SELECT id, customer_id, tag_id, origin, COALESCE(last_at, at), is_active"  # noqa: S608
            f" FROM pool_customertag WHERE {among('customer_id')} AND {among('tag_id')}",
            listed(customer_ids),
            listed(tag_ids),
        )
    ]
