"""Which messages were answered within seven days."""

from __future__ import annotations

from datetime import timedelta

from siyu.core.pipeline import Batch
from siyu.ports.facts import MESSAGE_RECEIVED
from siyu.reach.models import Touch
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
