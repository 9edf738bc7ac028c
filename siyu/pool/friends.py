"""Friends in force of members of staff."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.pool.rows import among, fetch, listed

StaffId = tuple[str, str]


def friends_of_staff(account: str, staff: str) -> list[tuple[str, int, int]]:
    """(remote id, customer id, identity id) of the friends of one member of staff, oldest first."""
    rows = fetch(
        "SELECT i.value, r.customer_id, r.identity_id FROM pool_relation r"
        " JOIN pool_identity i ON i.id = r.identity_id"
        " WHERE r.account = %s AND r.staff = %s AND r.is_friend ORDER BY r.id",
        account,
        staff,
    )
    return [(value, customer, identity) for value, customer, identity in rows]


def count_friends(staff: Iterable[StaffId]) -> dict[StaffId, int]:
    """How many friends each of these has; those without any are left out."""
    wanted = set(staff)
    rows = fetch(
        "SELECT account, staff, COUNT(*) FROM pool_relation WHERE is_friend"  # noqa: S608
        f" AND {among('staff')} GROUP BY account, staff",
        listed({one for _, one in wanted}),
    )
    return {(account, who): int(count) for account, who, count in rows if (account, who) in wanted}
