"""Recompute all customers from the edge log, and say what would change.

Components come from union-find over the whole table; only those where identities clash are
settled edge by edge with the rules. Nothing is written here: `siyu oneid rebuild` decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from siyu.kernel.identity import Strength
from siyu.pool.components import Numbers, label_components
from siyu.pool.edges import load_around
from siyu.pool.rules import MAX_GROUP, Node, cluster
from siyu.pool.sightings import load_by_id, rule_of

_AT_ONCE = 50_000
Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Rebuilt:
    """homes: identity id → the group it belongs to, named by the group's smallest identity.

    merges: groups that take in more than one of today's customers. splits: today's customers
    that fall into more than one group. largest: sizes of the largest groups.
    """

    homes: dict[int, int]
    customers: int
    merges: int
    splits: int
    largest: list[int]


def preview_rebuild() -> Rebuilt:
    """What the rules make of the edge log now, compared with the customers there are."""
    identities, keys, customers, is_open = _read_identities()
    left, right = _read_edges()
    at_left, at_right = np.searchsorted(identities, left), np.searchsorted(identities, right)
    is_used = is_open[at_left] & is_open[at_right]
    labels = label_components(
        at_left[is_used].astype(np.int32), at_right[is_used].astype(np.int32), len(identities)
    )
    homes = identities[labels]
    for component in find_clashing(labels, keys):
        _settle(identities[component], identities, homes)
    return _compare(identities, customers, homes)


def find_clashing(labels: Numbers, keys: Numbers) -> Iterator[NDArray[np.int64]]:
    """Positions of each component that the rules might cut.

    Cut may be what holds two identities of one kind (`keys`: -1 for kinds that never clash), or
    more identities than a group may have.
    """
    order = np.lexsort((keys, labels))
    sorted_labels, sorted_keys = labels[order], keys[order]
    same = (sorted_labels[1:] == sorted_labels[:-1]) & (sorted_keys[1:] == sorted_keys[:-1])
    clashing = set(sorted_labels[1:][same & (sorted_keys[1:] >= 0)].tolist())
    found, sizes = np.unique(labels, return_counts=True)
    clashing |= set(found[sizes > MAX_GROUP].tolist())
    for label in sorted(clashing):
        first, last = np.searchsorted(sorted_labels, [label, label + 1])
        yield order[first:last]


def _settle(component: Ids, identities: Ids, homes: Ids) -> None:
    nodes: dict[int, Node] = {node.id: node for node in load_by_id(component.tolist())}
    links = [link for link in load_around(nodes) if link.a in nodes and link.b in nodes]
    for group in cluster(nodes, links).groups:
        homes[np.searchsorted(identities, group)] = min(group)


def _compare(identities: Ids, customers: Ids, homes: Ids) -> Rebuilt:
    pairs = np.unique(np.stack((homes, customers), axis=1), axis=0)
    of_group = Counter(pairs[:, 0].tolist())
    of_customer = Counter(pairs[:, 1].tolist())
    sizes = np.sort(np.unique(homes, return_counts=True)[1])[::-1]
    return Rebuilt(
        homes=dict(zip(identities.tolist(), homes.tolist(), strict=True)),
        customers=len(of_group),
        merges=sum(count > 1 for count in of_group.values()),
        splits=sum(count > 1 for count in of_customer.values()),
        largest=sizes[:10].tolist(),
    )


def _read_identities() -> tuple[Ids, Numbers, Ids, NDArray[np.bool_]]:
    """Ids in order, their clash keys, their customers, and whether they may join."""
    numbers: dict[tuple[str, str], int] = defaultdict(lambda: len(numbers))
    ids, keys, customers, is_open = [], [], [], []
    for row_id, namespace, scope, strength, customer, is_quarantined in _rows(
        "SELECT id, namespace, scope, strength, customer_id, is_quarantined"
        " FROM pool_identity ORDER BY id"
    ):
        is_single = rule_of(namespace).is_single_valued
        is_strong = strength == Strength.STRONG.value
        ids.append(row_id)
        keys.append(
            numbers[namespace, scope if is_single else ""] if is_single or is_strong else -1
        )
        customers.append(customer)
        is_open.append(not is_quarantined)
    return (
        np.array(ids, np.int64),
        np.array(keys, np.int32),
        np.array(customers, np.int64),
        np.array(is_open, np.bool_),
    )


def _read_edges() -> tuple[Ids, Ids]:
    rows = list(_rows("SELECT a, b FROM pool_edge WHERE retracted_at IS NULL"))
    table = np.array(rows, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _rows(sql: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while chunk := cursor.fetchmany(_AT_ONCE):
            yield from chunk
