"""What an import of many batches told of known people's past, once it has told all of it.

When they were last seen, and who has looked often enough to delight: a write for each person and
import instead of one for each person and batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siyu.pool.advancing import Entry, enter_stage
from siyu.pool.bulk_rows import Ints, times_of
from siyu.pool.bulk_stored import ACQUAINTANCES
from siyu.pool.rows import among, execute, fetch, is_postgres, listed, update_from
from siyu.pool.stages import VIEWS_FOR_DELIGHT, Stage


@dataclass(frozen=True)
class Meetings:
    """identities: ascending, each once. last: when each was met last, ms.

    views: how often each looked, counted up to three. looked: when for the last time of those, ms.
    """

    identities: Ints
    last: Ints
    views: Ints
    looked: Ints


def settle_meetings(met: Meetings) -> None:
    """Move on when these people were last seen, and their views; nobody goes back.

    In the caller's transaction, once per meeting: views are added up.
    """
    if not len(met.identities):
        return
    _raise_identities(met)
    execute(
        "UPDATE pool_customer SET last_seen_at = later.at FROM"
        " (SELECT customer_id, MAX(last_seen_at) AS at FROM pool_identity"
        " WHERE id BETWEEN %s AND %s GROUP BY customer_id) AS later"
        " WHERE pool_customer.id = later.customer_id AND pool_customer.last_seen_at < later.at",
        int(met.identities[0]),
        int(met.identities[-1]),
    )
    _delight(met)


def forget_acquaintances() -> None:
    """After the last batch: what was remembered of known people is needed no more."""
    ACQUAINTANCES.forget()


def _raise_identities(met: Meetings) -> None:
    later, least = ("GREATEST", "LEAST") if is_postgres() else ("MAX", "MIN")
    rows = zip(times_of(met.last), met.views.tolist(), met.identities.tolist(), strict=True)
    update_from(
        "pool_identity",
        f"last_seen_at = {later}(last_seen_at, new.column1),"
        f" views = {least}(views + new.column2, {VIEWS_FOR_DELIGHT})",
        list(rows),
        types=("timestamptz", "int", "bigint"),
        where="pool_identity.id = new.column3 AND (last_seen_at < new.column1"
        f" OR (new.column2 > 0 AND views < {VIEWS_FOR_DELIGHT}))",
    )


def _delight(met: Meetings) -> None:
    """Three views of a person on all identities together."""
    rows = np.flatnonzero(met.views)
    ids = met.identities[rows].tolist()
    looked = dict(zip(ids, met.looked[rows].tolist(), strict=True))
    reached = fetch(
        "SELECT i.id, i.customer_id FROM pool_identity i"  # noqa: S608
        f" WHERE {among('i.id')} AND (i.views >= %s OR (SELECT SUM(o.views) FROM pool_identity o"
        " WHERE o.customer_id = i.customer_id) >= %s) ORDER BY i.id",
        listed(ids),
        VIEWS_FOR_DELIGHT,
        VIEWS_FOR_DELIGHT,
    )
    last: dict[int, int] = {customer: identity for identity, customer in reached}
    entries: dict[Entry, tuple[int, int]] = {
        (identity, Stage.DELIGHT): (looked[identity], customer)
        for customer, identity in last.items()
    }
    enter_stage(entries)
