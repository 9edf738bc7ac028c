"""What of a customer's quota a message spent, once it is known what became of it.

A place is held when a message is reserved. Platforms count what a customer received, in the
period he received it in: what never arrived gives its place back, what a member of staff
confirmed in another month counts there. What counts per account is spent by the call itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from django.db.models import F, Q

from siyu.core.writing import insert_rows
from siyu.kernel.clock import SHANGHAI
from siyu.reach.catalog import same_period
from siyu.reach.models import QuotaUse, Touch
from siyu.reach.types import TouchState

Item = TypeVar("Item")
Key = tuple[str, str, str, str]
"""account, channel, subject, period"""
_CHUNK = 500


def settle_quotas(touches: Sequence[Touch]) -> None:
    """Correct the ledger for touches that just ended; the caller writes their `quota_ids`."""
    failed = [touch for touch in touches if touch.state == TouchState.FAILED]
    return_places(failed)
    late = [touch for touch in touches if touch.quota_ids and _is_of_another_day(touch)]
    _move(late)


def return_places(touches: Sequence[Touch]) -> None:
    """These never reached anybody; the caller writes their `quota_ids`."""
    uses = _uses(touches)
    _add(Counter(pk for touch in touches for pk in touch.quota_ids if pk in uses), -1)
    for touch in touches:
        touch.quota_ids = []


def _move(touches: Sequence[Touch]) -> None:
    """Count these in the period they were delivered in."""
    uses = _uses(touches)
    wanted = {
        (touch.pk, pk): key
        for touch in touches
        for pk in touch.quota_ids
        if pk in uses and (key := _key_at(uses[pk], touch.done_at)) != _key_of(uses[pk])
    }
    if not wanted:
        return
    there = _rows(set(wanted.values()))
    _add(Counter(pk for _, pk in wanted), -1)
    _add(Counter(there[key] for key in wanted.values()), 1)
    for touch in touches:
        touch.quota_ids = [
            there[wanted[touch.pk, pk]] if (touch.pk, pk) in wanted else pk
            for pk in touch.quota_ids
        ]


def _is_of_another_day(touch: Touch) -> bool:
    if touch.state != TouchState.DELIVERED or not touch.done_at or not touch.reserved_at:
        return False
    return _day(touch.done_at) != _day(touch.reserved_at)


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _uses(touches: Sequence[Touch]) -> dict[int, QuotaUse]:
    """What these hold of customers' and groups' quotas, by row."""
    ids = sorted({pk for touch in touches for pk in touch.quota_ids})
    found: dict[int, QuotaUse] = {}
    for some in _chunks(ids):
        rows = QuotaUse.objects.filter(pk__in=some).exclude(subject="")
        found |= {row.pk: row for row in rows}
    return found


def _key_of(use: QuotaUse) -> Key:
    return (use.account, use.channel, use.subject, use.period)


def _key_at(use: QuotaUse, at: datetime | None) -> Key:
    """The same quota in the period of `at`, in Shanghai."""
    assert at is not None
    return (use.account, use.channel, use.subject, same_period(use.period, at))


def _rows(keys: set[Key]) -> Mapping[Key, int]:
    """The rows of these keys, made where they are missing."""
    rows = [
        QuotaUse(account=account, channel=channel, subject=subject, period=period)
        for account, channel, subject, period in sorted(keys)
    ]
    insert_rows(rows, ignore_conflicts=True)
    found: dict[Key, int] = {}
    for some in _chunks(sorted({key[2] for key in keys})):
        where = Q(
            account__in={key[0] for key in keys},
            channel__in={key[1] for key in keys},
            subject__in=some,
            period__in={key[3] for key in keys},
        )
        found |= {_key_of(row): row.pk for row in QuotaUse.objects.filter(where)}
    return found


def _add(counts: Mapping[int, int], sign: int) -> None:
    """Add to what is used, never below 0; rows in the same order for everybody."""
    by_count: dict[int, list[int]] = {}
    for pk, count in counts.items():
        by_count.setdefault(count, []).append(pk)
    for count, pks in sorted(by_count.items()):
        for some in _chunks(sorted(pks)):
            rows = QuotaUse.objects.filter(pk__in=some)
            rows = rows.filter(used__gte=count) if sign < 0 else rows
            rows.update(used=F("used") + sign * count)


def _chunks(values: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (values[at : at + _CHUNK] for at in range(0, len(values), _CHUNK))
