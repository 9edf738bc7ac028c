"""Identities as the resolver holds them: loaded by value or id, changed, written back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from siyu.core.runtime import runtime
from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity, NamespaceRule, Strength
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.rows import among, fetch, insert_rows, listed, ms_of, stamper, update_rows
from siyu.pool.rules import Node

_COLUMNS = (
    "id, namespace, scope, value, strength, customer_id, birth_id, degree, strong_degree,"
    " is_quarantined, source, platform, platforms, first_seen_at, last_seen_at"
)
_NEW = (*_COLUMNS.replace(" ", "").split(","), "views")
_STRONG, _WEAK = Strength.STRONG.value, Strength.WEAK.value
_CHANGED = (
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
)


@dataclass(slots=True, eq=False)
class Sighted(Node):
    """An identity with its customer and when and where it was seen; times in ms.

    birth_id 0: not yet born. is_stored: a row exists. was_quarantined, has_edges: as stored.
    """

    customer_id: int = 0
    birth_id: int = 0
    degree: int = 0
    strong_degree: int = 0
    source: str = ""
    platform: str = ""
    platforms: str = ""
    first_at: int = 0
    last_at: int = 0
    is_stored: bool = False
    was_quarantined: bool = False
    is_changed: bool = False
    has_edges: bool = True

    def see(self, at: int, source: str, platform: str) -> bool:
        """Take in a sighting; True when first touch or platforms changed."""
        is_news = False
        if (at, source, platform) < (self.first_at, self.source, self.platform):
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


def rule_of(namespace: str) -> NamespaceRule:
    """The namespace's rule; one that nobody declares any more counts as weak."""
    try:
        return runtime().namespaces.get(namespace)
    except Refused:
        return NamespaceRule(
            name=namespace,
            zh=namespace,
            en=namespace,
            strength=Strength.WEAK,
            is_single_valued=False,
        )


def first_sighting(
    node_id: int, identity: Identity, *, at: int, source: str, platform: str
) -> Sighted:
    """An identity nobody has seen before."""
    rule = rule_of(identity.namespace)
    return Sighted(
        node_id,
        identity.namespace,
        identity.scope,
        identity.value,
        rule.strength is Strength.STRONG,
        rule.is_single_valued,
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
    return {Identity(row[1], row[2], row[3]): _sighted(row) for row in rows}


def load_by_id(ids: Iterable[int]) -> list[Sighted]:
    sql = f"SELECT {_COLUMNS} FROM pool_identity WHERE {among('id')}"  # noqa: S608
    return [_sighted(row) for row in fetch(sql, listed(ids))]


def load_of_customers(customer_ids: Iterable[int]) -> list[Sighted]:
    sql = f"SELECT {_COLUMNS} FROM pool_identity WHERE {among('customer_id')}"  # noqa: S608
    return [_sighted(row) for row in fetch(sql, listed(customer_ids))]


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
    return n.id, n.namespace, n.scope, n.value, _strength(n)


def _state_of(n: Sighted, stamp: Callable[[int], Any]) -> tuple[Any, ...]:
    return (
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
    )


def _strength(node: Sighted) -> str:
    return _STRONG if node.is_strong else _WEAK


def _sighted(row: tuple[Any, ...]) -> Sighted:
    (node_id, namespace, scope, value, strength, customer_id, birth_id, degree, strong_degree) = (
        row[:9]
    )
    is_quarantined, source, platform, platforms, first, last = row[9:]
    return Sighted(
        node_id,
        namespace,
        scope,
        value,
        strength == _STRONG,
        rule_of(namespace).is_single_valued,
        bool(is_quarantined),
        customer_id,
        birth_id,
        degree,
        strong_degree,
        source,
        platform,
        platforms,
        ms_of(first),
        ms_of(last),
        is_stored=True,
        was_quarantined=bool(is_quarantined),
        has_edges=degree > 0,
    )
