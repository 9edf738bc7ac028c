"""The edge log and the identities as columns of numbers, read without stopping intake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from siyu.pool.rows import among, fetch, listed
from siyu.pool.rules import APART, WEAK_FACTOR
from siyu.pool.ruling import ANY, Ruling

Ids = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]
Progress = Callable[[str, int, int], None]
"""Phase, done, total."""
_AT_ONCE = 50_000
_STATES = {"joined": 0, "refused": 1, "quarantined": 2}


@dataclass(frozen=True)
class Snapshot:
    """Identities in order of id, and the edges in force between them by position.

    keys: numbers of (namespace, scope) for single-valued kinds, of the namespace for other strong
    ones, -1 else. limits: how many of a key one person may have, 0: any number. was_blocked:
    quarantined as stored; is_blocked: as it should be. Edges: left, right; state 0 joined, 1
    refused, 2 quarantined; is_weak. apart: pairs kept apart.
    """

    ids: Ids
    keys: Numbers
    limits: Numbers
    customers: Ids
    was_blocked: Flags
    was_crowded: Flags
    is_blocked: Flags
    is_stale: Flags
    left: Numbers
    right: Numbers
    state: NDArray[np.int8]
    is_weak: Flags
    apart: NDArray[np.int32]

    @property
    def is_used(self) -> Flags:
        """Edges that may join: neither end is quarantined."""
        open_ = ~self.is_blocked
        return np.asarray(open_[self.left] & open_[self.right])


def read_snapshot(ruling: Ruling, progress: Progress) -> Snapshot:
    """Everything the rules need to know of everybody."""
    table, kinds = _read_identities(progress)
    ids = table[:, 0]
    left, right, states, apart = _read_edges(ids, progress)
    kind = table[:, 1].astype(np.int32)
    is_strong = np.array([ruling.kind_of(name)[0] for name, _ in kinds], np.bool_)[kind]
    degree, strong_degree = _degrees(left, right, is_strong)
    ceiling = np.array([ruling.rule_of(name).max_degree for name, _ in kinds], np.int64)[kind]
    was_blocked = table[:, 3].astype(np.bool_)
    is_over = (strong_degree > ceiling) | (degree > ceiling * WEAK_FACTOR)
    keys, limits = _keys(ruling, kinds)
    return Snapshot(
        ids=ids,
        keys=keys[kind],
        limits=limits[kind],
        customers=table[:, 2],
        was_blocked=was_blocked,
        was_crowded=table[:, 6].astype(np.bool_),
        is_blocked=is_over | _blocked(ruling, ids, was_blocked),
        is_stale=(degree != table[:, 4]) | (strong_degree != table[:, 5]),
        left=left,
        right=right,
        state=states,
        is_weak=~(is_strong[left] & is_strong[right]),
        apart=apart,
    )


def _read_identities(progress: Progress) -> tuple[NDArray[np.int64], list[tuple[str, str]]]:
    """Rows of (id, kind, customer, is_quarantined, degree, strong degree, is_crowded)."""
    numbers: dict[tuple[str, str], int] = defaultdict(lambda: len(numbers))
    sql = (
        "SELECT id, namespace, scope, customer_id, is_quarantined, degree, strong_degree,"
        " is_crowded FROM pool_identity WHERE id > %s ORDER BY id LIMIT %s"
    )
    total = _last_id("pool_identity")
    parts = []
    for rows in _chunks(sql):
        flat = [(r[0], numbers[r[1], r[2]], r[3], bool(r[4]), *r[5:7], bool(r[7])) for r in rows]
        parts.append(np.array(flat, np.int64))
        progress("identities", rows[-1][0], total)
    table = np.concatenate(parts) if parts else np.empty((0, 7), np.int64)
    return table, list(numbers) or [("", "")]


def _read_edges(
    ids: Ids, progress: Progress
) -> tuple[Numbers, Numbers, NDArray[np.int8], NDArray[np.int32]]:
    """Positions of both ends, states; and the pairs kept apart. Edges of later ids are left out."""
    sql = (
        "SELECT id, a, b, state, strength FROM pool_edge"
        " WHERE retracted_at IS NULL AND id > %s ORDER BY id LIMIT %s"
    )
    total = _last_id("pool_edge")
    parts = []
    for rows in _chunks(sql):
        flat = [(r[1], r[2], 3 if r[4] == APART else _STATES.get(r[3], 1)) for r in rows]
        parts.append(np.array(flat, np.int64))
        progress("edges", rows[-1][0], total)
    table = np.concatenate(parts) if parts else np.empty((0, 3), np.int64)
    ends = table[:, :2]
    places = np.searchsorted(ids, ends)
    places[places == len(ids)] = 0
    is_known = (ids[places] == ends).all(axis=1) if len(ids) else np.zeros(len(ends), np.bool_)
    places, kinds = places[is_known].astype(np.int32), table[is_known, 2]
    told = kinds != 3
    left, right = places[told, 0], places[told, 1]
    return left, right, kinds[told].astype(np.int8), places[~told]


def _degrees(left: Numbers, right: Numbers, is_strong: Flags) -> tuple[Ids, Ids]:
    """Distinct neighbours of each identity, and the strong ones among them."""
    count = len(is_strong)
    pairs = np.unique(left.astype(np.int64) * count + right)
    a, b = pairs // max(count, 1), pairs % max(count, 1)
    degree = np.bincount(a, minlength=count) + np.bincount(b, minlength=count)
    strong = np.bincount(a[is_strong[b]], minlength=count)
    strong += np.bincount(b[is_strong[a]], minlength=count)
    return degree.astype(np.int64), strong.astype(np.int64)


def _keys(ruling: Ruling, kinds: list[tuple[str, str]]) -> tuple[Numbers, Numbers]:
    numbers: dict[tuple[str, str], int] = defaultdict(lambda: len(numbers))
    keys, limits = [], []
    for namespace, scope in kinds:
        is_strong, is_single, limit = ruling.kind_of(namespace)
        is_scoped = is_single or limit is not None
        is_keyed = is_scoped or is_strong
        keys.append(numbers[namespace, scope if is_scoped else ""] if is_keyed else -1)
        limits.append(1 if is_single else limit.count if limit else 0)
    return np.array(keys, np.int32), np.array(limits, np.int32)


def _blocked(ruling: Ruling, ids: Ids, was_blocked: Flags) -> Flags:
    """Which values are nobody's; only those are read that can be."""
    candidates = set(ids[was_blocked].tolist()) | set(_listed_ids(ruling))
    names = {name for name, _ in ruling.patterns}
    names |= {rule.name for rule in ruling.known if ruling.rule_of(rule.name).blocked_patterns}
    result = np.zeros(len(ids), np.bool_)
    many = sorted(candidates)
    sql = f"SELECT id, namespace, value FROM pool_identity WHERE {among('id')}"  # noqa: S608
    for start in range(0, len(many), _AT_ONCE):
        _mark(ruling, ids, result, fetch(sql, listed(many[start : start + _AT_ONCE])))
    if names:
        sql = "SELECT id, namespace, value FROM pool_identity WHERE id > %s ORDER BY id LIMIT %s"
        for rows in _chunks(sql):
            _mark(ruling, ids, result, [r for r in rows if r[1] in names or ANY in names])
    return result


def _mark(ruling: Ruling, ids: Ids, result: Flags, rows: Iterable[tuple[Any, ...]]) -> None:
    found = [row_id for row_id, name, value in rows if ruling.is_blocked(name, value)]
    places = np.searchsorted(ids, found)
    is_known = places < len(ids)
    result[places[is_known]] = True


def _listed_ids(ruling: Ruling) -> Iterator[int]:
    values = {value for _, value in ruling.blocked}
    if values:
        sql = f"SELECT id FROM pool_identity WHERE {among('value')}"  # noqa: S608
        yield from (row[0] for row in fetch(sql, listed(values)))


def _chunks(sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """Pages by id, so that no read lasts long. Every row begins with its id."""
    last = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(sql, [last, _AT_ONCE])
            rows = cursor.fetchall()
            if not rows:
                return
            yield rows
            last = rows[-1][0]


def _last_id(table: str) -> int:
    return int(fetch(f"SELECT COALESCE(MAX(id), 0) FROM {table}")[0][0])  # noqa: S608
