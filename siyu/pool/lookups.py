"""Who are these values? Many at once, for uploads and lists."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.core.access import Actor, require
from siyu.kernel.identity import Identity
from siyu.pool.listing import rows_of, visible_customers
from siyu.pool.rows import among, fetch, listed
from siyu.pool.types import CustomerRow

Person = tuple[int, int]
"""(customer_id, identity_id)"""


def match_values(namespace: str, values: Iterable[str]) -> dict[str, Person | None]:
    """Who carries each normalised value, in whatever scope; unknown values are left out.

    None: the value belongs to several customers. Quarantined identities find nobody.
    """
    found: dict[str, Person | None] = {}
    rows = fetch(
        "SELECT value, customer_id, id FROM pool_identity WHERE namespace = %s"  # noqa: S608
        f" AND NOT is_quarantined AND {among('value')} ORDER BY id",
        namespace,
        listed(values),
    )
    for value, customer, identity in rows:
        known = found.setdefault(value, (customer, identity))
        if known is not None and known[0] != customer:
            found[value] = None
    return found


def match_customers(customer_ids: Iterable[int]) -> dict[int, Person]:
    """Today's customer of each id, old ids too, with his oldest identity."""
    wanted = listed(customer_ids)
    aliases = dict(
        fetch(f"SELECT old_id, new_id FROM pool_customeralias WHERE {among('old_id')}", wanted)  # noqa: S608
    )
    asked = {row[0]: row[0] for row in fetch(_LIVING.format(among("c.id")), wanted)} | aliases
    oldest = dict(
        fetch(
            "SELECT customer_id, MIN(id) FROM pool_identity"  # noqa: S608
            f" WHERE {among('customer_id')} GROUP BY customer_id",
            listed(set(asked.values())),
        )
    )
    return {told: (now, oldest[now]) for told, now in asked.items() if now in oldest}


_LIVING = "SELECT c.id FROM pool_customer c WHERE NOT c.is_erased AND {}"


def count_namespaces(values: Iterable[str]) -> dict[str, int]:
    """How many of these values the pool knows, by namespace."""
    rows = fetch(
        "SELECT namespace, COUNT(DISTINCT value) FROM pool_identity"  # noqa: S608
        f" WHERE {among('value')} GROUP BY namespace",
        listed(values),
    )
    return dict(rows)


def rows_among(actor: Actor, customer_ids: Iterable[int]) -> dict[int, CustomerRow]:
    """The rows of those of these customers that the actor may see, phones masked."""
    require(actor, "customer:read")
    found = visible_customers(actor).filter(pk__in=list(customer_ids))
    return {row.id: row for row in rows_of(list(found))}


def find_customers(identities: Iterable[Identity]) -> dict[Identity, Person]:
    """Whose are these identities, scope and all; unknown and quarantined ones are left out."""
    wanted = set(identities)
    rows = fetch(
        "SELECT namespace, scope, value, customer_id, id FROM pool_identity"  # noqa: S608
        f" WHERE NOT is_quarantined AND {among('value')}",
        listed({identity.value for identity in wanted}),
    )
    found = {Identity(*row[:3]): (row[3], row[4]) for row in rows}
    return {identity: person for identity, person in found.items() if identity in wanted}


def carriers(tag_id: int) -> list[int]:
    """The living customers who carry a tag, whoever put it there."""
    rows = fetch(
        "SELECT DISTINCT t.customer_id FROM pool_customertag t"
        " JOIN pool_customer c ON c.id = t.customer_id AND NOT c.is_erased"
        " WHERE t.tag_id = %s AND t.is_active ORDER BY 1",
        tag_id,
    )
    return [row[0] for row in rows]
