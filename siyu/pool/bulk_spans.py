"""Which rows a bulk write made: the ids its tables grew by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from siyu.pool.rows import fetch

PEOPLE = ("pool_customer", "pool_identity", "pool_edge", "pool_trait")
TAGS = ("pool_customertag",)
Spans = dict[str, tuple[int, int]]


def last_ids(tables: Iterable[str]) -> dict[str, int]:
    """The last row id of each of our tables."""
    return {t: int(fetch(f"SELECT COALESCE(MAX(id), 0) FROM {t}")[0][0]) for t in tables}  # noqa: S608


def grown(before: Mapping[str, int]) -> Spans:
    """First and last new row id of each table that grew; a concurrent writer may share a span."""
    after = last_ids(before)
    return {name: (at + 1, after[name]) for name, at in before.items() if after[name] > at}


def count_people(spans: Mapping[str, tuple[int, int]]) -> int:
    """How many customers lie in the span of theirs."""
    span = spans.get("pool_customer")
    sql = "SELECT COUNT(*) FROM pool_customer WHERE id BETWEEN %s AND %s"
    return int(fetch(sql, *span)[0][0]) if span else 0
