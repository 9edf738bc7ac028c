"""What a table of past events says of people: views bring delight; some names change state."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siyu.core.pipeline import Batch, Seen
from siyu.pool.advancing import REACHED, advance_stages
from siyu.pool.bulk_rows import Ints
from siyu.pool.consents import CONSENT_CHANGED
from siyu.pool.stages import VIEW_FACTS, VIEWS_FOR_DELIGHT, Stage
from siyu.ports import facts
from siyu.ports.facts import Fact

STATEFUL = frozenset(
    {
        facts.FRIEND_ADDED,
        facts.FRIEND_EDITED,
        facts.FRIEND_REMOVED,
        facts.FRIEND_LOST,
        facts.FRIEND_SYNCED,
        facts.STAFF_SYNCED,
        facts.STAFF_RENAMED,
        facts.TAG_CATALOG_CHANGED,
        facts.FOLLOWED,
        facts.UNFOLLOWED,
        facts.MESSAGE_RECEIVED,
        facts.MESSAGE_SENT,
        facts.CHAT_ENTERED,
        facts.ORDER_COMPLETED,
        facts.ORDER_REFUNDED,
        facts.REFERRED,
        facts.MERGED_BY_ALIAS,
        facts.IDENTITY_UNBOUND,
        CONSENT_CHANGED,
    }
)
"""Names that a stage other than the history hears."""


def note_views(names: pa.Array, customers: Ints, identities: Ints, at: Ints, now: datetime) -> None:
    """Views of known people advance the flywheel; three of a person in a batch say it all."""
    is_view = pc.is_in(names, value_set=pa.array(sorted(VIEW_FACTS), pa.string()))
    rows = np.flatnonzero(is_view.to_numpy(zero_copy_only=False) & (customers > 0))
    if not len(rows):
        return
    order = rows[np.lexsort((at[rows], identities[rows]))]
    starts = np.flatnonzero(np.diff(identities[order], prepend=-1))
    place = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    first = order[place < VIEWS_FOR_DELIGHT]
    seen = [
        Seen(_view(int(at[row])), int(customers[row]), int(identities[row]))
        for row in first.tolist()
        if REACHED.get((int(identities[row]), Stage.DELIGHT)) is None
    ]
    if seen:
        advance_stages(Batch(seen, now))


def _view(at: int) -> Fact:
    return Fact(
        name="page_viewed",
        at=at,
        received_at=at,
        source="import",
        message_id="",
        platform="import",
    )
