"""A platform gives a member of staff another id: he stays who he is, under the new one.

What was written before the change and is heard after it names him by the old id; it is taken for
the new one, so the order of arrival does not matter. What happened after the change under the old
id is somebody else's, who got it then.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby

import msgspec

from siyu.core.access import SYSTEM
from siyu.core.audit import record_audit
from siyu.core.pipeline import Batch
from siyu.core.staff_ids import replace_id
from siyu.guides.models import DayCount, Post, Staff, StaffRename
from siyu.kernel.clock import from_ms
from siyu.ports import facts

_Names = dict[tuple[str, str], list[StaffRename]]


def follow_renames(batch: Batch) -> None:
    """Stage, before all others: ids change, and facts from before name staff as they are now."""
    accounts = {one.fact.account for one in batch.seen if one.fact.staff and one.fact.account}
    if not accounts:
        return
    told = sorted(batch.named(facts.STAFF_RENAMED), key=lambda seen: seen.fact.at)
    fresh = [seen.fact for seen in told if _note(seen.fact)]
    names = _names(accounts)
    for fact in fresh:
        before = str(fact.properties["before"])
        after = _now_called(names, fact.account, before, from_ms(fact.at))
        if after != before:
            replace_id(fact.account, before, after, batch.now)
            detail = {"account": fact.account, "before": before}
            record_audit(SYSTEM, "rename_staff", f"staff:{after}", now=batch.now, detail=detail)
    for seen in batch.seen if names else ():
        fact = seen.fact
        after = _now_called(names, fact.account, fact.staff, from_ms(fact.at))
        if after != fact.staff:
            seen.fact = msgspec.structs.replace(fact, staff=after)


def _note(fact: facts.Fact) -> bool:
    """Write a change down; False when it was known."""
    _, is_new = StaffRename.objects.get_or_create(
        account=fact.account,
        before=str(fact.properties["before"]),
        after=fact.staff,
        at=from_ms(fact.at),
    )
    return is_new


def _names(accounts: set[str]) -> _Names:
    found = StaffRename.objects.filter(account__in=accounts).order_by("account", "before", "at")
    return {
        place: list(rows) for place, rows in groupby(found, lambda row: (row.account, row.before))
    }


def _now_called(names: _Names, account: str, staff: str, at: datetime) -> str:
    """Who was called `staff` at that time is called so now."""
    gone: set[int] = set()
    while row := next(
        (one for one in names.get((account, staff), ()) if one.at >= at and one.pk not in gone),
        None,
    ):
        gone.add(row.pk)
        staff, at = row.after, row.at
    return staff


def join_staff(account: str, before: str, after: str, now: datetime) -> None:  # noqa: ARG001 - as every listener
    """The directory's entry keeps its posts; one that a pull made for the new id joins it."""
    old = Staff.objects.filter(account=account, staff=before).first()
    if old is None:
        return
    new = Staff.objects.filter(account=account, staff=after).first()
    if new is None:
        old.staff = after
        old.save()
        return
    for post in Post.objects.filter(staff=old):
        if not Post.objects.filter(staff=new, store=post.store, region=post.region).exists():
            post.staff = new
            post.save()
    new.first_seen_at = min(new.first_seen_at, old.first_seen_at)
    for name in ("name", "position", "departments", "employment"):
        setattr(new, name, getattr(new, name) or getattr(old, name))
    new.save()
    old.delete()


def absorb_days(old: DayCount, new: DayCount) -> None:
    """What was counted under either id was done by one."""
    for name in ("added", "lost", "messages"):
        setattr(new, name, getattr(new, name) + getattr(old, name))
