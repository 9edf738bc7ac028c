"""A definition becomes one SQL statement over the lake's views.

Each source is read once: all event conditions are aggregates of one scan of `events`, all order
conditions of one scan of `orders`, and so on; then one row per customer carries a flag for each
condition. Only names from the allow-list reach the text, every value is a bound parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Refused
from siyu.lake.session import named
from siyu.segments.conditions import Parameters, compare, property_condition, start_of_day
from siyu.segments.fields import MEASURES, TRAITS
from siyu.segments.rules import ROOT
from siyu.segments.types import (
    And,
    Definition,
    Event,
    IdentityNode,
    Leaf,
    Node,
    Not,
    Or,
    Order,
    Platform,
    Reachable,
    Rfm,
    SegmentRef,
    Tag,
    Trait,
)

Load = Callable[[int], Definition]
MAX_EXPANDED = 5_000
_COUNTED = "status NOT IN ('cancelled', 'refunded')"


@dataclass(frozen=True)
class CompiledNode:
    """A node of the definition. holds: its condition over `flags`. actual: what to show, or ''."""

    path: str
    node: Node
    holds: str
    actual: str


@dataclass(frozen=True)
class Compiled:
    """`flags` has one row per customer; conditions of `nodes` are expressions over it."""

    with_clause: str
    parameters: dict[str, Any]
    nodes: list[CompiledNode]
    needs_everybody: bool
    """Whether one customer can only be judged among all (RFM)."""

    @property
    def root(self) -> str:
        return self.nodes[0].holds

    def members_sql(self) -> str:
        """The customers in the segment, in order of their id."""
        return f"{self.with_clause}\nSELECT customer_id FROM flags WHERE {self.root} ORDER BY 1"

    def preview_sql(self, sample: int) -> str:
        """One row: total, the smallest `sample` member ids, then the count of every node."""
        counts = ",\n  ".join(f"count(*) FILTER (WHERE {node.holds})" for node in self.nodes)
        picked = f"min(customer_id, {sample}) FILTER (WHERE {self.root})"
        return f"{self.with_clause}\nSELECT count(*), {picked},\n  {counts}\nFROM flags"

    def explain_sql(self) -> str:
        """For each customer of the session: the truth and the actual value of every node."""
        parts = [f"{node.holds}, {node.actual or 'NULL'}" for node in self.nodes]
        return f"{self.with_clause}\nSELECT {', '.join(parts)} FROM flags WHERE customer_id = $who"


def compile_definition(definition: Definition, *, now: datetime, load: Load) -> Compiled:
    """The SQL of a definition at a moment. load: finds the definitions of referenced segments."""
    compiler = _Compiler(now.astimezone(SHANGHAI).date(), load)
    compiler.visit(definition.root, ROOT, is_shown=True)
    return Compiled(
        with_clause=compiler.with_clause(),
        parameters=compiler.parameters.values,
        nodes=compiler.nodes,
        needs_everybody=compiler.has_rfm,
    )


class _Compiler:
    def __init__(self, today: date, load: Load) -> None:
        self.today = today
        self.load = load
        self.parameters = Parameters()
        self.nodes: list[CompiledNode] = []
        self.columns: list[str] = []
        self.events: list[tuple[str, str]] = []
        self.orders: list[str] = []
        self.tags: list[str] = []
        self.identities: list[str] = []
        self.relations: list[str] = []
        self.has_rfm = False
        self._open: list[int] = []
        self._expanded = 0

    def visit(self, node: Node, path: str, *, is_shown: bool) -> str:
        """The condition of a node over `flags`; nodes of referenced segments are not listed."""
        self._expanded += 1
        if self._expanded > MAX_EXPANDED:
            raise Refused("segment.size", "引用展开后条件过多", field=ROOT)
        place = len(self.nodes)
        if is_shown:
            self.nodes.append(CompiledNode(path, node, "", ""))
        holds, actual = self._condition(node, path, is_shown=is_shown)
        if is_shown:
            self.nodes[place] = CompiledNode(path, node, holds, actual)
        return holds

    def _condition(self, node: Node, path: str, *, is_shown: bool) -> tuple[str, str]:
        if isinstance(node, And | Or | Not):
            inner = [
                self.visit(child, f"{path}.children.{index}", is_shown=is_shown)
                for index, child in enumerate(node.children)
            ]
            if isinstance(node, Not):
                return f"(NOT {inner[0]})", ""
            return f"({(' AND ' if isinstance(node, And) else ' OR ').join(inner)})", ""
        if isinstance(node, SegmentRef):
            return self._reference(node), ""
        flag, actual = self._leaf(node)
        index = len(self.columns)
        self.columns.append(f"{flag} AS c{index}")
        if is_shown and actual:
            self.columns.append(f"CAST({actual} AS VARCHAR) AS a{index}")
        return f"c{index}", f"a{index}" if is_shown and actual else ""

    def _reference(self, node: SegmentRef) -> str:
        if node.segment_id in self._open:
            raise Refused("segment.cycle", f"人群 {node.segment_id} 循环引用", field=ROOT)
        self._open.append(node.segment_id)
        holds = self.visit(self.load(node.segment_id).root, ROOT, is_shown=False)
        self._open.pop()
        return holds

    def _leaf(self, node: Leaf) -> tuple[str, str]:
        match node:
            case Trait():
                return self._trait(node)
            case Order():
                return self._order(node)
            case Event():
                return self._event(node)
            case Rfm():
                return self._rfm(node)
            case _:
                return self._state(node)

    def _state(self, node: Leaf) -> tuple[str, str]:
        match node:
            case Tag():
                test = self._any("tg", self.tags, f"tag_id = {self._bind(node.tag_id)}")
                return _held(test, test, has=node.has)
            case Platform():
                listed = "string_split(coalesce(c.platforms, ''), ',')"
                test = f"list_contains({listed}, {self._bind(node.platform)})"
                return _held(test, "c.platforms", has=node.has)
            case IdentityNode():
                known = f"namespace = {self._bind(node.namespace)} AND NOT is_quarantined"
                test = self._any("idn", self.identities, known)
                return _held(test, test, has=node.has)
            case Reachable():
                return self._reachable(node)
            case _:
                raise AssertionError(node)

    def _trait(self, node: Trait) -> tuple[str, str]:
        field = TRAITS[node.field]
        column = f"nullif(c.{field.column}, '')" if field.kind == "text" else f"c.{field.column}"
        return self._compare(field.kind, column, node), f"c.{field.column}"

    def _order(self, node: Order) -> tuple[str, str]:
        window = "" if node.within_days is None else f" AND placed_at >= {self._since(node)}"
        column = f"m{len(self.orders)}"
        counted = f"FILTER (WHERE {_COUNTED}{window})"
        revenue = f"CAST(coalesce(sum(net_fen) FILTER (WHERE TRUE{window}), 0) AS BIGINT)"
        aggregate = {
            "count": f"count(*) {counted}",
            "revenue_fen": revenue,
            "average_fen": _floor_division(revenue, f"nullif(count(*) {counted}, 0)"),
            "days_since_last": f"max(placed_at) {counted}",
            "days_since_first": f"min(placed_at) {counted}",
        }[node.measure]
        self.orders.append(f"{aggregate} AS {column}")
        value = f"od.{column}"
        if node.measure in {"count", "revenue_fen"}:
            value = f"coalesce({value}, 0)"
        return self._compare(MEASURES[node.measure][2], value, node), value

    def _event(self, node: Event) -> tuple[str, str]:
        tests = [f"name = {self._bind(node.name)}"]
        if node.within_days is not None:
            tests.append(f"occurred_at >= {self._since(node)}")
        tests += [property_condition(where, self._bind) for where in node.where]
        column = f"m{len(self.events)}"
        aggregate = "count(*)" if node.measure == "count" else "max(occurred_at)"
        test = " AND ".join(tests)
        self.events.append((test, f"{aggregate} FILTER (WHERE {test}) AS {column}"))
        value = f"ev.{column}"
        if node.measure == "count":
            value = f"coalesce({value}, 0)"
        return self._compare(MEASURES[node.measure][2], value, node), value

    def _rfm(self, node: Rfm) -> tuple[str, str]:
        self.has_rfm = True
        parts = [
            f"rf.{key} IN ({', '.join(self._bind(score) for score in scores)})"
            for key, scores in (("r", node.r), ("f", node.f), ("m", node.m))
            if scores
        ]
        return f"coalesce({' AND '.join(parts)}, FALSE)", "concat(rf.r, rf.f, rf.m)"

    def _reachable(self, node: Reachable) -> tuple[str, str]:
        if node.channel == "any":
            return "coalesce(c.is_reachable, FALSE)", "c.is_reachable"
        platform = self._bind(node.channel.partition(".")[0])
        test = self._any("rel", self.relations, f"platform = {platform} AND is_friend")
        return test, test

    def _any(self, source: str, tests: list[str], test: str) -> str:
        if test not in tests:
            tests.append(test)
        return f"coalesce({source}.m{tests.index(test)}, FALSE)"

    def _compare(self, kind: Any, expression: str, node: Trait | Order | Event) -> str:
        return compare(kind, expression, node.cmp, node.value, today=self.today, bind=self._bind)

    def _since(self, node: Order | Event) -> str:
        return self._bind(start_of_day(self.today, (node.within_days or 1) - 1))

    def _bind(self, value: Any) -> str:
        return self.parameters.bind(value)

    def with_clause(self) -> str:
        """The sources that are needed and `flags`."""
        sources = {
            "ev": self._events_source(),
            "od": self._source("orders", self.orders, "customer_id IS NOT NULL"),
            "tg": self._any_source("tags", self.tags),
            "idn": self._any_source("identities", self.identities),
            "rel": self._any_source("relations", self.relations),
            "rf": named("segments", "rfm") if self.has_rfm else "",
        }
        used = {name: sql for name, sql in sources.items() if sql}
        joins = "".join(
            f"\n  LEFT JOIN {name} ON {name}.customer_id = c.customer_id" for name in used
        )
        columns = ", ".join(["c.customer_id", *self.columns])
        used["flags"] = f"SELECT {columns}\n  FROM customers AS c{joins}"  # noqa: S608
        return "WITH " + ",\n".join(f"{name} AS (\n  {sql}\n)" for name, sql in used.items())

    def _events_source(self) -> str:
        tests = list(dict.fromkeys(test for test, _ in self.events))
        where = " OR ".join(f"({test})" for test in tests)
        return self._source("events", [column for _, column in self.events], where)

    def _any_source(self, table: str, tests: Sequence[str]) -> str:
        columns = [f"bool_or({test}) AS m{index}" for index, test in enumerate(tests)]
        return self._source(table, columns, " OR ".join(f"({test})" for test in tests))

    @staticmethod
    def _source(table: str, columns: Sequence[str], where: str) -> str:
        if not columns:
            return ""
        listed = ", ".join(columns)
        return f"SELECT customer_id, {listed}\n  FROM {table} WHERE {where} GROUP BY customer_id"  # noqa: S608


def _held(test: str, actual: str, *, has: bool) -> tuple[str, str]:
    return (test if has else f"(NOT {test})"), actual


def _floor_division(dividend: str, divisor: str) -> str:
    """Integer division rounded down, exact for every size of money."""
    rest = f"((({dividend}) % ({divisor})) + ({divisor})) % ({divisor})"
    return f"((({dividend}) - {rest}) // ({divisor}))"
