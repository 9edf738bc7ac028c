"""Comparisons as SQL: every function returns an expression that is TRUE or FALSE, never NULL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.segments.fields import NEGATED, Kind
from siyu.segments.types import Value, Where, Windowed

Bind = Callable[[Any], str]
_OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TEXT_CALLS = {
    "contains": "contains",
    "starts_with": "starts_with",
    "ends_with": "ends_with",
    "matches": "regexp_matches",
}
_PLACEHOLDER = re.compile(r"\$(p\d+)")
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


def bound_in(sql: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values a statement names, as DuckDB takes no others."""
    return {name: values[name] for name in set(_PLACEHOLDER.findall(sql))}


def start_of_day(today: date, days_back: int) -> datetime:
    """The instant at which the brand's day `days_back` days before `today` began, in UTC."""
    day = today - timedelta(days=days_back)
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def window_start(node: Windowed, today: date) -> datetime | None:
    """When the node's window begins; None when it has none."""
    if node.within_days is not None:
        return start_of_day(today, node.within_days - 1)
    return start_of_day(date.fromisoformat(node.between[0]), 0) if node.between else None


def window(column: str, node: Windowed, today: date, bind: Bind) -> str:
    """Whether a moment lies in the node's window; "" when it has none."""
    begin = window_start(node, today)
    if begin is None:
        return ""
    lies = f"{column} >= {bind(begin)}"
    if node.within_days is not None or node.between is None:
        return lies
    end = start_of_day(date.fromisoformat(node.between[1]), -1)
    return f"{lies} AND {column} < {bind(end)}"


def day_window(column: str, node: Windowed, today: date, bind: Bind) -> str:
    """As `window`, for a column of days of the brand."""
    if node.within_days is not None:
        return f"{column} >= {bind(today - timedelta(days=node.within_days - 1))}"
    if node.between is None:
        return ""
    first, last = map(date.fromisoformat, node.between)
    return f"{column} >= {bind(first)} AND {column} <= {bind(last)}"


def compare(kind: Kind, expression: str, cmp: str, value: Value, *, today: date, bind: Bind) -> str:
    """`expression cmp value`; a missing expression fulfils only denials and `exists false`."""
    if cmp == "exists":
        return f"({expression} IS {'NULL' if value is False else 'NOT NULL'})"
    if cmp in NEGATED:
        return f"(NOT {compare(kind, expression, NEGATED[cmp], value, today=today, bind=bind)})"
    if kind == "days":
        inner = _days_between(expression, cmp, value, today, bind)
    elif kind == "date":
        inner = _date_between(expression, cmp, value, bind)
    else:
        inner = _plain(expression, cmp, value, bind)
    return f"coalesce({inner}, FALSE)"


def _plain(expression: str, cmp: str, value: Value, bind: Bind) -> str:
    items = value if isinstance(value, list) else [value]
    if cmp == "in":
        return f"{expression} IN ({', '.join(bind(item) for item in items)})"
    if cmp == "between":
        return f"({expression} >= {bind(items[0])} AND {expression} <= {bind(items[1])})"
    if cmp in _TEXT_CALLS:
        return f"{_TEXT_CALLS[cmp]}({expression}, {bind(value)})"
    return f"{expression} {_OPERATORS[cmp]} {bind(value)}"


def _days_between(moment: str, cmp: str, value: Value, today: date, bind: Bind) -> str:
    if isinstance(value, list):
        least, most = (int(str(item)) for item in value)
        lower = _days(moment, "gte", least, today, bind)
        return f"({lower} AND {_days(moment, 'lte', most, today, bind)})"
    return _days(moment, cmp, int(str(value)), today, bind)


def _date_between(moment: str, cmp: str, value: Value, bind: Bind) -> str:
    if isinstance(value, list):
        first, last = (date.fromisoformat(str(item)) for item in value)
        return f"({_date(moment, 'gte', first, bind)} AND {_date(moment, 'lte', last, bind)})"
    return _date(moment, cmp, date.fromisoformat(str(value)), bind)


def property_condition(where: Where, bind: Bind) -> str:
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


def property_number(name: str, bind: Bind) -> str:
    """A property of an event as an exact number of six places; NULL when it is none."""
    path = bind(f'$."{name}"')
    text = f"json_extract_string(properties, {path})"
    kind = f"json_type(properties, {path})"
    return f"CASE WHEN {kind} IN {_NUMBERS} THEN TRY_CAST({text} AS DECIMAL(30, 6)) END"


def property_value(name: str, bind: Bind) -> str:
    """A property of an event as JSON text, so that 1 and "1" differ; NULL when it has none."""
    path = bind(f'$."{name}"')
    value = f"CAST(json_extract(properties, {path}) AS VARCHAR)"
    return f"nullif({value}, 'null')"


def _floats(value: Value) -> Value:
    if isinstance(value, list):
        return [float(item) for item in value]
    return float(value) if value is not None else None


def _days(moment: str, cmp: str, days: int, today: date, bind: Bind) -> str:
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


def _date(moment: str, cmp: str, day: date, bind: Bind) -> str:
    if cmp in {"gt", "lte"}:
        return f"{moment} {'>=' if cmp == 'gt' else '<'} {bind(start_of_day(day, -1))}"
    begin = bind(start_of_day(day, 0))
    if cmp in {"gte", "lt"}:
        return f"{moment} {_OPERATORS[cmp]} {begin}"
    return f"({moment} >= {begin} AND {moment} < {bind(start_of_day(day, -1))})"
