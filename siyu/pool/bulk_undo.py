"""Removing people and tags an import made, when nothing else has come to rest on them."""

from __future__ import annotations

from datetime import datetime

from siyu.pool import belongings, tag_states
from siyu.pool.memory import forget_everybody
from siyu.pool.rows import among, execute, fetch, listed, stamp
from siyu.pool.ruling import deciding

_BY_SOURCE = ("pool_trait", "pool_consent", "pool_observation")
_FOREIGN_EDGE = (
    "SELECT i.customer_id FROM pool_identity i JOIN pool_edge e ON e.{end} = i.id"
    " WHERE {people} AND e.source <> %s"
)
_OF_IMPORT = (
    "pool_trait",
    "pool_consent",
    "pool_customertag",
    "pool_stageentry",
    "pool_observation",
    "pool_fieldvalue",
)


def remove_created(
    source: str, span: tuple[int, int], with_history: set[int], *, now: datetime
) -> tuple[int, int]:
    """(removed, kept) among customers with ids in `span` that came from `source`.

    Kept are those with identities, edges, traits or consents of another source, tags of another
    origin, any other belonging, or a history (`with_history`).
    """
    with deciding():
        mine = {
            row[0]
            for row in fetch(
                "SELECT id FROM pool_customer WHERE id BETWEEN %s AND %s AND first_source = %s",
                *span,
                source,
            )
        }
        alive = with_history & mine
        for sql, parameters in _signs_of_life(source):
            ids = listed(mine)
            alive |= {row[0] for row in fetch(sql, ids, *parameters)}
        gone = mine - alive
        if gone:
            _remove(gone)
            forget_everybody()
            belongings.tell_changed(gone, now)
    return len(gone), len(alive)


def take_tags_back(source: str, span: tuple[int, int], until: datetime, *, now: datetime) -> int:
    """Take off the tags an import put on (rows with ids in `span`); how many.

    What was put on again after `until` stays.
    """
    where = (
        "id BETWEEN %s AND %s AND origin = 'import' AND source = %s"
        " AND (last_at IS NULL OR last_at <= %s)"
    )
    wanted = [*span, source, stamp(until)]
    with deciding():
        rows = fetch(f"SELECT customer_id FROM pool_customertag WHERE {where}", *wanted)  # noqa: S608
        if not rows:
            return 0
        execute(f"DELETE FROM pool_customertag WHERE {where}", *wanted)  # noqa: S608
        people = {row[0] for row in rows}
        tag_states.settle(people, now)
        belongings.tell_changed(people, now)
    return len(rows)


def _signs_of_life(source: str) -> list[tuple[str, list[str]]]:
    of = among("customer_id")
    others = [table for table in belongings.registered() if table not in _OF_IMPORT]
    return [
        *(
            (f"SELECT customer_id FROM {table} WHERE {of} AND source <> %s", [source])  # noqa: S608
            for table in ("pool_identity", *_BY_SOURCE)
        ),
        (f"SELECT customer_id FROM pool_customertag WHERE {of} AND origin <> 'import'", []),  # noqa: S608
        *((f"SELECT customer_id FROM {table} WHERE {of}", []) for table in others),  # noqa: S608
        *((_FOREIGN_EDGE.format(end=end, people=among("i.customer_id")), [source]) for end in "ab"),
    ]


def _remove(customers: set[int]) -> None:
    ids = listed(customers)
    people = f"SELECT id FROM pool_identity WHERE {among('customer_id')}"  # noqa: S608
    for table in _OF_IMPORT:
        execute(f"DELETE FROM {table} WHERE {among('customer_id')}", ids)  # noqa: S608
    edges = f"SELECT id FROM pool_edge WHERE a IN ({people})"  # noqa: S608
    execute(f"DELETE FROM pool_conflictentry WHERE edge_id IN ({edges})", ids)  # noqa: S608
    execute(f"DELETE FROM pool_edge WHERE a IN ({people})", ids)  # noqa: S608
    execute(f"DELETE FROM pool_identity WHERE {among('customer_id')}", ids)  # noqa: S608
    execute(f"DELETE FROM pool_customer WHERE {among('id')}", ids)  # noqa: S608
