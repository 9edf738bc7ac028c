"""The flywheel as facts and orders drive it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Any

from siyu.core.pipeline import Batch, Seen
from siyu.pool import profile
from siyu.pool.memory import Memory, Remembered, publish_after_commit, read_epoch
from siyu.pool.models import Customer, StageEntry
from siyu.pool.rows import (
    among,
    execute,
    fetch,
    insert_rows,
    is_postgres,
    listed,
    stamp,
    stamper,
    update_rows,
)
from siyu.pool.stages import (
    CONTACT_NAMESPACES,
    VIEW_FACTS,
    VIEWS_FOR_DELIGHT,
    Stage,
    stage_of_fact,
    stages_of_orders,
)
from siyu.pool.tags import primary_identities
from siyu.pool.types import OrderTotals

REACHED = Memory()
"""Which stage an identity is known to have reached, and since when."""
_COLUMNS = ("customer_id", "identity_id", "stage", "at")
_EARLIEST = (
    "(identity_id, stage) DO UPDATE SET at = excluded.at WHERE excluded.at < pool_stageentry.at"
)
Entry = tuple[int, Stage]


def advance_stages(batch: Batch) -> None:
    """Record the stages these facts reach, each once with its earliest time."""
    epoch = read_epoch()
    REACHED.enter(epoch)
    earliest: dict[Entry, tuple[int, int]] = {}
    viewers: list[Seen] = []
    for seen in batch.seen:
        if seen.identity_id is None or seen.customer_id is None:
            continue
        for stage in _stages_of(seen):
            _note(earliest, seen, stage)
        if seen.fact.name in VIEW_FACTS:
            viewers.append(seen)
    for seen in _delighted(viewers):
        _note(earliest, seen, Stage.DELIGHT)
    if earliest:
        batch.touched |= enter_stage(earliest)
        learnt: dict[Hashable, Remembered] = {
            key: Remembered(customer, key[0], at) for key, (at, customer) in earliest.items()
        }
        publish_after_commit(epoch, learnt, REACHED)


def _stages_of(seen: Seen) -> Iterable[Stage]:
    stage = stage_of_fact(seen.fact.name)
    if stage:
        yield stage
    if stage is not Stage.ATTRACT:
        for identity in seen.fact.identities:
            if identity.namespace in CONTACT_NAMESPACES:
                yield Stage.ATTRACT
                break


def _note(earliest: dict[Entry, tuple[int, int]], seen: Seen, stage: Stage) -> None:
    assert seen.identity_id is not None
    assert seen.customer_id is not None
    key = (seen.identity_id, stage)
    known = REACHED.get(key)
    if known is not None and known.since <= seen.fact.at:
        return
    told = (seen.fact.at, seen.customer_id)
    earliest[key] = min(earliest.get(key, told), told)


def _delighted(viewers: list[Seen]) -> list[Seen]:
    """The last view of each person who has now looked three times."""
    open_views = [s for s in viewers if REACHED.get((s.identity_id, Stage.DELIGHT)) is None]
    if not open_views:
        return []
    counts = Counter(seen.identity_id for seen in open_views)
    smaller = "LEAST" if is_postgres() else "MIN"
    for count in set(counts.values()):
        execute(
            f"UPDATE pool_identity SET views = {smaller}(views + %s, %s)"  # noqa: S608
            f" WHERE views < %s AND {among('id')}",
            min(count, VIEWS_FOR_DELIGHT),
            VIEWS_FOR_DELIGHT,
            VIEWS_FOR_DELIGHT,
            listed(
                row_id for row_id, many in counts.items() if many == count and row_id is not None
            ),
        )
    last = {seen.customer_id: seen for seen in open_views}
    rows = fetch(
        "SELECT customer_id FROM pool_identity"  # noqa: S608
        f" WHERE {among('customer_id')} GROUP BY customer_id HAVING SUM(views) >= %s",
        listed(row_id for row_id in last if row_id is not None),
        VIEWS_FOR_DELIGHT,
    )
    return [last[row[0]] for row in rows]


def enter_stage(earliest: dict[Entry, tuple[int, int]]) -> set[int]:
    """Record when (ms) identities of customers reached stages; the customers."""
    stamps = stamper()
    rows = [
        (customer, identity, int(stage), stamps(at))
        for (identity, stage), (at, customer) in earliest.items()
    ]
    insert_rows(StageEntry, _COLUMNS, rows, on_conflict=_EARLIEST)
    customers = {row[0] for row in rows}
    profile.refresh_stages(customers)
    return customers


def set_order_totals(rows: Iterable[OrderTotals]) -> None:
    """Replace the order columns of these customers and what their orders say of the stage."""
    totals = {row.customer_id: row for row in rows}
    if not totals:
        return
    update_rows(
        Customer,
        ("order_count", "refund_count", "revenue_fen", "first_order_at", "last_order_at"),
        "id",
        [
            (
                t.order_count,
                t.refund_count,
                t.revenue_fen,
                stamp(t.first_order_at),
                stamp(t.last_order_at),
                t.customer_id,
            )
            for t in totals.values()
        ],
    )
    _set_order_stages(totals)
    profile.refresh_stages(totals)


def _set_order_stages(totals: dict[int, OrderTotals]) -> None:
    for count in (0, 1):
        stage = (Stage.BUY, Stage.LOYAL)[count]
        short = [row_id for row_id, total in totals.items() if total.order_count <= count]
        execute(
            f"DELETE FROM pool_stageentry WHERE stage = %s AND {among('customer_id')}",  # noqa: S608
            int(stage),
            listed(short),
        )
    people = primary_identities(totals)
    have = {
        (row[0], row[1])
        for row in fetch(
            "SELECT customer_id, stage FROM pool_stageentry"  # noqa: S608
            f" WHERE stage >= {int(Stage.BUY)} AND {among('customer_id')}",
            listed(totals),
        )
    }
    entries: list[tuple[Any, ...]] = []
    for customer, total in totals.items():
        for stage in stages_of_orders(total.order_count):
            at = total.first_order_at if stage is Stage.BUY else total.last_order_at
            if (customer, int(stage)) not in have and customer in people and at is not None:
                entries.append((customer, people[customer], int(stage), stamp(at)))
    insert_rows(StageEntry, _COLUMNS, entries, on_conflict="DO NOTHING")
