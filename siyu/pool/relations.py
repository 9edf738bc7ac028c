"""Relations: which of our staff (or accounts) a person is a friend of, in any order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from siyu.core.pipeline import Seen
from siyu.pool import profile
from siyu.pool.models import Relation, RelationChange
from siyu.pool.rows import among, execute, insert_rows, listed, stamper
from siyu.ports import facts

_KINDS = {
    facts.FRIEND_ADDED: "added",
    facts.FOLLOWED: "added",
    facts.FRIEND_SYNCED: "synced",
    facts.FRIEND_LOST: "lost",
    facts.UNFOLLOWED: "lost",
    facts.FRIEND_REMOVED: "removed",
}
_COLUMN = {"added": "added_at", "synced": "synced_at", "lost": "lost_at", "removed": "lost_at"}
_TIMES = ("added_at", "synced_at", "lost_at")
_COLUMNS = ("account", "platform", "staff", "customer_id", "identity_id", "is_friend", "state")
_LATER = ", ".join(
    f"{name} = CASE WHEN pool_relation.{name} IS NULL OR excluded.{name} > pool_relation.{name}"
    f" THEN COALESCE(excluded.{name}, pool_relation.{name}) ELSE pool_relation.{name} END"
    for name in _TIMES
)
_UPSERT = (
    "(account, staff, identity_id) DO UPDATE SET state = CASE WHEN excluded.state <> ''"
    " AND (pool_relation.added_at IS NULL OR excluded.added_at >= pool_relation.added_at)"
    f" THEN excluded.state ELSE pool_relation.state END, {_LATER}"
)
_IS_FRIEND = (
    "(COALESCE(added_at, synced_at) IS NOT NULL AND (lost_at IS NULL"
    " OR COALESCE(added_at > lost_at, FALSE) OR COALESCE(synced_at > lost_at, FALSE)))"
)


@dataclass(slots=True)
class _Told:
    """What a batch says of one relation: latest times in ms."""

    customer_id: int
    platform: str
    times: dict[str, int]
    state: str = ""


def record_relations(people: Iterable[Seen]) -> None:
    """Keep additions, losses and pulls; a loss at the same instant as an addition wins."""
    told: dict[tuple[str, str, int], _Told] = {}
    changes: list[tuple[Any, ...]] = []
    stamp = stamper()
    for seen in people:
        kind = _KINDS.get(seen.fact.name)
        if kind is None or seen.identity_id is None or seen.customer_id is None:
            continue
        fact = seen.fact
        one = told.setdefault(
            (fact.account, fact.staff, seen.identity_id), _Told(seen.customer_id, fact.platform, {})
        )
        column = _COLUMN[kind]
        state = str(fact.properties.get("state") or "")[:64]
        if kind == "added" and state and fact.at >= one.times.get(column, 0):
            one.state = state
        one.times[column] = max(fact.at, one.times.get(column, 0))
        changes.append((fact.account, fact.staff, seen.identity_id, kind, stamp(fact.at)))
    if told:
        _write(told, changes)


def _write(told: dict[tuple[str, str, int], _Told], changes: list[tuple[Any, ...]]) -> None:
    stamp = stamper()
    rows = [
        (
            account,
            one.platform,
            staff,
            one.customer_id,
            identity,
            False,
            one.state,
            *(stamp(one.times[name]) if name in one.times else None for name in _TIMES),
        )
        for (account, staff, identity), one in told.items()
    ]
    insert_rows(Relation, (*_COLUMNS, *_TIMES), rows, on_conflict=_UPSERT)
    insert_rows(
        RelationChange,
        ("account", "staff", "identity_id", "kind", "at"),
        changes,
        on_conflict="DO NOTHING",
    )
    execute(
        f"UPDATE pool_relation SET is_friend = {_IS_FRIEND} WHERE {among('identity_id')}",  # noqa: S608
        listed({identity for _, _, identity in told}),
    )
    profile.refresh_relations({one.customer_id for one in told.values()})
