"""Sequences of events as window functions: A, then B, or A and no B within a span.

Every step reads its events once and meets them with what the step before left, in order of time;
of equal times the later step comes first, so that "after" is strict. Nothing is joined, so a
person with very many events costs their number, not its square.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from siyu.segments.conditions import Bind, property_condition, window
from siyu.segments.types import Sequence, Span, Step

_ORDER = "PARTITION BY customer_id ORDER BY t {way}, is_from {way} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"


@dataclass(frozen=True)
class SequenceSql:
    """members: customer_id, m0 (TRUE), m1 (when it was complete). pending: customer_id, due_at."""

    members: str
    pending: str


def sequence_sql(node: Sequence, *, now: datetime, today: date, bind: Bind) -> SequenceSql:
    """Who fulfilled the sequence by `now`; and when it may be fulfilled by time alone, or ""."""
    first, *later = node.steps
    lies = window("occurred_at", node, today, bind)
    rows = _events(first, bind, lies)
    for step in later:
        if step.absent:
            return _without(rows, step, now, bind)
        rows = _after(rows, step, bind)
    return SequenceSql(_members(rows, "t"), "")


def _after(rows: str, step: Step, bind: Bind) -> str:
    """The events of a step that follow one of `rows`: customer_id, t."""
    before = f"max(CASE WHEN is_from THEN t END) OVER ({_ORDER.format(way='ASC')})"
    met = _met(rows, step, bind, f"{before} AS other")
    span = f" AND t <= other + {span_sql(step.within)}" if step.within else ""
    return f"SELECT customer_id, t FROM ({met}) WHERE NOT is_from AND other IS NOT NULL{span}"  # noqa: S608


def _without(rows: str, step: Step, now: datetime, bind: Bind) -> SequenceSql:
    """The `rows` that no event of the step follows within its span."""
    assert step.within is not None
    after = f"min(CASE WHEN NOT is_from THEN t END) OVER ({_ORDER.format(way='DESC')})"
    met = _met(rows, step, bind, f"{after} AS other")
    end = f"t + {span_sql(step.within)}"
    alone = (
        f"SELECT customer_id, {end} AS ends FROM ({met})"  # noqa: S608
        f" WHERE is_from AND (other IS NULL OR other > {end})"
    )
    moment = bind(now)
    over = f"SELECT customer_id, ends AS t FROM ({alone}) WHERE ends < {moment}"  # noqa: S608
    pending = (
        f"SELECT customer_id, min(ends) AS due_at FROM ({alone})"  # noqa: S608
        f" WHERE ends >= {moment} GROUP BY customer_id"
    )
    return SequenceSql(_members(over, "t"), pending)


def _met(rows: str, step: Step, bind: Bind, column: str) -> str:
    return (
        f"SELECT customer_id, t, is_from, {column} FROM ("  # noqa: S608
        f"SELECT customer_id, t, TRUE AS is_from FROM ({rows})"
        f" UNION ALL SELECT customer_id, t, FALSE FROM ({_events(step, bind, '')}))"
    )


def _events(step: Step, bind: Bind, lies: str) -> str:
    tests = [f"name = {bind(step.name)}", lies]
    tests += [property_condition(where, bind) for where in step.where]
    listed = " AND ".join(test for test in tests if test)
    return f"SELECT customer_id, occurred_at AS t FROM events WHERE {listed}"  # noqa: S608


def _members(rows: str, at: str) -> str:
    return f"SELECT customer_id, TRUE AS m0, max({at}) AS m1 FROM ({rows}) GROUP BY customer_id"  # noqa: S608


def span_sql(span: Span) -> str:
    """A span as an exact interval of minutes or hours."""
    if span.minutes:
        return f"INTERVAL '{int(span.minutes)}' MINUTE"
    return f"INTERVAL '{int(span.hours or (span.days or 0) * 24)}' HOUR"
