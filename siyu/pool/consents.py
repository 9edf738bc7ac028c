"""Consent: per identity the latest word, per customer the most restrictive one."""

from __future__ import annotations

from collections.abc import Iterable

from siyu.core.pipeline import Seen
from siyu.pool.models import Consent
from siyu.pool.rows import insert_rows, stamper

CONSENT_CHANGED = "consent_changed"
PURPOSES = frozenset({"marketing", "service"})
COLUMNS = ("customer_id", "identity_id", "channel", "purpose", "is_granted", "source", "at")
LATEST_WINS = (
    "(identity_id, channel, purpose) DO UPDATE SET is_granted = excluded.is_granted,"
    " source = excluded.source, at = excluded.at WHERE excluded.at > pool_consent.at"
    " OR (excluded.at = pool_consent.at AND NOT excluded.is_granted)"
)


def record_consents(people: Iterable[Seen]) -> None:
    """Facts `consent_changed` with properties channel ("*" when absent), purpose, is_granted."""
    latest: dict[tuple[int, str, str], tuple[int, bool, str, int]] = {}
    for seen in people:
        fact = seen.fact
        if fact.name != CONSENT_CHANGED or seen.identity_id is None or seen.customer_id is None:
            continue
        purpose = str(fact.properties.get("purpose") or "marketing")
        channel = str(fact.properties.get("channel") or "*")[:64]
        is_granted = fact.properties.get("is_granted")
        if purpose not in PURPOSES or not isinstance(is_granted, bool):
            continue
        key = (seen.identity_id, channel, purpose)
        told = (fact.at, not is_granted, fact.source[:160], seen.customer_id)
        latest[key] = max(latest[key], told) if key in latest else told
    stamp = stamper()
    rows = [
        (customer, identity, channel, purpose, not is_withdrawn, source, stamp(at))
        for (identity, channel, purpose), (at, is_withdrawn, source, customer) in latest.items()
    ]
    insert_rows(Consent, COLUMNS, rows, on_conflict=LATEST_WINS)
