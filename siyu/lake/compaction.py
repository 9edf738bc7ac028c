"""Keeping the history readable fast: few files, sorted by identity, of today's owners, no more.

Sorted by identity because identities, unlike customers, never change: a merge moves no row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from deltalake import DeltaTable
from django.db.models import Min

from siyu.core.failpoints import failpoint
from siyu.core.runtime import runtime
from siyu.kernel.clock import SHANGHAI, to_ms
from siyu.lake.delta import DataFile, writable_events
from siyu.lake.layout import choose_merge
from siyu.lake.models import IdentityOwner
from siyu.lake.rewriting import Workbench, live_files, open_workbench, rewrite

KEEP_HOURS = 1
SQUASH_OWNERS = 5_000
SQUASH_AFTER = timedelta(days=1)


def tidy(*, keep_hours: int = KEEP_HOURS) -> bool:
    """Merge the files of the month that needs it most; False when every month is tidy."""
    table = writable_events()
    now = runtime().clock.now()
    month = now.astimezone(SHANGHAI).strftime("%Y-%m")
    merge = choose_merge(live_files(table), now_ms=to_ms(now), current_month=month)
    if merge is None:
        return False
    with open_workbench() as bench:
        kind = "sorted" if merge.is_whole else "loose"
        rewrite(table, bench, merge.files, kind=kind, step="compact")
    vacuum(table, keep_hours)
    return True


def squash(*, settled: Callable[[], None]) -> bool:
    """Write today's owners into the files once they are many or a day old, and forget them.

    settled: returns when every flush that may have read an older owner has ended.
    """
    owners = dict(IdentityOwner.objects.values_list("identity_id", "customer_id"))
    oldest = IdentityOwner.objects.aggregate(at=Min("moved_at"))["at"]
    is_old = oldest is not None and runtime().clock.now() - oldest >= SQUASH_AFTER
    if not owners or (len(owners) < SQUASH_OWNERS and not is_old):
        return False
    settled()
    table = writable_events()
    wanted = sorted(owners)
    with open_workbench() as bench:
        candidates = [file for file in live_files(table) if file.may_hold(wanted)]
        for file in bench.with_past_owners(table, candidates):
            kind = "sorted" if file.is_sorted else "loose"
            rewrite(table, bench, [file], kind=kind, step="squash")
    _forget(owners)
    return True


def _forget(owners: dict[int, int]) -> None:
    """Drop the owners that are in the files now, unless they changed meanwhile."""
    listed = list(owners.items())
    for start in range(0, len(listed), 500):
        part = dict(listed[start : start + 500])
        current = IdentityOwner.objects.filter(identity_id__in=part)
        same = [
            key
            for key, value in current.values_list("identity_id", "customer_id")
            if part[key] == value
        ]
        IdentityOwner.objects.filter(identity_id__in=same).delete()


def vacuum(table: DeltaTable, keep_hours: int) -> None:
    """Delete files that left the table more than `keep_hours` ago; readers may hold newer ones."""
    table.vacuum(
        retention_hours=keep_hours, dry_run=False, enforce_retention_duration=False, full=True
    )


def erase_history(identity_ids: Sequence[int]) -> None:
    """Rewrite the files that hold these identities, then delete every file out of the table.

    The caller must keep all writers away: a file of theirs not yet committed would go too.
    """
    table = writable_events()
    wanted = sorted(set(identity_ids))
    candidates = [file for file in live_files(table) if file.may_hold(wanted)]
    with open_workbench(erased=wanted) as bench:
        _drop(table, bench, candidates)
    vacuum(table, 0)
    failpoint("lake.erase.vacuumed")


def remove_rows(source: str, first_id: int, last_id: int, *, kept: Sequence[int] = ()) -> int:
    """Rewrite the files without the events of a source whose ids lie in a span.

    kept: hashes of messages that stay. How many events went.
    """
    table = writable_events()
    quoted = source.replace("'", "''")
    gone = f"e.source = '{quoted}' AND e.event_id BETWEEN {first_id:d} AND {last_id:d}"
    if kept:
        gone += f" AND e.message_hash NOT IN ({', '.join(map(str, map(int, kept)))})"
    with open_workbench(gone=gone) as bench:
        return _drop(table, bench, live_files(table))


def _drop(table: DeltaTable, bench: Workbench, candidates: Sequence[DataFile]) -> int:
    """Rewrite the files that hold rows which are gone; how many rows those were."""
    count = 0
    for file in bench.holding_gone(table, candidates):
        kind = "sorted" if file.is_sorted else "loose"
        count += rewrite(table, bench, [file], kind=kind, step="erase")
    return count
