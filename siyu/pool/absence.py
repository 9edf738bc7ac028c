"""Who of the staff left: customers who know nobody else cannot be reached until a take-over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from siyu.pool import profile
from siyu.pool.belongings import tell_changed
from siyu.pool.models import AbsentStaff, Relation
from siyu.pool.rows import among, execute, listed

CHUNK = 5_000


def absent_staff(account: str) -> frozenset[str]:
    """Remote ids of an account's staff who left: nobody taps for them until a take-over."""
    rows = AbsentStaff.objects.filter(account=account)
    return frozenset(rows.values_list("staff", flat=True))


def note_absent(account: str, staff: Collection[str], now: datetime) -> int:
    """These members of an account's staff left, and nobody else; returns whose word is new.

    Whoever knew one of them is judged anew, here and by whoever keeps copies.
    """
    with transaction.atomic():
        rows = AbsentStaff.objects.filter(account=account)
        before, after = set(rows.values_list("staff", flat=True)), set(staff)
        rows.filter(staff__in=before - after).delete()
        AbsentStaff.objects.bulk_create(
            [AbsentStaff(account=account, staff=one) for one in sorted(after - before)],
            ignore_conflicts=True,
        )
        changed = before ^ after
        if changed:
            _judge_anew(account, changed, now)
    return len(changed)


def _judge_anew(account: str, staff: Collection[str], now: datetime) -> None:
    known = Relation.objects.filter(account=account, staff__in=staff, is_friend=True)
    ids = sorted(set(known.values_list("customer_id", flat=True)))
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        profile.refresh_relations(part)
        execute(
            f"UPDATE pool_relation SET staff = staff WHERE {among('customer_id')}",  # noqa: S608
            listed(part),
        )
        tell_changed(set(part), now)
