"""Consent as a file of customers states it."""

from __future__ import annotations

from collections.abc import Mapping

from siyu.core.pipeline import Seen
from siyu.pool.bulk import Taken
from siyu.pool.bulk_fresh import People
from siyu.pool.consents import CONSENT_CHANGED, record_consents
from siyu.ports.facts import Fact


def record_import_consents(people: People, taken: Taken, told: Mapping[int, bool]) -> None:
    """Marketing consent by row, for rows whose person is known; the latest word counts."""
    seen = []
    for row, is_granted in told.items():
        customer, identity, at = (
            int(taken.customer_ids[row]),
            int(taken.identity_ids[row]),
            int(people.at[row]),
        )
        if customer:
            fact = Fact(
                name=CONSENT_CHANGED,
                at=at,
                received_at=at,
                source=people.source,
                message_id=f"consent:{identity}:{at}",
                platform=people.platform,
                properties={"is_granted": is_granted, "purpose": "marketing", "channel": "*"},
                is_late=True,
            )
            seen.append(Seen(fact, customer, identity))
    record_consents(seen)
