"""Reply windows: opened by what customers do, counted down by what we say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q

from siyu.core.pipeline import Batch, Seen
from siyu.core.writing import insert_rows, write_rows
from siyu.kernel.clock import from_ms
from siyu.ports.manifest import Channel
from siyu.reach.catalog import catalog, is_windowed, window_length
from siyu.reach.models import Touch, Window

_PRIVATE_KEYS = ("_code", "_id", "_token")
_MAX_VALUE = 500
_Rank = tuple[datetime, timedelta]
LONGEST_LEAD = timedelta(seconds=5)
"""What a message takes to arrive; of a short window a fortieth of its length."""


def _rank(opened_at: datetime, until: datetime) -> _Rank:
    """The later opening counts; of two at once the one that ends first."""
    return opened_at, opened_at - until


@dataclass(frozen=True)
class _Opening:
    """length, limit: of the window this fact opens; a channel's triggers differ in both."""

    seen: Seen
    channel: Channel
    at: datetime
    length: timedelta
    limit: int

    @property
    def key(self) -> tuple[int, str, str]:
        assert self.seen.identity_id is not None
        return (self.seen.identity_id, self.channel.name, self.seen.fact.account)

    @property
    def rank(self) -> _Rank:
        return _rank(self.at, self.at + self.length)


def open_windows(batch: Batch) -> None:
    """Open or renew the window of every channel a fact of the batch triggers.

    The newest trigger counts, also one whose window is over already: the platform has shut the
    older one then. Of two in the same second the shorter window is the safe one. A late or
    repeated fact never shortens or replaces a newer window.
    """
    openings: dict[tuple[int, str, str], _Opening] = {}
    for opening in _openings(batch):
        kept = openings.get(opening.key)
        if kept is None or kept.rank <= opening.rank:
            openings[opening.key] = opening
    if not openings:
        return
    rows = {
        (row.identity_id, row.channel, row.account): row
        for row in Window.objects.filter(identity_id__in={key[0] for key in openings})
    }
    fresh = [
        _window(opening)
        for key, opening in openings.items()
        if key not in rows and opening.at + opening.length > batch.now
    ]
    insert_rows(fresh, ignore_conflicts=True)
    newer = [
        _window(opening, rows[key])
        for key, opening in openings.items()
        if key in rows and _rank(rows[key].opened_at, rows[key].until) < opening.rank
    ]
    write_rows(newer, ("customer_id", "opened_at", "until", "remaining", "context"))


def last_call(window: Window) -> datetime:
    """Until when a call may begin that is to arrive before the platform shuts the window."""
    return window.until - min(LONGEST_LEAD, (window.until - window.opened_at) / 40)


def take_windows(counts: dict[int, int]) -> None:
    """Spend messages of windows (window id → messages)."""
    if not counts:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE reach_window SET remaining = remaining - %s"
            " WHERE id = %s AND remaining IS NOT NULL",
            [(count, window_id) for window_id, count in counts.items()],
        )


def give_back_window(touch: Touch) -> None:
    """Return a message that surely was not sent; not when the window was opened anew since."""
    if touch.window_id is None or touch.reserved_at is None:
        return
    Window.objects.filter(
        Q(pk=touch.window_id), Q(opened_at__lte=touch.reserved_at), Q(remaining__isnull=False)
    ).update(remaining=F("remaining") + 1)


def _openings(batch: Batch) -> Iterator[_Opening]:
    by_trigger: dict[tuple[str, str], list[tuple[Channel, timedelta, int]]] = {}
    for platform, manifest in catalog().manifests().items():
        for channel in manifest.channels:
            if channel.trigger and is_windowed(channel):
                for fact_name, length, limit in _triggers(channel):
                    by_trigger.setdefault((platform, fact_name), []).append(
                        (channel, length, limit)
                    )
    for name in sorted({trigger for _, trigger in by_trigger}):
        for seen in batch.named(name):
            if seen.customer_id is None or seen.identity_id is None or not seen.fact.account:
                continue
            for channel, length, limit in by_trigger.get((seen.fact.platform, name), ()):
                yield _Opening(seen, channel, from_ms(seen.fact.at), length, limit)


def _triggers(channel: Channel) -> Iterator[tuple[str, timedelta, int]]:
    """What opens a channel's window, for how long, for how many messages (0 = any number)."""
    yield channel.trigger, window_length(channel), channel.window_limit
    for trigger in channel.triggers:
        yield trigger.fact, timedelta(seconds=trigger.seconds), trigger.limit


def _window(opening: _Opening, row: Window | None = None) -> Window:
    seen = opening.seen
    assert seen.customer_id is not None
    assert seen.identity_id is not None
    row = row or Window(
        identity_id=seen.identity_id, channel=opening.channel.name, account=seen.fact.account
    )
    row.customer_id = seen.customer_id
    row.opened_at = opening.at
    row.until = opening.at + opening.length
    row.remaining = opening.limit or None
    row.context = _context(seen)
    return row


def _context(seen: Seen) -> dict[str, Any]:
    """What a sender may need: open properties, and private codes and ids (no names, no text)."""
    fact = seen.fact
    private = {key: value for key, value in fact.private.items() if key.endswith(_PRIVATE_KEYS)}
    found = {
        key: str(value)
        for key, value in {**fact.properties, **private}.items()
        if isinstance(value, str | int) and len(str(value)) <= _MAX_VALUE
    }
    return {**found, "staff": fact.staff, "message_id": fact.message_id}
