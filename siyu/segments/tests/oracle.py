"""The same semantics a second time, naive and in Python, to check the evaluator against."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.segments.fields import TRAITS
from siyu.segments.tests.support import World

COUNTED = {"paid", "partly_refunded"}


class Oracle:
    """Judges raw JSON definitions over a world's rows, one customer at a time."""

    def __init__(self, world: World, now: datetime, segments: dict[int, Any] | None = None) -> None:
        self.world = world
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
        return self.holds(self.segments[node["segment_id"]]["root"], who)

    def _trait(self, node: Any, who: int) -> Any:
        field = TRAITS[node["field"]]
        value = self.world.customers[who].get(field.column)
        if field.kind == "date":
            return self._on_date(node, value)
        if field.kind == "days":
            value = None if value is None else self._days_since(value)
        return _compare(value if value != "" else None, node)

    def _tag(self, node: Any, who: int) -> Any:
        has = any(t["tag_id"] == node["tag_id"] for t in self.world.tags if t["customer_id"] == who)
        return has == node.get("has", True)

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
        if node.get("channel", "any") == "any":
            return bool(self.world.customers[who].get("is_reachable"))
        platform = node["channel"].split(".")[0]
        return any(
            row["is_friend"] and row["platform"] == platform
            for row in self.world.relations
            if row["customer_id"] == who
        )

    def _order(self, node: Any, who: int) -> Any:
        rows = [row for row in self.world.orders if row["customer_id"] == who]
        rows = [row for row in rows if self._within(node, row["placed_at"])]
        counted = [row for row in rows if row["status"] in COUNTED]
        revenue = sum(row["net_fen"] for row in rows)
        days = [self._days_since(row["placed_at"]) for row in counted]
        value = {
            "count": len(counted),
            "revenue_fen": revenue,
            "average_fen": revenue // len(counted) if counted else None,
            "days_since_last": min(days, default=None),
            "days_since_first": max(days, default=None),
        }[node["measure"]]
        return _compare(value, node)

    def _event(self, node: Any, who: int) -> Any:
        found = [
            row
            for row in self.world.events
            if row["customer_id"] == who
            and row["name"] == node["name"]
            and self._within(node, row["at"])
            and all(_property(row["properties"], where) for where in node.get("where", []))
        ]
        if node["measure"] == "count":
            return _compare(len(found), node)
        return _compare(min((self._days_since(row["at"]) for row in found), default=None), node)

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

    def _within(self, node: Any, at: datetime) -> bool:
        days = node.get("within_days")
        return days is None or (self.today - _day(at)).days < days

    def _days_since(self, at: datetime) -> int:
        return max(0, (self.today - _day(at)).days)

    def _on_date(self, node: Any, value: datetime | None) -> bool:
        day = None if value is None else _day(value)
        if node["cmp"] == "exists":
            return _compare(day, node)
        return _compare(day, node | {"value": date.fromisoformat(node["value"])})


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _compare(value: Any, node: Any) -> bool:
    cmp, wanted = node["cmp"], node.get("value")
    if cmp == "exists":
        return (value is not None) == (wanted is not False)
    if cmp == "ne":
        return value is None or value != wanted
    if value is None:
        return False
    tests: dict[str, Callable[[], bool]] = {
        "eq": lambda: value == wanted,
        "in": lambda: value in wanted,
        "gt": lambda: value > wanted,
        "gte": lambda: value >= wanted,
        "lt": lambda: value < wanted,
        "lte": lambda: value <= wanted,
        "contains": lambda: str(wanted) in value,
    }
    return tests[cmp]()


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
