"""Comparisons as SQL: every function returns an expression that is TRUE or FALSE, never NULL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.segments.fields import Kind
from siyu.segments.types import Value, Where

_OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_NUMBERS = "('BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE')"


class Parameters:
    """Bound values of one statement: `$p0`, `$p1`… Equal values share a name."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._names: dict[tuple[type, str], str] = {}

    def bind(self, value: Any) -> str:
        """The placeholder that stands for `value`."""
        key = (type(value), repr(value))
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"p{len(self._names)}"
            self.values[name] = value
        return f"${name}"


def start_of_day(today: date, days_back: int) -> datetime:
    """The instant at which the brand's day `days_back` days before `today` began, in UTC."""
    day = today - timedelta(days=days_back)
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def compare(
    kind: Kind, expression: str, cmp: str, value: Value, *, today: date, bind: Callable[[Any], str]
) -> str:
    """`expression cmp value`; a missing expression fulfils only `ne` and `exists false`."""
    if cmp == "exists":
        return f"({expression} IS {'NULL' if value is False else 'NOT NULL'})"
    if cmp == "ne":
        return f"(NOT {compare(kind, expression, 'eq', value, today=today, bind=bind)})"
    if kind == "days":
        inner = _days(expression, cmp, int(str(value)), today, bind)
    elif kind == "date":
        inner = _date(expression, cmp, date.fromisoformat(str(value)), bind)
    elif cmp == "in":
        items = value if isinstance(value, list) else [value]
        inner = f"{expression} IN ({', '.join(bind(item) for item in items)})"
    elif cmp == "contains":
        inner = f"contains({expression}, {bind(value)})"
    else:
        inner = f"{expression} {_OPERATORS[cmp]} {bind(value)}"
    return f"coalesce({inner}, FALSE)"


def property_condition(where: Where, bind: Callable[[Any], str]) -> str:
    """A condition on one property of an event; another JSON type than the value's is missing."""
    path = bind(f'$."{where.property}"')
    kind = f"json_type(properties, {path})"
    text = f"json_extract_string(properties, {path})"
    if where.cmp == "exists":
        present = f"coalesce({kind} <> 'NULL', FALSE)"
        return f"(NOT {present})" if where.value is False else present
    first = where.value[0] if isinstance(where.value, list) else where.value
    if isinstance(first, bool):
        equal = f"coalesce({kind} = 'BOOLEAN' AND {text} = '{str(first).lower()}', FALSE)"
        return f"(NOT {equal})" if where.cmp == "ne" else equal
    if isinstance(first, str):
        expression = f"CASE WHEN {kind} = 'VARCHAR' THEN {text} END"
        return compare("text", expression, where.cmp, where.value, today=date.min, bind=bind)
    expression = f"CASE WHEN {kind} IN {_NUMBERS} THEN CAST({text} AS DOUBLE) END"
    value = _floats(where.value)
    return compare("number", expression, where.cmp, value, today=date.min, bind=bind)


def _floats(value: Value) -> Value:
    if isinstance(value, list):
        return [float(item) for item in value]
    return float(value) if value is not None else None


def _days(moment: str, cmp: str, days: int, today: date, bind: Callable[[Any], str]) -> str:
    """Days since a moment, compared by where its day lies; a future moment is 0 days ago."""

    def day(back: int) -> str:
        return bind(start_of_day(today, back))

    match cmp:
        case "gte":
            return f"{moment} < {day(days - 1)}" if days else f"{moment} IS NOT NULL"
        case "gt":
            return f"{moment} < {day(days)}"
        case "lte":
            return f"{moment} >= {day(days)}"
        case "lt":
            return f"{moment} >= {day(days - 1)}" if days else "FALSE"
        case _:
            upper = f" AND {moment} < {day(days - 1)}" if days else ""
            return f"({moment} >= {day(days)}{upper})"


def _date(moment: str, cmp: str, day: date, bind: Callable[[Any], str]) -> str:
    if cmp in {"gt", "lte"}:
        return f"{moment} {'>=' if cmp == 'gt' else '<'} {bind(start_of_day(day, -1))}"
    begin = bind(start_of_day(day, 0))
    if cmp in {"gte", "lt"}:
        return f"{moment} {_OPERATORS[cmp]} {begin}"
    return f"({moment} >= {begin} AND {moment} < {bind(start_of_day(day, -1))})"
