"""The intent: on disk before the platform hears anything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from siyu.core.writing import write_rows
from siyu.pool import queries as pool
from siyu.reach.gates import ask_gates
from siyu.reach.lanes import Batch
from siyu.reach.ledger import give_back
from siyu.reach.models import Attempt, Touch, Window, Wording
from siyu.reach.policy import get_policy
from siyu.reach.reserve import ref_of
from siyu.reach.rules import HOLD, quiet_end, quiet_start
from siyu.reach.types import MARKETING, NOBODY, TouchState
from siyu.reach.windows import last_call


@dataclass(frozen=True)
class Intent:
    """One call to make. not_after: its window ends then, or quiet hours begin; None = any time."""

    attempt: Attempt
    touches: list[Touch]
    not_after: datetime | None = None


_HANDED = ("state", "handed_at", "attempt_id", "lease", "tries")


def write_intents(
    batches: Sequence[Batch], now: datetime, *, lease_until: float
) -> list[Intent | None]:
    """Commit that these batches are handed over now; None for one whose touches may not go.

    Asks once more for erasure, consent and the planner's gate, and whether it is still time: all
    may have changed since the reservation. Touches another run has taken over are left alone.
    """
    with transaction.atomic():
        reserved = _reserved(batches)
        windows = _windows(reserved.values())
        ends = _ends(reserved.values(), windows, now)
        touches = _still_allowed(reserved, ends, now)
        by_batch = [
            (batch, [touches[key] for key in _keys(batch) if key in touches]) for batch in batches
        ]
        kept = [(batch, some) for batch, some in by_batch if some]
        contexts = {pk: window.context for pk, window in windows.items()}
        attached = _attachments(touches.values())
        attempts = Attempt.objects.bulk_create(
            [
                Attempt(
                    key=idempotency_key(some),
                    account=batch.account,
                    channel=batch.channel,
                    sender=batch.sender,
                    context=contexts.get(some[0].window_id or 0, {}),
                    text=some[0].text,
                    attachments=attached.get(some[0].wording_id, []),
                    campaign=batch.campaign,
                    size=len(some),
                    started_at=now,
                    lease_until=lease_until,
                )
                for batch, some in kept
            ]
        )
        for attempt, (_, some) in zip(attempts, kept, strict=True):
            for touch in some:
                touch.state, touch.handed_at, touch.attempt_id = TouchState.HANDED, now, attempt.pk
                touch.lease, touch.tries = "", touch.tries + 1
        write_rows([touch for _, some in kept for touch in some], _HANDED)
    written = iter(attempts)
    return [_intent(next(written), some, ends) if some else None for _, some in by_batch]


def _intent(attempt: Attempt, touches: list[Touch], ends: Mapping[int, datetime]) -> Intent:
    told = [ends[touch.pk] for touch in touches if touch.pk in ends]
    return Intent(attempt, touches, min(told, default=None))


def _keys(batch: Batch) -> list[tuple[int, str]]:
    """Touch and reservation: an earlier batch of the same touch must not pass for this one."""
    return [(pk, batch.lease) for pk in batch.touch_ids]


def _reserved(batches: Sequence[Batch]) -> dict[tuple[int, str], Touch]:
    """The touches the batches still hold, locked, by id and reservation."""
    held = {key for batch in batches for key in _keys(batch)}
    found = Touch.objects.filter(pk__in={pk for pk, _ in held}, state=TouchState.RESERVED).order_by(
        "id"
    )
    if connection.vendor == "postgresql":
        found = found.select_for_update()
    return {(touch.pk, touch.lease): touch for touch in found if (touch.pk, touch.lease) in held}


def idempotency_key(touches: Sequence[Touch]) -> str:
    """The same for the same touches, attempt after attempt."""
    ids = ",".join(str(touch.pk) for touch in touches)
    return hashlib.blake2b(ids.encode(), digest_size=16).hexdigest()


def _still_allowed(
    reserved: Mapping[tuple[int, str], Touch], ends: Mapping[int, datetime], now: datetime
) -> dict[tuple[int, str], Touch]:
    """The touches that may go; the others are stopped, held, or decided anew."""
    if not reserved:
        return {}
    touches = list(reserved.values())
    ids = sorted({touch.customer_id for touch in touches})
    erased = pool.erased_of(ids) - {NOBODY}
    consents = pool.consents_of(ids, {(touch.channel, touch.purpose) for touch in touches})
    gates = ask_gates([ref_of(touch) for touch in touches])
    stopped: dict[int, str] = {}
    held: list[int] = []
    late: list[int] = []
    for touch in touches:
        gate = gates.get(touch.pk)
        if touch.customer_id in erased:
            stopped[touch.pk] = "erased"
        elif consents[touch.channel, touch.purpose][touch.customer_id] is False:
            stopped[touch.pk] = "no_consent"
        elif gate is not None and gate.is_hold:
            held.append(touch.pk)
        elif gate is not None:
            stopped[touch.pk] = gate.reason
        elif now >= touch.expires_at:
            stopped[touch.pk] = "expired"
        elif touch.pk in ends and now >= ends[touch.pk]:
            late.append(touch.pk)
    _stop(stopped, now)
    _hold(held, gates[held[0]].reason if held else "", now)
    _decide_anew(late)
    gone = {*stopped, *held, *late}
    return {key: touch for key, touch in reserved.items() if touch.pk not in gone}


def _stop(stopped: Mapping[int, str], now: datetime) -> None:
    for reason in set(stopped.values()):
        found = Touch.objects.filter(pk__in=[pk for pk, why in stopped.items() if why == reason])
        give_back(found)
        state = TouchState.EXPIRED if reason == "expired" else TouchState.SUPPRESSED
        found.update(state=state, reason=reason, done_at=now, lease="", reserved_at=None)


def _hold(held: Sequence[int], reason: str, now: datetime) -> None:
    if not held:
        return
    found = Touch.objects.filter(pk__in=held)
    give_back(found)
    found.update(
        state=TouchState.DEFERRED, reason=reason, next_at=now + HOLD, lease="", reserved_at=None
    )


def _decide_anew(late: Sequence[int]) -> None:
    """It is no longer time for these: the next turn finds another way, or says why there is none."""
    if late:
        found = Touch.objects.filter(pk__in=late)
        give_back(found)
        found.update(state=TouchState.PLANNED, lease="", reserved_at=None)


def _windows(touches: Iterable[Touch]) -> dict[int, Window]:
    """The windows these go through, with what the channels need from the last inbound facts."""
    ids = {touch.window_id for touch in touches if touch.window_id is not None}
    return Window.objects.in_bulk(ids) if ids else {}


def _ends(
    touches: Iterable[Touch], windows: Mapping[int, Window], now: datetime
) -> dict[int, datetime]:
    """Until when each may be called for, where there is an end: its window's, the quiet hours'."""
    told = list(touches)
    policy = get_policy() if any(touch.purpose == MARKETING for touch in told) else None
    quiet = quiet_start(policy, now) if policy else None
    if policy and quiet_end(policy, now):
        quiet = now
    ends: dict[int, datetime] = {}
    for touch in told:
        window = windows.get(touch.window_id or 0)
        both = (
            last_call(window) if window else None,
            quiet if touch.purpose == MARKETING else None,
        )
        if any(both):
            ends[touch.pk] = min(at for at in both if at)
    return ends


def _attachments(touches: Iterable[Touch]) -> dict[int, list[dict[str, str]]]:
    """What goes along with the texts that have something, by wording."""
    found = Wording.objects.filter(pk__in={touch.wording_id for touch in touches})
    return dict(found.exclude(attachments=[]).values_list("pk", "attachments"))
