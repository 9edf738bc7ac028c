"""For pulls of a whole account: which groups there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from siyu.groups.models import Group

SPREAD = timedelta(seconds=1)
PER_SECOND = 20
"""Groups of one page are read this many a second, so that a pull is no burst of calls."""


def note_listed(account: str, remote_ids: Sequence[str], listed_at: datetime, now: datetime) -> int:
    """Remember a page of group ids and have them read; returns how many are new.

    In a transaction. The same page twice is as once.
    """
    known = Group.objects.filter(account=account, remote_id__in=remote_ids).count()
    rows = [
        Group(
            account=account,
            remote_id=remote_id,
            listed_at=listed_at,
            due_at=now + SPREAD * (place // PER_SECOND),
        )
        for place, remote_id in enumerate(dict.fromkeys(remote_ids))
    ]
    Group.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "remote_id"],
        update_fields=["listed_at", "due_at"],
    )
    return len(rows) - known


def count_unlisted(account: str, listed_at: datetime) -> int:
    """Living groups that the pull begun at `listed_at` did not meet."""
    return _unlisted(account, listed_at).count()


def doubt_unlisted(account: str, listed_at: datetime) -> None:
    """Have those read once more: the platform itself says whether they are gone."""
    _unlisted(account, listed_at).update(due_at=listed_at)


def _unlisted(account: str, listed_at: datetime) -> QuerySet[Group]:
    rows = Group.objects.filter(account=account, dismissed_at__isnull=True)
    return rows.filter(Q(listed_at__isnull=True) | Q(listed_at__lt=listed_at))
