"""The same semantics a second time, naive and in Python, to check the evaluator against."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import re2

from siyu.kernel.clock import SHANGHAI
from siyu.segments.fields import find_field
from siyu.segments.tests.support import World

COUNTED = {"paid", "partly_refunded"}


class Oracle:
    """Judges raw JSON definitions over a world's rows, one customer at a time."""

    def __init__(self, world: World, now: datetime, segments: dict[int, Any] | None = None) -> None:
        self.world = world
        self.now = now
        self.today = _day(now)
        self.segments = segments or {}

    def members(self, definition: dict[str, Any]) -> list[int]:
        return [who for who in sorted(self.world.customers) if self.holds(definition["root"], who)]

    def holds(self, node: dict[str, Any], who: int) -> bool:
        return bool(getattr(self, f"_{node['op']}")(node, who))

    def _and(self, node: Any, who: int) -> Any:
        return all(self.holds(child, who) for child in node["children"])

    def _or(self, node: Any, who: int) -> Any:
        return any(self.holds(child, who) for child in node["children"])

    def _not(self, node: Any, who: int) -> Any:
        return not self.holds(node["children"][0], who)

    def _segment(self, node: Any, who: int) -> Any:
        found = self.holds(self.segments[node["segment_id"]]["root"], who)
        return found == node.get("has", True)

    def _trait(self, node: Any, who: int) -> Any:
        field = find_field(node["field"])
        assert field is not None
        if field.key:
            return self._custom(field, node, who)
        value = self.world.customers[who].get(field.column)
        if field.kind == "date":
            return self._on_date(node, value)
        if field.kind == "days":
            value = None if value is None else self._days_since(value)
        return _compare(value if value != "" else None, node)

    def _custom(self, field: Any, node: Any, who: int) -> Any:
        rows = [row for row in self._of("custom_values", who) if row["field"] == field.key]
        if field.kind == "choices":
            values = {row["text"] for row in rows}
            wanted = node["value"] if isinstance(node["value"], list) else [node["value"]]
            if node["cmp"] == "exists":
                return bool(values) == (node["value"] is not False)
            return bool(values & set(wanted)) == (node["cmp"] in {"eq", "in"})
        if field.kind == "date":
            return self._on_date(node, rows[0]["time"] if rows else None)
        column = {"number": "number", "bool": "number"}.get(field.kind, "text")
        value = rows[0][column] if rows else None
        if field.kind == "bool":
            value = None if value is None else bool(value)
        return _compare(value, node)

    def _tag(self, node: Any, who: int) -> Any:
        has = any(
            row["tag_id"] == node["tag_id"]
            if node.get("tag_id")
            else row["tag_group"] == node["group"]
            for row in self._of("tags", who)
            if self._lies(node, row.get("added_at"))
            and (not node.get("origin") or row.get("origin") == node["origin"])
        )
        return has == node.get("has", True)

    def _list(self, node: Any, who: int) -> Any:
        has = any(row["list_id"] == node["list_id"] for row in self._of("segment_lists", who))
        return has == node.get("has", True)

    def _in_group(self, node: Any, who: int) -> Any:
        groups = {row["group_id"] for row in self._of("group_members", who)}
        has = node["group_id"] in groups if node.get("group_id") else bool(groups)
        return has == node.get("has", True)

    def _consent(self, node: Any, who: int) -> Any:
        said = [
            row["is_granted"]
            for row in self._of("consents", who)
            if row["purpose"] == node.get("purpose", "marketing")
            and row["channel"] in {"*", node.get("channel", "*")}
        ]
        state = "unknown" if not said else "granted" if all(said) else "withdrawn"
        return state == node["state"]

    def _touch(self, node: Any, who: int) -> Any:
        times = []
        for row in self._of("touches", who):
            at = row.get("done_at") or row.get("handed_at") or row["planned_at"]
            fits = all(not node.get(k) or row[k] == node[k] for k in ("campaign", "channel"))
            states = node.get("states")
            if fits and self._lies(node, at) and (not states or row["state"] in states):
                times.append(at)
        if node["measure"] == "count":
            return _compare(len(times), node)
        return _compare(min(map(self._days_since, times), default=None), node)

    def _sequence(self, node: Any, who: int) -> Any:
        first, *later = node["steps"]
        times = {row["at"] for row in self._happened(first, who) if self._lies(node, row["at"])}
        for step in later:
            events = [row["at"] for row in self._happened(step, who)]
            span = _span(step.get("within"))
            if step.get("absent"):
                return any(
                    at + span < self.now and not any(at < other <= at + span for other in events)
                    for at in times
                )
            times = {
                other
                for other in events
                for at in times
                if at < other and (span is None or other <= at + span)
            }
        return bool(times)

    def _happened(self, node: Any, who: int) -> list[Any]:
        return [
            row
            for row in self._of("events", who)
            if row["name"] == node["name"]
            and all(_property(row["properties"], where) for where in node.get("where", []))
        ]

    def _of(self, table: str, who: int) -> list[Any]:
        return [row for row in getattr(self.world, table) if row["customer_id"] == who]

    def _platform(self, node: Any, who: int) -> Any:
        platforms = (self.world.customers[who].get("platforms") or "").split(",")
        return (node["platform"] in platforms) == node.get("has", True)

    def _identity(self, node: Any, who: int) -> Any:
        has = any(
            row["namespace"] == node["namespace"] and not row["is_quarantined"]
            for row in self.world.identities
            if row["customer_id"] == who
        )
        return has == node.get("has", True)

    def _reachable(self, node: Any, who: int) -> Any:
        has = node.get("has", True)
        if node.get("channel", "any") == "any":
            return bool(self.world.customers[who].get("is_reachable")) == has
        platform = node["channel"].split(".")[0]
        found = any(
            row["is_served"] and row["platform"] == platform
            for row in self.world.relations
            if row["customer_id"] == who
        )
        return found == has

    def _order(self, node: Any, who: int) -> Any:
        rows = [row for row in self._of("orders", who) if self._lies(node, row["placed_at"])]
        rows = [row for row in rows if _ordered(row, node.get("where", []))]
        counted = [row for row in rows if row["status"] in COUNTED]
        summed = [row for row in counted if row.get("currency", "CNY") == "CNY"]
        revenue = sum(row["net_fen"] for row in rows if row.get("currency", "CNY") == "CNY")
        days = [self._days_since(row["placed_at"]) for row in counted]
        value = {
            "count": len(counted),
            "revenue_fen": revenue,
            "average_fen": revenue // len(summed) if summed else None,
            "max_fen": max((row["net_fen"] for row in summed), default=None),
            "item_count": sum(row.get("item_count") or 0 for row in counted),
            "days_since_last": min(days, default=None),
            "days_since_first": max(days, default=None),
        }[node["measure"]]
        return _compare(value, node)

    def _event(self, node: Any, who: int) -> Any:
        found = [row for row in self._happened(node, who) if self._lies(node, row["at"])]
        days = [self._days_since(row["at"]) for row in found]
        values = [row["properties"].get(node.get("property")) for row in found]
        value = {
            "count": len(found),
            "days": len({_day(row["at"]) for row in found}),
            "sum": sum(_exact(value) for value in values),
            "distinct": len({json.dumps(value) for value in values if value is not None}),
            "days_since_last": min(days, default=None),
            "days_since_first": max(days, default=None),
        }[node["measure"]]
        return _compare(value, node)

    def _rfm(self, node: Any, who: int) -> Any:
        buyers = {}
        for buyer in {row["customer_id"] for row in self.world.orders}:
            rows = [row for row in self.world.orders if row["customer_id"] == buyer]
            counted = [row for row in rows if row["status"] in COUNTED]
            if counted:
                last = max(row["placed_at"] for row in counted)
                buyers[buyer] = (last, len(counted), sum(row["net_fen"] for row in rows))
        if who not in buyers:
            return False
        for index, key in enumerate("rfm"):
            below = sum(other[index] < buyers[who][index] for other in buyers.values())
            if node.get(key) and 1 + 5 * below // len(buyers) not in node[key]:
                return False
        return True

    def _lies(self, node: Any, at: datetime | None) -> bool:
        days, between = node.get("within_days"), node.get("between")
        if days is not None:
            return at is not None and (self.today - _day(at)).days < days
        if between is not None:
            first, last = map(date.fromisoformat, between)
            return at is not None and first <= _day(at) <= last
        return True

    def _days_since(self, at: datetime) -> int:
        return max(0, (self.today - _day(at)).days)

    def _on_date(self, node: Any, at: datetime | None) -> bool:
        day = None if at is None else _day(at)
        if node["cmp"] == "exists":
            return _compare(day, node)
        value: Any = node["value"]
        if isinstance(value, list):
            return _compare(day, node | {"value": [date.fromisoformat(item) for item in value]})
        return _compare(day, node | {"value": date.fromisoformat(value)})


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _compare(value: Any, node: Any) -> bool:
    cmp, wanted = node["cmp"], node.get("value")
    if cmp == "exists":
        return (value is not None) == (wanted is not False)
    denied = {"ne": "eq", "not_in": "in", "not_contains": "contains"}.get(cmp)
    if denied:
        return not _compare(value, {"cmp": denied, "value": wanted})
    if value is None:
        return False
    tests: dict[str, Callable[[], bool]] = {
        "eq": lambda: value == wanted,
        "in": lambda: value in wanted,
        "gt": lambda: value > wanted,
        "gte": lambda: value >= wanted,
        "lt": lambda: value < wanted,
        "lte": lambda: value <= wanted,
        "between": lambda: wanted[0] <= value <= wanted[1],
        "contains": lambda: str(wanted) in value,
        "starts_with": lambda: value.startswith(wanted),
        "ends_with": lambda: value.endswith(wanted),
        "matches": lambda: re2.search(wanted, value) is not None,
    }
    return tests[cmp]()


def _ordered(row: dict[str, Any], wheres: list[Any]) -> bool:
    """Whether an order fulfils demands on itself, and one of its lines those on lines."""
    of_line = [where for where in wheres if where["property"] in {"sku", "product", "category"}]
    if not all(_compare(_filled(row.get(w["property"])), w) for w in wheres if w not in of_line):
        return False
    lines = json.loads(row["lines"])
    return not of_line or any(
        all(
            _compare(_filled(line.get(_KEYS.get(w["property"], w["property"]))), w) for w in of_line
        )
        for line in lines
    )


def _filled(value: Any) -> Any:
    return None if value == "" else value


_KEYS = {"product": "name"}


def _span(span: dict[str, int] | None) -> timedelta | None:
    if not span:
        return None
    given = {key: value for key, value in span.items() if value}
    return timedelta(**given)


def _exact(value: Any) -> Decimal:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else Decimal(0)


def _property(properties: dict[str, Any], where: dict[str, Any]) -> bool:
    value = properties.get(where["property"])
    wanted = where.get("value")
    if where["cmp"] == "exists":
        return _compare(value, where)
    first = wanted[0] if isinstance(wanted, list) else wanted
    if _kind(value) != _kind(first):
        value = None
    return _compare(value, where)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__
