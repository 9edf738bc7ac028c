"""The customer row: every column is computed from identities and belongings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from siyu.pool.models import Customer
from siyu.pool.rows import among, execute, fetch, insert_rows, listed, stamper, update_rows
from siyu.pool.sightings import Sighted, load_of_customers

_SEEN = ("first_source", "first_platform", "platforms", "created_at", "last_seen_at")
_ROW = ("id", *_SEEN)
_DEFAULTS: dict[str, Any] = {
    "name": "",
    "stage": 0,
    "owner_staff": "",
    "order_count": 0,
    "refund_count": 0,
    "revenue_fen": 0,
    "is_reachable": False,
    "is_erased": False,
}
_IS_THERE = (
    "NOT EXISTS (SELECT 1 FROM pool_absentstaff a"
    " WHERE a.account = r.account AND a.staff = r.staff)"
)
NAME_FIELDS = ("remark", "name", "nickname")
"""Traits that name a person, best first."""


def store_sightings(members: Mapping[int, list[Sighted]]) -> None:
    """Write when and where customers were seen; rows that are missing are made."""
    stamp = stamper()
    rows = []
    for customer, nodes in members.items():
        if len(nodes) == 1:
            first = nodes[0]
            platforms, last = first.platforms, first.last_at
        else:
            first = min(nodes, key=lambda n: (n.first_at, n.source, n.platform))
            last = max(node.last_at for node in nodes)
            sets = {node.platforms for node in nodes}
            platforms = sets.pop() if len(sets) == 1 else _union(sets)
        rows.append(
            (
                customer,
                first.source,
                first.platform,
                platforms,
                stamp(first.first_at),
                stamp(last),
                *_DEFAULTS.values(),
            )
        )
    insert_rows(
        Customer,
        (*_ROW, *_DEFAULTS),
        rows,
        on_conflict="(id) DO UPDATE SET "
        + ", ".join(f"{name} = excluded.{name}" for name in _SEEN),
    )


def _union(lists: Iterable[str]) -> str:
    return ",".join(sorted({name for text in lists for name in text.split(",") if name}))


def reload_sightings(customer_ids: Iterable[int]) -> None:
    """Recompute when and where these customers were seen."""
    members: dict[int, list[Sighted]] = {}
    for node in load_of_customers(customer_ids):
        members.setdefault(node.customer_id, []).append(node)
    store_sightings(members)


def refresh(customer_ids: Iterable[int]) -> None:
    """Recompute the columns that come from belongings: name, stage, owner, reachable."""
    ids = list(customer_ids)
    refresh_names(ids)
    refresh_stages(ids)
    refresh_relations(ids)


def refresh_names(customer_ids: Iterable[int]) -> None:
    """The latest value of the best naming trait."""
    ids = list(customer_ids)
    if not ids:
        return
    best: dict[int, tuple[int, str, str]] = {}
    for customer, field, value, at in fetch(
        f"SELECT customer_id, field, value, at FROM pool_trait"  # noqa: S608
        f" WHERE {among('customer_id')} AND field IN ('remark', 'name', 'nickname')",
        listed(ids),
    ):
        text = msgspec.json.decode(value)
        if isinstance(text, str) and text.strip():
            rank = -NAME_FIELDS.index(field)
            best[customer] = max(best.get(customer, (-9, "", "")), (rank, str(at), text.strip()))
    rows = [(best[row_id][2][:128] if row_id in best else "", row_id) for row_id in ids]
    update_rows(Customer, ("name",), "id", rows)


def refresh_stages(customer_ids: Iterable[int]) -> None:
    """The highest stage reached."""
    ids = listed(customer_ids)
    execute(
        "UPDATE pool_customer SET stage = COALESCE((SELECT MAX(s.stage) FROM pool_stageentry s"  # noqa: S608
        f" WHERE s.customer_id = pool_customer.id), 0) WHERE {among('id')}",
        ids,
    )


def refresh_relations(customer_ids: Iterable[int]) -> None:
    """Owner: as decided, else whose friendship is the oldest in force. Reachable: any in force
    with somebody who has not left."""
    ids = listed(customer_ids)
    of = "FROM pool_relation r WHERE r.customer_id = pool_customer.id AND r.is_friend"
    execute(
        "UPDATE pool_customer SET owner_staff = COALESCE((SELECT o.staff FROM pool_ownership o"  # noqa: S608
        " WHERE o.customer_id = pool_customer.id ORDER BY o.weight DESC, o.since, o.identity_id"
        f" LIMIT 1), (SELECT r.staff {of}"
        " AND r.staff <> '' ORDER BY COALESCE(r.added_at, r.synced_at), r.staff LIMIT 1), ''),"
        f" is_reachable = EXISTS (SELECT 1 {of} AND {_IS_THERE}) WHERE {among('id')}",
        ids,
    )
