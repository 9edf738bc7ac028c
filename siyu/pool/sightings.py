"""Identities as the resolver holds them: loaded by value or id, changed, written back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from siyu.kernel.identity import Identity, Strength
from siyu.pool import ruling
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.rows import among, fetch, insert_rows, listed, ms_of, stamper, update_rows
from siyu.pool.rules import Node

_COLUMNS = (
    "id, namespace, scope, value, strength, customer_id, birth_id, degree, strong_degree,"
    " is_quarantined, source, platform, platforms, first_seen_at, last_seen_at, is_crowded"
)
_NEW = (*_COLUMNS.replace(" ", "").split(","), "views")
_STRONG, _WEAK = Strength.STRONG.value, Strength.WEAK.value
_CHANGED = (
    "strength",
    "customer_id",
    "birth_id",
    "degree",
    "strong_degree",
    "is_quarantined",
    "source",
    "platform",
    "platforms",
    "first_seen_at",
    "last_seen_at",
    "is_crowded",
)


@dataclass(slots=True, eq=False)
class Sighted(Node):
    """An identity with its customer and when and where it was seen; times in ms.

    birth_id 0: not yet born. is_stored: a row exists. was_quarantined, has_edges: as stored.
    is_earlier: it was seen earlier than had been known.
    """

    customer_id: int = 0
    birth_id: int = 0
    degree: int = 0
    strong_degree: int = 0
    source: str = ""
    platform: str = ""
    platforms: str = ""
    last_at: int = 0
    is_stored: bool = False
    was_quarantined: bool = False
    is_changed: bool = False
    has_edges: bool = True
    is_earlier: bool = False

    def see(self, at: int, source: str, platform: str) -> bool:
        """Take in a sighting; True when first touch or platforms changed."""
        is_news = False
        if (at, source, platform) < (self.first_at, self.source, self.platform):
            self.is_earlier |= at < self.first_at
            self.first_at, self.source, self.platform = at, source, platform
            is_news = True
        if platform not in self.platforms.split(","):
            self.platforms = ",".join(sorted({*filter(None, self.platforms.split(",")), platform}))
            is_news = True
        if at > self.last_at:
            self.last_at = at
            is_news = True
        self.is_changed |= is_news
        return is_news


def first_sighting(
    node_id: int, identity: Identity, *, at: int, source: str, platform: str
) -> Sighted:
    """An identity nobody has seen before."""
    is_strong, is_single, limit = ruling.current().kind_of(identity.namespace)
    return Sighted(
        node_id,
        identity.namespace,
        identity.scope,
        identity.value,
        is_strong,
        is_single,
        limit=limit,
        source=source,
        platform=platform,
        platforms=platform,
        first_at=at,
        last_at=at,
    )


def load_by_value(wanted: Iterable[Identity]) -> dict[Identity, Sighted]:
    """The stored ones among `wanted`."""
    values = {identity.value for identity in wanted}
    rows = fetch(
        f"SELECT {_COLUMNS} FROM pool_identity WHERE {among('value')}",  # noqa: S608
        listed(values),
    )
    kind_of = ruling.current().kind_of
    return {Identity(row[1], row[2], row[3]): _sighted(row, kind_of) for row in rows}


def load_by_id(ids: Iterable[int]) -> list[Sighted]:
    sql = f"SELECT {_COLUMNS} FROM pool_identity WHERE {among('id')}"  # noqa: S608
    kind_of = ruling.current().kind_of
    return [_sighted(row, kind_of) for row in fetch(sql, listed(ids))]


def load_of_customers(customer_ids: Iterable[int]) -> list[Sighted]:
    sql = f"SELECT {_COLUMNS} FROM pool_identity WHERE {among('customer_id')}"  # noqa: S608
    kind_of = ruling.current().kind_of
    return [_sighted(row, kind_of) for row in fetch(sql, listed(customer_ids))]


def store(nodes: Iterable[Sighted]) -> None:
    """Insert the new ones, update the changed ones."""
    stamp = stamper()
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for n in nodes:
        if not n.is_stored:
            new.append((*_identity_of(n), *_state_of(n, stamp), 0))
        elif n.is_changed:
            changed.append((*_state_of(n, stamp), n.id))
        n.is_stored, n.is_changed, n.was_quarantined = True, False, n.is_quarantined
    insert_rows(IdentityTable, _NEW, new)
    update_rows(IdentityTable, _CHANGED, "id", changed)


def _identity_of(n: Sighted) -> tuple[Any, ...]:
    return n.id, n.namespace, n.scope, n.value


def _state_of(n: Sighted, stamp: Callable[[int], Any]) -> tuple[Any, ...]:
    return (
        _strength(n),
        n.customer_id,
        n.birth_id,
        n.degree,
        n.strong_degree,
        n.is_quarantined,
        n.source,
        n.platform,
        n.platforms,
        stamp(n.first_at),
        stamp(n.last_at),
        n.is_crowded,
    )


def _strength(node: Sighted) -> str:
    return _STRONG if node.is_strong else _WEAK


def _sighted(row: tuple[Any, ...], kind_of: Callable[[str], ruling.Kind]) -> Sighted:
    (node_id, namespace, scope, value, _, customer_id, birth_id, degree, strong_degree) = row[:9]
    is_quarantined, source, platform, platforms, first, last, is_crowded = row[9:]
    is_strong, is_single, limit = kind_of(namespace)
    return Sighted(
        node_id,
        namespace,
        scope,
        value,
        is_strong,
        is_single,
        bool(is_quarantined),
        limit,
        ms_of(first),
        bool(is_crowded),
        customer_id,
        birth_id,
        degree,
        strong_degree,
        source,
        platform,
        platforms,
        ms_of(last),
        is_stored=True,
        was_quarantined=bool(is_quarantined),
        has_edges=degree > 0,
    )
