"""A compiled definition as SQL for people to read and run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlglot
from sqlglot import exp

from siyu.segments.compile import Compiled


def readable_sql(compiled: Compiled) -> str:
    """The members' statement with its values written in."""
    tree = sqlglot.parse_one(compiled.members_sql(), read="duckdb")

    def fill(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Parameter | exp.Placeholder):
            return _literal(compiled.parameters[node.name])
        return node

    return tree.transform(fill).sql(dialect="duckdb", pretty=True)


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(sep=" ")
        return exp.cast(exp.Literal.string(text), "TIMESTAMPTZ", dialect="duckdb")
    if isinstance(value, date):
        return exp.Literal.string(value.isoformat())
    return exp.convert(value)
