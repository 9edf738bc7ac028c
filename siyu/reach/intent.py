"""The intent: on disk before the platform hears anything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from siyu.pool import queries as pool
from siyu.reach.gates import ask_gates
from siyu.reach.lanes import Batch
from siyu.reach.ledger import give_back
from siyu.reach.models import Attempt, Touch, Window
from siyu.reach.reserve import ref_of
from siyu.reach.rules import HOLD
from siyu.reach.types import TouchState


def write_intent(
    batch: Batch, now: datetime, *, lease_until: float
) -> tuple[Attempt, list[Touch]] | None:
    """Commit that these touches are handed over now; None when none may go any more.

    Asks once more for erasure, consent and the planner's gate: all three may have changed since
    the reservation. Touches another run has taken over are left alone.
    """
    with transaction.atomic():
        found = Touch.objects.filter(
            pk__in=batch.touch_ids, state=TouchState.RESERVED, lease=batch.lease
        ).order_by("id")
        if connection.vendor == "postgresql":
            found = found.select_for_update()
        touches = _still_allowed(list(found), now)
        if not touches:
            return None
        attempt = Attempt.objects.create(
            key=idempotency_key(touches),
            account=batch.account,
            channel=batch.channel,
            sender=batch.sender,
            context=_context(touches[0]),
            text=touches[0].text,
            started_at=now,
            lease_until=lease_until,
        )
        Touch.objects.filter(pk__in=[touch.pk for touch in touches]).update(
            state=TouchState.HANDED,
            handed_at=now,
            attempt_id=attempt.pk,
            lease="",
            tries=F("tries") + 1,
        )
    return attempt, touches


def idempotency_key(touches: Sequence[Touch]) -> str:
    """The same for the same touches, attempt after attempt."""
    ids = ",".join(str(touch.pk) for touch in touches)
    return hashlib.blake2b(ids.encode(), digest_size=16).hexdigest()


def _still_allowed(touches: list[Touch], now: datetime) -> list[Touch]:
    ids = sorted({touch.customer_id for touch in touches})
    erased = pool.erased_of(ids)
    consents = {
        purpose: _withdrawn(ids, touches[0].channel, purpose)
        for purpose in {touch.purpose for touch in touches}
    }
    gates = ask_gates([ref_of(touch) for touch in touches])
    stopped: dict[int, str] = {}
    held: list[int] = []
    for touch in touches:
        gate = gates.get(touch.pk)
        if touch.customer_id in erased:
            stopped[touch.pk] = "erased"
        elif touch.customer_id in consents[touch.purpose]:
            stopped[touch.pk] = "no_consent"
        elif gate is not None and gate.is_hold:
            held.append(touch.pk)
        elif gate is not None:
            stopped[touch.pk] = gate.reason
        elif now >= touch.expires_at:
            stopped[touch.pk] = "expired"
    _stop(stopped, now)
    _hold(held, gates[held[0]].reason if held else "", now)
    return [touch for touch in touches if touch.pk not in stopped and touch.pk not in held]


def _withdrawn(ids: Sequence[int], channel: str, purpose: str) -> set[int]:
    answers: Mapping[int, bool | None] = pool.consent_of(ids, channel=channel, purpose=purpose)
    return {customer_id for customer_id, answer in answers.items() if answer is False}


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


def _context(touch: Touch) -> dict[str, str]:
    """What the channel needs from the last inbound fact."""
    if touch.window_id is None:
        return {}
    context = Window.objects.values_list("context", flat=True).get(pk=touch.window_id)
    return {str(key): str(value) for key, value in context.items()}
