"""Why a customer is in a segment or not: every condition, whether it holds and what is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb

from siyu.kernel.clock import SHANGHAI
from siyu.lake.session import open_session
from siyu.segments.bitmaps import gather_events
from siyu.segments.compile import Load, Plan, Tree, compile_many, is_denied, source_sql
from siyu.segments.conditions import bound_in, start_of_day
from siyu.segments.evaluator import evaluating, judged_levels
from siyu.segments.labels import describe
from siyu.segments.leaves import Leaves
from siyu.segments.rules import passes
from siyu.segments.sequences import sequence_sql
from siyu.segments.sources import CUSTOMERS
from siyu.segments.types import Definition, Explanation, Or, Sequence

Facts = dict[int, tuple[bool, str | None]]


def explain(
    definition: Definition, customer_id: int, *, now: datetime, load: Load
) -> Explanation | None:
    """Which conditions hold for one customer and what is known; None for an unknown customer."""
    plan = compile_many({0: definition}, now=now, load=load)
    with open_session([customer_id], tables=plan.tables()) as session, evaluating(session):
        if not session.execute("SELECT 1 FROM customers").fetchall():
            return None
        gather_events(plan, session)
        facts = _facts(plan, session)
        tree = plan.trees[0]
        changes = _next_changes(tree, session, now)
    if plan.needs_everybody(tree):
        facts |= _scores(plan, definition, customer_id, now=now, load=load)
    return _explanation(tree, facts, changes)


def _facts(plan: Plan[int], session: duckdb.DuckDBPyConnection) -> Facts:
    """Truth and actual value of every flag that one customer's facts decide."""
    found: Facts = {}
    by_source: dict[str, list[int]] = {}
    for place, flag in enumerate(plan.flags):
        if flag.rfm is None:
            by_source.setdefault(flag.source, []).append(place)
    sources = {source.alias: source for source in plan.sources}
    for alias, places in by_source.items():
        rows = "SELECT * FROM customers"
        if alias != CUSTOMERS:
            rows = source_sql(sources[alias], is_columnar=False)
        listed = ", ".join(
            f"{plan.flags[place].test}, CAST({plan.flags[place].actual or 'NULL'} AS VARCHAR)"
            for place in places
        )
        sql = f"SELECT {listed} FROM (SELECT 1) LEFT JOIN ({rows}) AS {alias} ON TRUE"  # noqa: S608
        used = bound_in(sql, plan.parameters)
        row: Any = session.execute(sql, used).fetchone()
        for index, place in enumerate(places):
            found[place] = (bool(row[2 * index]), row[2 * index + 1])
    return found


def _scores(
    plan: Plan[int], definition: Definition, customer_id: int, *, now: datetime, load: Load
) -> Facts:
    """The flags about RFM scores: the customer ranked among everybody."""
    asked = [place for place, flag in enumerate(plan.flags) if flag.rfm is not None]
    found: Facts = {}
    with judged_levels({0: definition}, now=now, load=load) as (judged, _):
        for place in asked:
            holds = any(customer_id in one.members(one.flags[place]) for one in judged)
            found[place] = (holds, None)
    return found


def _next_changes(
    tree: Tree, session: duckdb.DuckDBPyConnection, now: datetime
) -> dict[str, datetime]:
    """When time alone may change the conditions, by path: midnight, or the end of a span."""
    midnight = start_of_day(now.astimezone(SHANGHAI).date(), -1)
    found: dict[str, datetime] = {}
    for child in tree.children:
        found |= _next_changes(child, session, now)
    if isinstance(tree.node, Sequence) and tree.node.steps[-1].absent:
        due = _due(tree.node, session, now)
        moments = [due] if due else []
        if tree.node.within_days is not None:
            moments.append(midnight)
    elif tree.flag is not None and passes(tree.node):
        moments = [midnight]
    else:
        moments = [found[child.path] for child in tree.children if child.path in found]
    return found | ({tree.path: min(moments)} if moments else {})


def _due(node: Sequence, session: duckdb.DuckDBPyConnection, now: datetime) -> datetime | None:
    leaves = Leaves(now, is_columnar=False)
    sql = sequence_sql(node, now=now, today=leaves.today, bind=leaves.bind).pending
    rows = session.execute(sql, bound_in(sql, leaves.parameters.values)).fetchall()
    return min((at.astimezone(UTC) for _, at in rows), default=None)


def _explanation(tree: Tree, facts: Facts, changes: dict[str, datetime]) -> Explanation:
    children = [_explanation(child, facts, changes) for child in tree.children]
    actual = None
    if tree.flag is not None:
        holds, actual = facts[tree.flag]
    elif is_denied(tree.node):
        holds = not children[0].holds
    else:
        together = any if isinstance(tree.node, Or) else all
        holds = together(child.holds for child in children)
    return Explanation(
        path=tree.path,
        op=str(type(tree.node).__struct_config__.tag),
        label=describe(tree.node),
        holds=holds,
        actual=actual,
        next_change_at=changes.get(tree.path),
        children=children,
    )
