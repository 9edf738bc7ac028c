"""Friends of members of staff: those in force, and when others ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from siyu.pool.models import Relation, RelationChange
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


def friends_since(
    account: str, staff: str, start: datetime | None = None, end: datetime | None = None
) -> dict[int, datetime | None]:
    """Customer id → since when he is a friend of that member of staff, None = nobody knows.

    start, end: only who became one from then on, and before then; unknown times are left out.
    """
    rows = Relation.objects.filter(account=account, staff=staff, is_friend=True)
    if start is not None:
        rows = rows.filter(added_at__gte=start)
    if end is not None:
        rows = rows.filter(added_at__lt=end)
    return dict(rows.order_by("-pk").values_list("customer_id", "added_at"))


def count_friends(staff: Iterable[StaffId]) -> dict[StaffId, int]:
    """How many friends each of these has; those without any are left out."""
    wanted = set(staff)
    rows = fetch(
        "SELECT account, staff, COUNT(*) FROM pool_relation WHERE is_friend"  # noqa: S608
        f" AND {among('staff')} GROUP BY account, staff",
        listed({one for _, one in wanted}),
    )
    return {(account, who): int(count) for account, who, count in rows if (account, who) in wanted}


def losses_of(identity_ids: Iterable[int]) -> dict[tuple[int, str, str], list[datetime]]:
    """When friendships ended, whoever ended them, the earliest first: by identity, account and
    member of staff."""
    found = RelationChange.objects.filter(
        identity_id__in=list(identity_ids), kind__in=("lost", "removed")
    )
    result: dict[tuple[int, str, str], list[datetime]] = defaultdict(list)
    rows = found.order_by("at").values_list("identity_id", "account", "staff", "at")
    for identity_id, account, staff, at in rows:
        result[identity_id, account, staff].append(at)
    return dict(result)
