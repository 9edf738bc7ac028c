"""SQL of whom a message can go to, for rooms that plan for very many at once.

Each function gives one common table expression over `wanted(customer_id)`, with `%s` for its
parameters, and those parameters; the same on SQLite and PostgreSQL. Callers join them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from siyu.pool.rows import among, fetch, is_postgres, listed

Part = tuple[str, list[Any]]


def wanted(customer_ids: Iterable[int]) -> Part:
    """`wanted(customer_id)`: these customers."""
    rows = (
        "SELECT unnest(%s) AS customer_id"
        if is_postgres()
        else ("SELECT CAST(value AS integer) AS customer_id FROM json_each(%s)")
    )
    return f"wanted AS MATERIALIZED ({rows})", [listed(customer_ids)]


def people() -> Part:
    """`people(customer_id, owner, is_gone)`: gone are the erased and those who are no customers."""
    return (
        (
            "people AS MATERIALIZED (SELECT w.customer_id, COALESCE(c.owner_staff, '') AS owner,"
            " (c.id IS NULL OR c.is_erased) AS is_gone"
            " FROM wanted w LEFT JOIN pool_customer c ON c.id = w.customer_id)"
        ),
        [],
    )


def refuses(customer: str, channel: str, purpose: str) -> Part:
    """Whether the customer named by the column said no to this channel or to all."""
    return (
        (
            "EXISTS (SELECT 1 FROM pool_consent o"  # noqa: S608 - a column's name
            f" WHERE o.customer_id = {customer} AND o.purpose = %s AND o.channel IN ('*', %s)"
            " AND NOT o.is_granted)"
        ),
        [purpose, channel],
    )


FRIEND_COLUMNS = (
    "r.identity_id, r.staff AS sender, i.value AS address, r.is_friend AS is_open,"
    " COALESCE(r.added_at, r.synced_at) AS since"
)


def join_friends(account: str, namespace: str) -> Part:
    """Joins to `people p` whose columns are `FRIEND_COLUMNS`: staff of one account they know.

    The comparisons with `|| ''` keep the databases from choosing an index of few values.
    """
    return (
        (
            " LEFT JOIN pool_relation r ON r.customer_id = p.customer_id AND r.account || '' = %s"
            " LEFT JOIN pool_identity i ON i.id = r.identity_id AND i.namespace || '' = %s"
        ),
        [account, namespace],
    )


def join_addresses(namespace: str) -> Part:
    """Join to `people p` as `i`: their identities in one namespace."""
    return (
        (
            " LEFT JOIN pool_identity i ON i.customer_id = p.customer_id"
            " AND i.namespace || '' = %s AND NOT i.is_quarantined"
        ),
        [namespace],
    )


def identity_ids(namespace: str, scope: str, values: Iterable[str]) -> dict[str, int]:
    """The ids of known identities of one namespace and scope, by value."""
    found = fetch(
        "SELECT value, id FROM pool_identity WHERE namespace = %s AND scope = %s"  # noqa: S608
        f" AND {among('value')}",
        namespace,
        scope,
        listed(values),
    )
    return dict(found)


def remote_tags(account: str, tag_ids: Iterable[int]) -> dict[int, str]:
    """What an account calls these tags; those it does not have are left out."""
    found = fetch(
        "SELECT tag_id, remote_id FROM pool_platformtag"  # noqa: S608
        f" WHERE account = %s AND {among('tag_id')}",
        account,
        listed(tag_ids),
    )
    return dict(found)


def count_friends(account: str, staff: Iterable[str], tag_ids: Iterable[int]) -> dict[str, int]:
    """Friends by member of staff; staff empty = all, tag_ids: only who has one of them."""
    who, tags = list(staff), list(tag_ids)
    where, values = ["r.account = %s", "r.is_friend"], [account]
    if who:
        where.append(among("r.staff"))
        values.append(listed(who))
    if tags:
        where.append(
            "EXISTS (SELECT 1 FROM pool_customertag t WHERE t.customer_id = r.customer_id"  # noqa: S608
            f" AND t.is_active AND {among('t.tag_id')})"
        )
        values.append(listed(tags))
    sql = (
        "SELECT r.staff, COUNT(DISTINCT r.customer_id) FROM pool_relation r"  # noqa: S608
        f" WHERE {' AND '.join(where)} GROUP BY 1"
    )
    return dict(fetch(sql, *values))
