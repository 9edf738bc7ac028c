"""Stays of customers → the facts `group_joined` and `group_left`, each told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q

from siyu.core.accounts import connector
from siyu.core.intake import submit_facts
from siyu.core.writing import write_rows
from siyu.groups.models import Stay
from siyu.kernel.errors import NotFound
from siyu.kernel.identity import Identity
from siyu.ports.facts import Fact
from siyu.ports.groups import GroupSource, Membership

CHUNK = 500
_UNTOLD = Q(is_join_told=False) | Q(is_leave_told=False, left_at__isnull=False)


def tell() -> bool:
    """Tell some untold stays; True when there were any.

    The facts are in the inbox before the stays are marked; a repeat has the same message ids
    and is dropped there.
    """
    rows = Stay.objects.filter(_UNTOLD, customer_id__isnull=False).select_related("group")
    found = list(rows.order_by("pk")[:CHUNK])
    by_account: dict[str, list[Stay]] = defaultdict(list)
    for row in found:
        by_account[row.group.account].append(row)
    submit_facts([fact for account, some in by_account.items() for fact in _facts(account, some)])
    for row in found:
        row.is_join_told = True
        row.is_leave_told = row.left_at is not None
    write_rows(found, ("is_join_told", "is_leave_told"))
    return bool(found)


def _facts(account: str, rows: Sequence[Stay]) -> list[Fact]:
    try:
        source = connector(account).groups
    except NotFound:
        return []
    return [fact for row in rows for fact in _of(row, source)] if source else []


def _of(row: Stay, source: GroupSource) -> list[Fact]:
    facts = [] if row.is_join_told else [source.join_fact(_membership(row, is_leaving=False))]
    if row.left_at is not None and not row.is_leave_told:
        facts.append(source.leave_fact(_membership(row, is_leaving=True)))
    return facts


def _membership(row: Stay, *, is_leaving: bool) -> Membership:
    return Membership(
        group_key=row.group_id,
        group_id=row.group.remote_id,
        remote_id=row.remote_id,
        at=row.left_at if is_leaving and row.left_at else row.joined_at,
        identities=tuple(Identity(*one) for one in row.identities),
        kind=row.leave_kind if is_leaving else row.join_kind,
        state=row.state,
        owner=row.group.owner,
    )
