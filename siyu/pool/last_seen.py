"""When many known people were last seen, after an import of their past."""

from __future__ import annotations

from django.db import transaction

from siyu.pool.bulk_rows import Ints, times_of
from siyu.pool.rows import execute, raise_times


def raise_last_seen(identity_ids: Ints, at: Ints) -> None:
    """Move on when these identities and their customers were last seen (ms); nobody goes back.

    identity_ids: ascending, each once, so that neighbours in the tables are written together.
    Runs in a transaction of its own.
    """
    if not len(identity_ids):
        return
    with transaction.atomic():
        stamps = times_of(at)
        rows = list(zip(stamps, identity_ids.tolist(), strict=True))
        raise_times("pool_identity", "last_seen_at", rows)
        execute(
            "UPDATE pool_customer SET last_seen_at = later.at FROM"
            " (SELECT customer_id, MAX(last_seen_at) AS at FROM pool_identity"
            " WHERE id BETWEEN %s AND %s GROUP BY customer_id) AS later"
            " WHERE pool_customer.id = later.customer_id AND pool_customer.last_seen_at < later.at",
            int(identity_ids[0]),
            int(identity_ids[-1]),
        )
