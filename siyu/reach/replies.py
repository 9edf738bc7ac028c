"""Which messages were answered within seven days, and which did not arrive after all."""

from __future__ import annotations

from datetime import timedelta

from siyu.core.pipeline import Batch
from siyu.ports.facts import MESSAGE_RECEIVED, SEND_FINISHED
from siyu.reach.models import Attempt, Touch
from siyu.reach.types import TouchState

ANSWER_WITHIN = timedelta(days=7)


def note_replies(batch: Batch) -> None:
    """Mark the touches of customers who wrote to us."""
    customer_ids = {
        seen.customer_id
        for seen in batch.named(MESSAGE_RECEIVED)
        if seen.customer_id is not None and not seen.fact.is_late
    }
    if not customer_ids:
        return
    Touch.objects.filter(
        customer_id__in=customer_ids,
        state=TouchState.DELIVERED,
        replied_at__isnull=True,
        handed_at__gt=batch.now - ANSWER_WITHIN,
    ).update(replied_at=batch.now)


def note_failures(batch: Batch) -> None:
    """Messages that a platform took and then could not deliver did not arrive after all."""
    failed = {
        (seen.fact.account, str(seen.fact.properties.get("remote_id", ""))): str(
            seen.fact.properties["failure"]
        )
        for seen in batch.named(SEND_FINISHED)
        if seen.fact.properties.get("failure") and seen.fact.properties.get("remote_id")
    }
    if not failed:
        return
    attempts = Attempt.objects.filter(
        account__in={account for account, _ in failed},
        remote_id__in={remote_id for _, remote_id in failed},
    ).values_list("pk", "account", "remote_id")
    for attempt_id, account, remote_id in attempts:
        reason = failed.get((account, remote_id))
        if reason:
            Touch.objects.filter(attempt_id=attempt_id, state=TouchState.DELIVERED).update(
                state=TouchState.FAILED, reason=reason[:64]
            )
