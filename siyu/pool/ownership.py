"""Whom customers belong to: claims by the rules, decisions by people, and the history of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from siyu.core.access import Actor, require
from siyu.core.audit import record_audit
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import profile
from siyu.pool.belongings import tell_changed
from siyu.pool.models import Identity, Ownership, OwnershipChange, Relation
from siyu.pool.queries import current_customer_id, require_visible
from siyu.pool.rows import among, fetch, listed

FIRST, PRIORITY, LOST, EARLIER, MANUAL, TRANSFER = (
    "first",
    "priority",
    "lost",
    "earlier",
    "manual",
    "transfer",
)
OWN_REASONS = (FIRST, PRIORITY, LOST, EARLIER, MANUAL, TRANSFER)
OLDEST = "oldest"
BY_HAND = 2
MAX_NOTE = 200
StaffId = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A member of staff and a customer became friends. weight: 1 when his kind goes first."""

    customer_id: int
    identity_id: int
    account: str
    staff: str
    weight: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnerChange:
    """A change of hands as people read it."""

    id: int
    from_account: str
    from_staff: str
    account: str
    staff: str
    reason: str
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whom a customer belongs to now."""

    account: str
    staff: str
    reason: str
    since: datetime


def decide(
    current: Ownership | None, claim: Claim, *, is_lost: bool, protection: timedelta
) -> str | None:
    """Why the customer goes to the claimant; None when he stays. Pure.

    is_lost: the present owner is no longer his friend. protection: how long after he came a
    customer stays with his first owner, whatever goes first.
    """
    if current is None:
        return FIRST
    is_his = (current.account, current.staff) == (claim.account, claim.staff)
    if is_his or current.weight == BY_HAND:
        return None
    if is_lost:
        return LOST
    if claim.at < current.since and claim.weight >= current.weight:
        return EARLIER
    if claim.weight > current.weight and claim.at - current.since >= protection:
        return PRIORITY
    return None


def in_force(rows: Iterable[Ownership]) -> Ownership | None:
    """The row that counts among those of one customer. Pure."""
    return min(rows, key=lambda row: (-row.weight, row.since, row.identity_id), default=None)


def claim(claims: Sequence[Claim], *, protection: timedelta) -> set[int]:
    """Settle claims in order of their time; returns customers who changed hands. Set-based."""
    customers = {one.customer_id for one in claims}
    rows = _rows_of(customers)
    friends = _friends_of(customers)
    changed: dict[int, Ownership] = {}
    history: list[OwnershipChange] = []
    for one in sorted(claims, key=lambda c: (c.at, c.customer_id, c.account, c.staff)):
        own = rows[one.customer_id]
        current = in_force(own.values())
        is_lost = (
            current is not None and (current.account, current.staff) not in friends[one.customer_id]
        )
        reason = decide(current, one, is_lost=is_lost, protection=protection)
        if reason is None:
            continue
        history.append(_history(current, one, reason))
        if reason == LOST and current is not None:
            current.weight = -1
            changed[current.identity_id] = current
        row = own[one.identity_id] = _row(one, reason)
        changed[row.identity_id] = row
    _store(changed.values(), history)
    moved = {row.customer_id for row in changed.values()}
    profile.refresh_relations(moved)
    return moved


def claims_left(customer_ids: Iterable[int]) -> list[Relation]:
    """The friendships in force of customers who just lost one: who may claim them now."""
    found = Relation.objects.filter(is_friend=True, customer_id__in=list(customer_ids))
    return list(found.exclude(staff="").order_by("added_at", "pk"))


def assign_owner(
    actor: Actor, customer_id: int, staff: StaffId, *, note: str, now: datetime
) -> None:
    """Give a customer to a member of staff by hand; the reason is kept. NotFound, Refused."""
    require(actor, "transfer:write")
    note = note.strip()
    if not 1 <= len(note) <= MAX_NOTE:
        raise Refused("owner.note", f"请写明原因, 1 到 {MAX_NOTE} 个字", field="note")
    with transaction.atomic():
        current = current_customer_id(customer_id)
        require_visible(actor, current)
        hand_over([current], staff, reason=MANUAL, by=actor.name, note=note, now=now)
        detail = {"account": staff[0], "staff": staff[1], "note": note}
        record_audit(actor, "assign_owner", f"customer:{current}", now=now, detail=detail)


def hand_over(
    customer_ids: Sequence[int], staff: StaffId, *, reason: str, by: str, note: str, now: datetime
) -> None:
    """Customers go to a member of staff, whatever the rules say. Inside a transaction."""
    rows, oldest = _rows_of(set(customer_ids)), _oldest_identities(customer_ids)
    store: list[Ownership] = []
    history: list[OwnershipChange] = []
    for customer in sorted(set(customer_ids)):
        current = in_force(rows[customer].values())
        identity = current.identity_id if current else oldest.get(customer)
        if identity is None:
            raise NotFound("customer.missing", "没有这位客户")
        new = Claim(
            customer_id=customer,
            identity_id=identity,
            account=staff[0],
            staff=staff[1],
            weight=BY_HAND,
            at=now,
        )
        history.append(_history(current, new, reason, by=by, note=note))
        for row in rows[customer].values():
            row.weight = min(row.weight, 1)
            rows[customer][row.identity_id] = row
        rows[customer][identity] = _row(new, reason)
        store += rows[customer].values()
    _store(store, history)
    profile.refresh_relations(set(customer_ids))
    tell_changed(set(customer_ids), now)


def owners_of(customer_ids: Iterable[int]) -> dict[int, Owner]:
    """Who each customer belongs to by a decision; one without is left out."""
    found = {}
    for customer, rows in _rows_of(set(customer_ids)).items():
        row = in_force(rows.values())
        if row is not None:
            found[customer] = Owner(
                account=row.account, staff=row.staff, reason=row.reason, since=row.since
            )
    return found


def owner_of(actor: Actor, customer_id: int) -> Owner | None:
    """Whom a customer the actor may see belongs to; None when to nobody.

    As decided, else (reason `oldest`) whose friendship is the oldest in force.
    """
    require(actor, "customer:read")
    current = current_customer_id(customer_id)
    require_visible(actor, current)
    decided = owners_of([current]).get(current)
    if decided:
        return decided
    friends = [
        Owner(account=one.account, staff=one.staff, reason=OLDEST, since=since)
        for one in claims_left([current])
        if (since := one.added_at or one.synced_at)
    ]
    return min(friends, key=lambda friend: (friend.since, friend.staff), default=None)


def list_owner_changes(actor: Actor, customer_id: int) -> list[OwnerChange]:
    """The history of a customer the actor may see, newest first."""
    require(actor, "customer:read")
    current = current_customer_id(customer_id)
    require_visible(actor, current)
    rows = OwnershipChange.objects.filter(customer_id=current).order_by("-at", "-pk")[:200]
    names = ("from_account", "from_staff", "account", "staff", "reason", "by", "note", "at")
    return [OwnerChange(id=row.pk, **{name: getattr(row, name) for name in names}) for row in rows]


def _rows_of(customer_ids: set[int]) -> defaultdict[int, dict[int, Ownership]]:
    rows: defaultdict[int, dict[int, Ownership]] = defaultdict(dict)
    found = Ownership.objects.extra(  # noqa: S610 - the text is ours, the ids are a parameter
        where=[among("customer_id")], params=[listed(customer_ids)]
    )
    for row in found:
        rows[row.customer_id][row.identity_id] = row
    return rows


def _friends_of(customer_ids: set[int]) -> defaultdict[int, set[StaffId]]:
    friends: defaultdict[int, set[StaffId]] = defaultdict(set)
    found = Relation.objects.extra(  # noqa: S610 - the text is ours, the ids are a parameter
        where=[among("customer_id"), "is_friend"], params=[listed(customer_ids)]
    )
    for customer, account, staff in found.values_list("customer_id", "account", "staff"):
        friends[customer].add((account, staff))
    return friends


def _oldest_identities(customer_ids: Iterable[int]) -> dict[int, int]:
    rows = Identity.objects.filter(customer_id__in=list(customer_ids)).order_by("-pk")
    return dict(rows.values_list("customer_id", "pk"))


def _row(won: Claim, reason: str) -> Ownership:
    return Ownership(
        customer_id=won.customer_id,
        identity_id=won.identity_id,
        account=won.account,
        staff=won.staff,
        weight=won.weight,
        reason=reason,
        since=won.at,
    )


def _history(
    before: Ownership | None, won: Claim, reason: str, *, by: str = "", note: str = ""
) -> OwnershipChange:
    return OwnershipChange(
        customer_id=won.customer_id,
        identity_id=won.identity_id,
        from_account=before.account if before else "",
        from_staff=before.staff if before else "",
        account=won.account,
        staff=won.staff,
        reason=reason,
        by=by,
        note=note,
        at=won.at,
    )


def _store(rows: Iterable[Ownership], history: Sequence[OwnershipChange]) -> None:
    Ownership.objects.bulk_create(
        [
            Ownership(
                customer_id=row.customer_id,
                identity_id=row.identity_id,
                account=row.account,
                staff=row.staff,
                weight=row.weight,
                reason=row.reason,
                since=row.since,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["identity_id"],
        update_fields=["account", "staff", "weight", "reason", "since"],
    )
    OwnershipChange.objects.bulk_create(history)


OWNED = (
    "(SELECT o.customer_id, o.account, o.staff FROM pool_ownership o WHERE NOT EXISTS"
    " (SELECT 1 FROM pool_ownership b WHERE b.customer_id = o.customer_id AND (b.weight > o.weight"
    " OR (b.weight = o.weight AND (b.since < o.since"
    " OR (b.since = o.since AND b.identity_id < o.identity_id))))))"
)
"""SQL: customer_id, account, staff of every customer who belongs to somebody, once each."""


def count_owned() -> dict[StaffId, int]:
    """How many customers belong to each member of staff."""
    rows = fetch(f"SELECT account, staff, COUNT(*) FROM {OWNED} x GROUP BY account, staff")  # noqa: S608
    return {(account, staff): int(count) for account, staff, count in rows}
