"""The one evaluator behind preview, batch, live and explain: the same flags over all or some."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, TypeVar

import duckdb
import numpy as np

from siyu.kernel.errors import Refused
from siyu.lake.session import deadline, open_session
from siyu.segments.batches import evaluate_everybody, is_elsewhere
from siyu.segments.bitmaps import Bits, Ids, Judged, Level, gather_events, judge, union
from siyu.segments.columns import open_levels
from siyu.segments.compile import Load, Tree, compile_definition, compile_many
from siyu.segments.labels import describe
from siyu.segments.rules import decode
from siyu.segments.types import And, Condition, Definition, Preview

__all__ = ["Ids", "evaluate", "evaluate_many", "evaluating", "judged_levels", "preview"]

Key = TypeVar("Key")
TIMEOUT_S = 30.0
BATCH_TIMEOUT_S = 600.0
SAMPLE = 20


def evaluate(
    definition: Definition | Mapping[str, Any],
    *,
    now: datetime,
    load: Load,
    customer_ids: Iterable[int] | None = None,
) -> Ids:
    """The sorted ids of all customers, or of the given ones, who are in the segment at `now`.

    A definition with RFM scores needs everybody to judge one; then all are read.
    """
    checked = {0: decode(definition)}
    return evaluate_many(checked, now=now, load=load, customer_ids=customer_ids)[0]


def evaluate_many(
    definitions: Mapping[Key, Definition],
    *,
    now: datetime,
    load: Load,
    customer_ids: Iterable[int] | None = None,
) -> dict[Key, Ids]:
    """`evaluate` for several definitions of one moment; what they share is read once."""
    wanted = None if customer_ids is None else np.unique(np.fromiter(customer_ids, np.int64))
    if wanted is not None and not len(wanted):
        return dict.fromkeys(definitions, wanted)
    some = wanted
    if wanted is not None:
        plan = compile_many(definitions, now=now, load=load)
        if any(plan.needs_everybody(tree) for tree in plan.trees.values()):
            some = None
    if wanted is None and is_elsewhere():
        return evaluate_everybody(definitions, now=now, load=load, timeout_s=BATCH_TIMEOUT_S)
    with judged_levels(definitions, now=now, load=load, customer_ids=some) as (judged, trees):
        found = {
            key: union(one.members(one.holds(tree)) for one in judged)
            for key, tree in trees.items()
        }
    if wanted is None:
        return found
    return {key: ids[np.isin(ids, wanted)] for key, ids in found.items()}


@contextmanager
def judged_levels(
    definitions: Mapping[Key, Definition],
    *,
    now: datetime,
    load: Load,
    customer_ids: Ids | None = None,
    timeout_s: float = BATCH_TIMEOUT_S,
) -> Iterator[tuple[list[Judged], dict[Key, Tree]]]:
    """Bitmaps of every condition for everybody, or for some customers, and the trees over them."""
    tables = None
    if customer_ids is not None:
        tables = compile_many(definitions, now=now, load=load).tables()
    with levels_of(customer_ids, tables) as levels:
        plans = [
            compile_many(definitions, now=now, load=load, is_columnar=level.is_columnar)
            for level in levels
        ]
        with evaluating(*(level.session for level in levels), timeout_s=timeout_s):
            if customer_ids is not None:
                gather_events(plans[0], levels[0].session)
            yield judge(plans, levels), plans[0].trees


@contextmanager
def levels_of(
    customer_ids: Ids | None, tables: Collection[str] | None = None
) -> Iterator[list[Level]]:
    """The sessions that know everybody, or the one that knows only these customers.

    tables: what will be asked of these customers; None for all.
    """
    if customer_ids is None:
        with open_levels() as levels:
            yield levels
        return
    with open_session(customer_ids.tolist(), tables=tables) as session:
        found = session.execute("SELECT customer_id FROM customers ORDER BY 1").fetchnumpy()
        yield [Level(session, np.asarray(found["customer_id"], np.int64))]


def preview(definition: Definition, *, now: datetime, load: Load) -> Preview:
    """Count, sample, and for every condition how many fulfil it alone and after those before."""
    from siyu.segments.readable import readable_sql  # brings a parser that is slow to load

    started = time.monotonic()
    with judged_levels({0: definition}, now=now, load=load, timeout_s=TIMEOUT_S) as (judged, trees):
        tree = trees[0]
        holds = {node.path: [one.holds(node) for one in judged] for node in tree.shown()}
        first = [
            one.first_members(bits, SAMPLE)
            for one, bits in zip(judged, holds[tree.path], strict=True)
        ]
        passed = _funnel(tree, judged, holds)
        conditions = [
            Condition(
                node.path,
                describe(node.node),
                _count(judged, holds[node.path]),
                passed.get(node.path),
            )
            for node in tree.shown()
        ]
        total = sum(one.count(one.alive) for one in judged)
    return Preview(
        count=conditions[0].count,
        total=total,
        sample_ids=union(first)[:SAMPLE].tolist(),
        took_ms=round((time.monotonic() - started) * 1000),
        sql=readable_sql(compile_definition(definition, now=now, load=load)),
        conditions=conditions,
    )


def _funnel(
    tree: Tree, judged: Sequence[Judged], holds: Mapping[str, list[Bits]]
) -> dict[str, int]:
    """How many are left after each condition of a root that asks for all of them, in order."""
    if not isinstance(tree.node, And):
        return {}
    left = [one.alive for one in judged]
    passed = {}
    for child in tree.children:
        left = [bits & more for bits, more in zip(left, holds[child.path], strict=True)]
        passed[child.path] = _count(judged, left)
    return passed


def _count(judged: Sequence[Judged], bits: Sequence[Bits]) -> int:
    return sum(one.count(part) for one, part in zip(judged, bits, strict=True))


@contextmanager
def evaluating(
    *sessions: duckdb.DuckDBPyConnection, timeout_s: float = TIMEOUT_S
) -> Iterator[None]:
    """Give up after a time; an evaluation that needs too much memory is refused."""
    with ExitStack() as stack:
        for session in sessions:
            stack.enter_context(deadline(session, timeout_s))
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise Refused("segment.memory", "人群过于复杂, 内存不足", field="root") from error
