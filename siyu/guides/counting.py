"""Facts of a batch → counts per member of staff and day. Set-based."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db import connection

from siyu.core.pipeline import Batch
from siyu.guides.colleagues import tell_leavers
from siyu.guides.models import Staff
from siyu.kernel.clock import SHANGHAI, from_ms
from siyu.ports import facts

COLUMNS = {
    facts.FRIEND_ADDED: "added",
    facts.FRIEND_LOST: "lost",
    facts.FRIEND_REMOVED: "lost",
    facts.MESSAGE_RECEIVED: "messages",
    facts.MESSAGE_SENT: "messages",
}
Place = tuple[str, str, date]
_ADD = (
    "INSERT INTO guides_daycount (account, staff, day, added, lost, messages)"
    " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (account, staff, day) DO UPDATE SET"
    " added = guides_daycount.added + excluded.added, lost = guides_daycount.lost + excluded.lost,"
    " messages = guides_daycount.messages + excluded.messages"
)


def count_days(batch: Batch) -> None:
    """Add the batch to the day counts; the transaction makes it count once."""
    counts: dict[Place, Counter[str]] = {}
    for seen in batch.named(*COLUMNS):
        fact = seen.fact
        if fact.staff and fact.account:
            day = from_ms(fact.at).astimezone(SHANGHAI).date()
            counts.setdefault((fact.account, fact.staff, day), Counter())[COLUMNS[fact.name]] += 1
    if not counts:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            _ADD,
            [
                (*place, count["added"], count["lost"], count["messages"])
                for place, count in sorted(counts.items())
            ],
        )


def learn_staff(batch: Batch) -> None:
    """Members of staff seen in facts belong to the directory; a deleted one is inactive."""
    seen = {
        (one.fact.account, one.fact.staff)
        for one in batch.named(*COLUMNS, facts.FRIEND_SYNCED, facts.STAFF_RENAMED)
    }
    add_staff({place for place in seen if all(place)}, batch)
    for one in batch.named(facts.STAFF_SYNCED):
        is_active = one.fact.properties.get("change") != "delete"
        add_staff({(one.fact.account, one.fact.staff)}, batch)
        Staff.objects.filter(account=one.fact.account, staff=one.fact.staff).update(
            is_active=is_active
        )
    for account in {one.fact.account for one in batch.named(facts.STAFF_SYNCED)}:
        tell_leavers(account, batch.now)


def add_staff(places: set[tuple[str, str]], batch: Batch) -> None:
    """Put (account, staff) pairs into the directory unless they are there."""
    known = set(
        Staff.objects.filter(staff__in={staff for _, staff in places}).values_list(
            "account", "staff"
        )
    )
    Staff.objects.bulk_create(
        [
            Staff(account=account, staff=staff, first_seen_at=batch.now, seen_at=batch.now)
            for account, staff in sorted(places - known)
        ],
        ignore_conflicts=True,
    )
