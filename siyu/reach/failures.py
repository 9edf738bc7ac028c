"""Messages a platform took and then did not deliver."""

from __future__ import annotations

from siyu.core.pipeline import Batch
from siyu.ports.facts import MESSAGE_FAILED
from siyu.reach.models import Attempt, Touch
from siyu.reach.types import TouchState


def note_failures(batch: Batch) -> None:
    """Mark the touches of messages that failed after all, with the platform's reason."""
    failed = {
        (seen.fact.account, str(seen.fact.private.get("failed_message_id") or "")): seen.fact
        for seen in batch.named(MESSAGE_FAILED)
    }
    if not failed:
        return
    attempts = Attempt.objects.filter(
        account__in={account for account, _ in failed},
        remote_id__in={remote_id for _, remote_id in failed if remote_id},
    )
    for attempt in attempts:
        fact = failed.get((attempt.account, attempt.remote_id))
        if fact is not None:
            Touch.objects.filter(attempt_id=attempt.pk, state=TouchState.DELIVERED).update(
                state=TouchState.FAILED,
                reason=str(fact.properties.get("reason") or "not_delivered")[:64],
                done_at=batch.now,
            )
