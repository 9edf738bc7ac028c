"""The truth of conditions as bitmaps, one bit a customer, and trees of conditions over them.

A level is a session that decides some customers: the columns kept on disk for all but those that
changed since, and a session over the changed ones. Each source is read once per level, whatever
the number of conditions that ask it; and, or, not are operations on bitmaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from siyu.lake.session import named
from siyu.segments.compile import Plan, Tree, is_denied, source_sql
from siyu.segments.conditions import bound_in
from siyu.segments.leaves import Flag
from siyu.segments.sources import CUSTOMERS, Source
from siyu.segments.types import Or, Rfm

Ids = NDArray[np.int64]
Bits = NDArray[np.uint8]
LATE = ("events", "segment_lists")
"""Tables that a level may bring only when they are read."""
PACK = 31
"""Flags of one source that are fetched as one number."""


@dataclass
class Level:
    """Customers (`ids`, ascending) and a session that knows everything about them.

    hidden: places in `ids` that another level decides. places: of customer ids, -1 = not here.
    show: brings tables into the session that are not there from the beginning.
    """

    session: duckdb.DuckDBPyConnection
    ids: Ids
    is_columnar: bool = False
    hidden: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    places: NDArray[np.int32] | None = None
    show: Callable[[duckdb.DuckDBPyConnection, set[str]], None] | None = None

    def place_of(self, customer_ids: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Where customers stand in `ids`, and which of them are there at all."""
        if self.places is not None:
            if not len(customer_ids) or customer_ids.max() < len(self.places):
                found = self.places[customer_ids]
                return found, found >= 0
            known = customer_ids < len(self.places)
            found = self.places[np.where(known, customer_ids, 0)]
            return found, known & (found >= 0)
        if not len(self.ids):
            return np.zeros(len(customer_ids), np.int64), np.zeros(len(customer_ids), np.bool_)
        near = np.minimum(np.searchsorted(self.ids, customer_ids), len(self.ids) - 1)
        return near, self.ids[near] == customer_ids

    def alive(self) -> Bits:
        """The customers this level decides."""
        truth = np.ones(len(self.ids), np.bool_)
        truth[self.hidden] = False
        return np.packbits(truth)


@dataclass
class Judged:
    """A level with a bitmap for every flag of a plan."""

    level: Level
    flags: dict[int, Bits]

    def __post_init__(self) -> None:
        self.alive = self.level.alive()

    def holds(self, tree: Tree) -> Bits:
        """The customers of the level who fulfil a node; bits of hidden ones mean nothing."""
        if tree.flag is not None:
            return self.flags[tree.flag]
        found = self.holds(tree.children[0])
        if is_denied(tree.node):
            return ~found
        for child in tree.children[1:]:
            one = self.holds(child)
            found = found | one if isinstance(tree.node, Or) else found & one
        return found

    def count(self, bits: Bits) -> int:
        """How many of the customers the level decides."""
        return int(np.bitwise_count(bits & self.alive).sum())

    def first_members(self, bits: Bits, limit: int) -> Ids:
        """The lowest `limit` ids of `members`; looks no further than it must."""
        left = bits & self.alive
        bytes_ = np.flatnonzero(left)[:limit]
        places = bytes_[:, None] * 8 + np.arange(8)
        is_member = np.unpackbits(left[bytes_]).reshape(-1, 8) == 1
        found: Ids = self.level.ids[places[is_member][:limit]]
        return found

    def members(self, bits: Bits) -> Ids:
        """The ids of the customers the level decides, ascending."""
        truth = np.unpackbits(bits & self.alive, count=len(self.level.ids))
        return self.level.ids[np.flatnonzero(truth)]


def judge(plans: Sequence[Plan[Any]], levels: Sequence[Level]) -> list[Judged]:
    """All flags in all levels; the plans are those of one compilation, one for each level."""
    for plan, level in zip(plans, levels, strict=True):
        show_tables(level, {name for name in LATE if plan.readers(name)})
    judged = [
        Judged(level, _read_level(plan, level)) for plan, level in zip(plans, levels, strict=True)
    ]
    flags = plans[0].flags
    asked = {place: flag.rfm for place, flag in enumerate(flags) if flag.rfm is not None}
    if asked:
        _judge_scores(asked, plans, judged)
    return judged


def show_tables(level: Level, tables: set[str]) -> None:
    """Bring tables into a level's session that has them only when asked."""
    if tables and level.show is not None:
        level.show(level.session, tables)


def gather_events(plan: Plan[Any], session: duckdb.DuckDBPyConnection) -> None:
    """In a session over some customers, read their events once when several sources ask."""
    sources = plan.readers("events")
    if len(sources) < 2:
        return
    begins = [source.since for source in sources if source.since is not None]
    lies, bound = "TRUE", {}
    if len(begins) == len(sources):
        lies, bound = "occurred_at >= $begin", {"begin": min(begins)}
    sql = f"CREATE TEMP TABLE gathered AS SELECT * FROM events WHERE {lies}"  # noqa: S608
    session.execute(sql, bound)
    session.execute("CREATE OR REPLACE TEMP VIEW events AS SELECT * FROM gathered")


def _read_level(plan: Plan[Any], level: Level) -> dict[int, Bits]:
    found: dict[int, Bits] = {}
    by_source: dict[str, list[int]] = {}
    for place, flag in enumerate(plan.flags):
        if flag.rfm is None:
            by_source.setdefault(flag.source, []).append(place)
    sources = {source.alias: source for source in plan.sources}
    for alias, places in by_source.items():
        for start in range(0, len(places), PACK):
            part = places[start : start + PACK]
            packed = _packed([plan.flags[place] for place in part])
            if alias == CUSTOMERS:
                numbers = _of_customers(plan, level, packed)
            else:
                numbers = _of_source(plan, level, sources[alias], packed)
            for shift, place in enumerate(part):
                found[place] = np.packbits(numbers if len(part) == 1 else numbers & (1 << shift))
    return found


def _packed(flags: Sequence[Flag]) -> str:
    kind = next(name for name, bits in _KINDS if len(flags) <= bits)
    terms = (
        f"CAST({flag.test} AS {kind}) * CAST({1 << k} AS {kind})" for k, flag in enumerate(flags)
    )
    return " + ".join(terms)


_KINDS = (("UTINYINT", 8), ("USMALLINT", 16), ("UINTEGER", PACK))


def _of_customers(plan: Plan[Any], level: Level, packed: str) -> NDArray[Any]:
    order = "" if level.is_columnar else f" ORDER BY {CUSTOMERS}.customer_id"
    sql = f"SELECT {packed} AS b FROM customers AS {CUSTOMERS}{order}"  # noqa: S608
    return _run(plan, level, sql)["b"]


def _of_source(plan: Plan[Any], level: Level, source: Source, packed: str) -> NDArray[Any]:
    """A number for each customer; who has no row gets what the conditions make of nothing."""
    rows = source_sql(source, is_columnar=plan.is_columnar)
    alias = source.alias
    nothing = f"SELECT {packed} AS b FROM (SELECT 1) LEFT JOIN (SELECT * FROM ({rows}) LIMIT 0) AS {alias} ON TRUE"  # noqa: S608
    default = _run(plan, level, nothing)["b"]
    sql = f"SELECT {alias}.customer_id AS who, {packed} AS b FROM ({rows}) AS {alias}"  # noqa: S608
    found = _run(plan, level, f"SELECT who, b FROM ({sql}) WHERE b <> {int(default[0])}")  # noqa: S608
    numbers = np.full(len(level.ids), default[0], default.dtype)
    places, is_known = level.place_of(found["who"])
    if is_known.all():
        numbers[places] = found["b"]
    else:
        numbers[places[is_known]] = found["b"][is_known]
    return numbers


def _run(plan: Plan[Any], level: Level, sql: str) -> dict[str, NDArray[Any]]:
    used = bound_in(sql, plan.parameters)
    result: dict[str, NDArray[Any]] = level.session.execute(sql, used).fetchnumpy()
    return result


def _judge_scores(
    asked: dict[int, Rfm], plans: Sequence[Plan[Any]], judged: Sequence[Judged]
) -> None:
    """RFM scores rank every buyer among all, so the buyers of all levels are ranked together."""
    buyers = [_buyers(plan, one) for plan, one in zip(plans, judged, strict=True)]
    scores = [
        score_of(np.concatenate([part[key] for part in buyers])) for key in ("last", "f", "m")
    ]
    start = 0
    for one, part in zip(judged, buyers, strict=True):
        end = start + len(part["place"])
        for place, node in asked.items():
            fits = np.ones(end - start, np.bool_)
            for wanted, values in zip((node.r, node.f, node.m), scores, strict=True):
                if wanted:
                    fits &= np.isin(values[start:end], wanted)
            truth = np.zeros(len(one.level.ids), np.bool_)
            truth[part["place"][fits]] = True
            one.flags[place] = np.packbits(truth)
        start = end


def score_of(values: NDArray[Any]) -> NDArray[np.int64]:
    """1 (least) to 5: 1 + 5 · (values that are smaller) // values, as `sql/rfm.sql` has it."""
    if not len(values):
        return np.empty(0, np.int64)
    ordered = np.sort(values)
    return 1 + 5 * np.searchsorted(ordered, values) // len(values)


def _buyers(plan: Plan[Any], one: Judged) -> dict[str, NDArray[Any]]:
    columns = (
        "customer_id AS who, epoch_us(last_order_at) AS last, frequency AS f, monetary_fen AS m"
    )
    buyers = named("segments", "buyers")
    found = _run(plan, one.level, f"SELECT {columns} FROM ({buyers})")  # noqa: S608
    places, is_known = one.level.place_of(found["who"])
    hidden = np.zeros(len(one.level.ids), np.bool_)
    hidden[one.level.hidden] = True
    is_known[is_known] = ~hidden[places[is_known]]
    return {"place": places[is_known], **{key: found[key][is_known] for key in ("last", "f", "m")}}


def union(parts: Iterable[Ids]) -> Ids:
    """The ids of several levels as one ascending array; no customer is in two."""
    found = [part for part in parts if len(part)]
    if len(found) < 2:
        return found[0] if found else np.empty(0, np.int64)
    return np.sort(np.concatenate(found))
