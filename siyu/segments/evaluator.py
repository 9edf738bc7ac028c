"""The one evaluator behind preview, batch and live: the same SQL over all or some customers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from siyu.kernel.errors import Refused
from siyu.lake.session import deadline, open_session
from siyu.segments.compile import Compiled, Load, compile_definition
from siyu.segments.rules import decode, describe
from siyu.segments.types import (
    And,
    Condition,
    Definition,
    Explanation,
    Not,
    Or,
    Preview,
)

Ids = NDArray[np.int64]
TIMEOUT_S = 30.0
SAMPLE = 20


def member_ids(session: duckdb.DuckDBPyConnection, compiled: Compiled) -> Ids:
    """The sorted customer ids for which the definition holds in this session."""
    found = session.execute(compiled.members_sql(), compiled.parameters).fetchnumpy()
    return np.asarray(found["customer_id"], dtype=np.int64)


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
    compiled = compile_definition(decode(definition), now=now, load=load)
    wanted = None if customer_ids is None else sorted(set(customer_ids))
    if wanted is not None and not wanted:
        return np.empty(0, np.int64)
    is_everybody = wanted is None or compiled.needs_everybody
    with open_session(None if is_everybody else wanted) as session, evaluating(session):
        ids = member_ids(session, compiled)
    if wanted is not None and is_everybody:
        return ids[np.isin(ids, np.asarray(wanted, np.int64))]
    return ids


def preview(definition: Definition, *, now: datetime, load: Load) -> Preview:
    """Count, sample and the count of every condition by itself, in one statement."""
    from siyu.segments.readable import readable_sql  # brings a parser that is slow to load

    started = time.monotonic()
    compiled = compile_definition(definition, now=now, load=load)
    with open_session() as session, evaluating(session):
        sql = compiled.preview_sql(SAMPLE)
        row = session.execute(sql, compiled.parameters).fetchone() or ()
    total, sample, *counts = row
    conditions = [
        Condition(node.path, describe(node.node), count)
        for node, count in zip(compiled.nodes, counts, strict=True)
    ]
    return Preview(
        count=counts[0],
        total=total,
        sample_ids=list(sample or []),
        took_ms=round((time.monotonic() - started) * 1000),
        sql=readable_sql(compiled),
        conditions=conditions,
    )


def explain(
    definition: Definition, customer_id: int, *, now: datetime, load: Load
) -> Explanation | None:
    """Which conditions hold for one customer and what is known; None for an unknown customer."""
    compiled = compile_definition(definition, now=now, load=load)
    wanted = None if compiled.needs_everybody else [customer_id]
    with open_session(wanted) as session, evaluating(session):
        parameters = {**compiled.parameters, "who": customer_id}
        row = session.execute(compiled.explain_sql(), parameters).fetchone()
    if row is None:
        return None
    facts = {
        node.path: (bool(row[2 * index]), row[2 * index + 1])
        for index, node in enumerate(compiled.nodes)
    }
    return _explanation(definition.root, "root", facts)


@contextmanager
def evaluating(session: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Give up after 30 s; an evaluation that needs too much memory is refused."""
    with deadline(session, TIMEOUT_S):
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise Refused("segment.memory", "人群过于复杂, 内存不足", field="root") from error


def _explanation(node: Any, path: str, facts: Mapping[str, tuple[bool, str | None]]) -> Explanation:
    holds, actual = facts[path]
    children = node.children if isinstance(node, And | Or | Not) else []
    return Explanation(
        path=path,
        op=type(node).__struct_config__.tag,
        label=describe(node),
        holds=holds,
        actual=actual,
        children=[
            _explanation(child, f"{path}.children.{index}", facts)
            for index, child in enumerate(children)
        ],
    )
