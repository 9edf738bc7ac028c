"""Who is in which segment: the difference between what holds and what is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import numpy as np
from django.db.models import F

from siyu.kernel.clock import SHANGHAI
from siyu.segments.evaluator import Ids
from siyu.segments.models import Membership, Segment
from siyu.segments.types import MembershipChange

OnChange = Callable[[list[MembershipChange], datetime], None]
CHUNK = 5_000
_listeners: list[OnChange] = []


def on_change(listener: OnChange) -> None:
    """Hear of every entry and exit, inside the transaction that writes it."""
    if listener not in _listeners:
        _listeners.append(listener)


def current_members(segment_id: int) -> Ids:
    """The sorted ids of the members as written."""
    query = Membership.objects.filter(segment_id=segment_id, valid_to=None)
    ids = query.values_list("customer_id", flat=True)
    return np.unique(np.fromiter(ids.iterator(chunk_size=50_000), dtype=np.int64))


def members_among(customer_ids: Iterable[int]) -> dict[int, Ids]:
    """In which segments these customers are, as written: segment id → sorted customer ids."""
    written = Membership.objects.filter(valid_to=None, customer_id__in=list(customer_ids))
    found = defaultdict(list)
    for segment_id, who in written.values_list("segment_id", "customer_id").iterator():
        found[segment_id].append(who)
    return {key: np.unique(np.array(people, np.int64)) for key, people in found.items()}


def write_difference(
    segment: Segment,
    holds: Ids,
    written: Ids,
    *,
    now: datetime,
    cause: str | Mapping[int, str],
) -> list[MembershipChange]:
    """Open and close stays so that `written` becomes `holds`. Runs inside a transaction.

    cause: one for all, or by customer id.
    """
    entered = np.setdiff1d(holds, written, assume_unique=True).tolist()
    left = np.setdiff1d(written, holds, assume_unique=True).tolist()
    causes = {who: cause if isinstance(cause, str) else cause[who] for who in (*entered, *left)}
    _open(segment.pk, entered, causes, now)
    _close(segment.pk, left, causes, now)
    if entered or left:
        change = len(entered) - len(left)
        Segment.objects.filter(pk=segment.pk).update(member_count=F("member_count") + change)
    return [
        MembershipChange(segment.pk, who, is_member, now, causes[who])
        for is_member, people in ((True, entered), (False, left))
        for who in people
    ]


def tell(changes: list[MembershipChange], now: datetime) -> None:
    """Tell the listeners, in the transaction that wrote the changes."""
    if changes:
        for listener in _listeners:
            listener(changes, now)


def mark_evaluated(segment: Segment, now: datetime, *, changed_id: int) -> None:
    """Note that the segment is right for the brand's day of `now` and all changes up to this."""
    today = now.astimezone(SHANGHAI).date()
    Segment.objects.filter(pk=segment.pk).update(evaluated_on=today, judged_changed_id=changed_id)


def _open(segment_id: int, people: list[int], causes: Mapping[int, str], now: datetime) -> None:
    rows = (
        Membership(segment_id=segment_id, customer_id=who, valid_from=now, cause=causes[who])
        for who in people
    )
    Membership.objects.bulk_create(rows, batch_size=CHUNK)


def _close(segment_id: int, people: list[int], causes: Mapping[int, str], now: datetime) -> None:
    by_cause: dict[str, list[int]] = {}
    for who in people:
        by_cause.setdefault(causes[who], []).append(who)
    for cause, gone in by_cause.items():
        for start in range(0, len(gone), CHUNK):
            Membership.objects.filter(
                segment_id=segment_id, valid_to=None, customer_id__in=gone[start : start + CHUNK]
            ).update(valid_to=now, left_cause=cause)
