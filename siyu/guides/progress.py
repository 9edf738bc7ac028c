"""How far a pull is, how fast it goes, and how long it may still take. Pure."""

from __future__ import annotations

from datetime import datetime

from siyu.guides.contacts import STAFF_PER_CALL, ContactPull
from siyu.guides.models import Sync
from siyu.guides.types import SourceProgress, SyncProgress

CONTACTS = ContactPull.name
ALMOST = 0.99
"""More relations than last time may come: a running pull is never called complete."""


def describe(sync: Sync, now: datetime) -> SyncProgress:
    """A pull as people see it; `now` on the shared clock."""
    seconds = max(0.0, ((sync.finished_at or now) - sync.started_at).total_seconds())
    rate = sync.contacts / seconds if seconds else 0.0
    share = _share(sync)
    return SyncProgress(
        id=sync.pk,
        account=sync.account,
        state=sync.state,
        requested_by=sync.requested_by,
        source=_current(sync),
        sources=[_source(name, sync) for name in sync.sources],
        staff_total=len(sync.staff),
        staff_done=_staff_done(sync),
        pages=sync.pages,
        contacts=sync.contacts,
        expected=sync.expected,
        changed=sync.changed,
        gone=sync.gone,
        share=share,
        per_second=round(rate, 1),
        seconds_left=_seconds_left(sync, rate, share, seconds),
        started_at=sync.started_at,
        finished_at=sync.finished_at,
        waits_until=sync.next_at if sync.state == "running" and sync.next_at > now else None,
        error=sync.error,
    )


def _current(sync: Sync) -> str:
    return sync.sources[sync.place] if sync.place < len(sync.sources) else ""


def _source(name: str, sync: Sync) -> SourceProgress:
    note = sync.notes.get(name, {})
    return SourceProgress(
        name=name,
        found=note.get("found", 0),
        changed=note.get("changed", 0),
        gone=note.get("gone", 0),
        error=note.get("error", ""),
    )


def _is_behind(sync: Sync) -> bool:
    """Whether the customers are all read."""
    return CONTACTS in sync.sources[: sync.place]


def _staff_done(sync: Sync) -> int:
    if _is_behind(sync):
        return len(sync.staff)
    if _current(sync) != CONTACTS:
        return 0
    return min(sync.position * STAFF_PER_CALL, len(sync.staff))


def _share(sync: Sync) -> float:
    """How much of the customers is read, by last time's count or else by staff; 0 to 1."""
    if sync.state == "done":
        return 1.0
    if _is_behind(sync):
        return ALMOST
    if sync.expected:
        return min(ALMOST, sync.contacts / sync.expected)
    return min(ALMOST, _staff_done(sync) / len(sync.staff)) if sync.staff else 0.0


def _seconds_left(sync: Sync, rate: float, share: float, seconds: float) -> int | None:
    """None when it cannot be told yet."""
    if sync.state != "running":
        return None
    if sync.expected > sync.contacts and rate:
        return round((sync.expected - sync.contacts) / rate)
    return round(seconds * (1 - share) / share) if share else None
