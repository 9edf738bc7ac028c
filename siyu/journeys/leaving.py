"""Ending people's journeys: goal, exit, merge, erasure. Callers hold the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from siyu.journeys.models import Entry, Journey
from siyu.pool import queries as pool
from siyu.pool.types import Move
from siyu.reach import actions as reach
from siyu.reach.types import GateVerdict, TouchRef

PREFIX = "journey:"
COMPLETED = "completed"
_TOUCH_REASONS = {"goal": "goal_reached"}


def campaign_of(journey_id: int) -> str:
    return f"{PREFIX}{journey_id}"


def leave(entries: Sequence[Entry], reason: str, now: datetime) -> None:
    """End these entries now and cancel what they still had planned.

    Entries that ended before keep their reason; only their waiting messages are cancelled.
    """
    if not entries:
        return
    Entry.objects.filter(pk__in=[entry.pk for entry in entries], state="active").update(
        state="exited", exit_reason=reason[:64], exited_at=now, awaits=""
    )
    by_journey: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_journey[entry.journey_id].append(entry)
    for journey_id, some in by_journey.items():
        reach.cancel_touches(
            campaign_of(journey_id),
            {entry.customer_id for entry in some},
            _touch_reason(reason),
            now,
            entry_keys={entry.entry_key for entry in some},
        )


def on_customers_moved(moves: Sequence[Move], now: datetime) -> None:
    """After a merge: whoever is twice in a journey keeps the earlier entry; the other ends."""
    _follow_aliases({move.from_customer for move in moves})
    active = Entry.objects.filter(
        state="active", customer_id__in={move.to_customer for move in moves}
    )
    groups: dict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in active.order_by("entered_at", "id"):
        groups[entry.journey_id, entry.customer_id].append(entry)
    for entries in groups.values():
        leave(_later_runs(entries), "merged", now)


def gate(refs: Sequence[TouchRef]) -> dict[int, GateVerdict]:
    """Reach's question right before a send: may the touches of these entries still go out?"""
    ids = {ref.id: int(ref.campaign.removeprefix(PREFIX)) for ref in refs}
    paused = set(
        Journey.objects.filter(pk__in=set(ids.values()), state="paused").values_list(
            "pk", flat=True
        )
    )
    ended = _ended(set(ids.values()), {ref.entry_key for ref in refs})
    verdicts = {}
    for ref in refs:
        reason = ended.get((ids[ref.id], ref.entry_key))
        if reason is not None:
            verdicts[ref.id] = GateVerdict(_touch_reason(reason))
        elif ids[ref.id] in paused:
            verdicts[ref.id] = GateVerdict("journey_paused", is_hold=True)
    return verdicts


def _touch_reason(exit_reason: str) -> str:
    return _TOUCH_REASONS.get(exit_reason, "journey_exited")


def _ended(journey_ids: set[int], keys: set[str]) -> Mapping[tuple[int, str], str]:
    """Entries that ended before their end, with why; a completed one may still be speaking."""
    rows = Entry.objects.filter(journey_id__in=journey_ids, entry_key__in=keys, state="exited")
    return {
        (journey_id, key): reason
        for journey_id, key, reason in rows.values_list("journey_id", "entry_key", "exit_reason")
        if reason == "goal" or reason.startswith("exit:") or reason in {"merged", "erased"}
    }


def _follow_aliases(customer_ids: set[int]) -> None:
    """Entries without an identity follow their customer when he or she is wholly merged."""
    loose = Entry.objects.filter(customer_id__in=customer_ids, identity_id__isnull=True)
    for customer_id in set(loose.values_list("customer_id", flat=True)):
        current = pool.current_customer_id(customer_id)
        if current != customer_id:
            loose.filter(customer_id=customer_id).update(customer_id=current)


def _later_runs(entries: Sequence[Entry]) -> list[Entry]:
    """All but the first entry, except runs that each have a key of their own (`every_key`)."""
    return [entry for entry in entries[1:] if not entry.entry_key.startswith("key:")]
