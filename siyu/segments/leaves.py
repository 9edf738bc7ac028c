"""Each condition as an expression over one source: TRUE or FALSE, never NULL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.lake.session import named
from siyu.segments.conditions import (
    Parameters,
    compare,
    day_window,
    property_condition,
    property_number,
    property_value,
    window,
    window_start,
)
from siyu.segments.fields import (
    EVENT_MEASURES,
    LINE_PROPERTIES,
    NEVER_MISSING,
    ORDER_MEASURES,
    ORDER_PROPERTIES,
    TOUCH_MEASURES,
    Field,
    Kind,
    find_field,
)
from siyu.segments.sequences import sequence_sql
from siyu.segments.sources import CUSTOMERS, HELD, RFM, Source, Sources
from siyu.segments.types import (
    Consent,
    Event,
    IdentityNode,
    InGroup,
    Leaf,
    ListRef,
    Order,
    Platform,
    Reachable,
    Rfm,
    Sequence,
    Tag,
    Touch,
    Trait,
    Value,
    Where,
)

COUNTED = "status NOT IN ('cancelled', 'refunded')"
SUMMED = "coalesce(currency, 'CNY') = 'CNY'"
TOUCHED_AT = "coalesce(done_at, handed_at, planned_at)"
EXACT = ("eq", "ne", "in", "not_in")
"""Comparisons of text by which an empty one, which is missing, differs from every value."""
DAY_MEASURES = {
    "count": "CAST(sum(n) AS BIGINT)",
    "days": "count(DISTINCT day)",
    "days_since_last": "max(last_at)",
    "days_since_first": "min(first_at)",
}
"""Measures that day counts answer, as aggregates of the table `event_days`."""


def _floor_division(dividend: str, divisor: str) -> str:
    """Integer division rounded down, exact for every size of money."""
    rest = f"((({dividend}) % ({divisor})) + ({divisor})) % ({divisor})"
    return f"((({dividend}) - {rest}) // ({divisor}))"


_REVENUE = f"CAST(coalesce(sum(net_fen) FILTER (WHERE {SUMMED}), 0) AS BIGINT)"
_PAID = f"nullif(count(*) FILTER (WHERE {COUNTED} AND {SUMMED}), 0)"
ORDER_SQL: dict[str, str] = {
    "count": f"count(*) FILTER (WHERE {COUNTED})",
    "revenue_fen": _REVENUE,
    "average_fen": _floor_division(_REVENUE, _PAID),
    "max_fen": f"max(net_fen) FILTER (WHERE {COUNTED} AND {SUMMED})",
    "item_count": f"CAST(coalesce(sum(item_count) FILTER (WHERE {COUNTED}), 0) AS BIGINT)",
    "days_since_last": f"max(placed_at) FILTER (WHERE {COUNTED})",
    "days_since_first": f"min(placed_at) FILTER (WHERE {COUNTED})",
}
"""Measures of orders, as aggregates of the table `orders`."""


@dataclass(frozen=True)
class Flag:
    """A condition. source: the alias it reads. test: its truth. actual: what to show, or ''.

    rfm: the scores it allows, for those who judge scores among everybody at once.
    """

    source: str
    test: str
    actual: str = ""
    rfm: Rfm | None = None


class Leaves:
    """Compiles conditions at a moment into flags over shared sources."""

    def __init__(self, now: datetime, *, is_columnar: bool) -> None:
        self.now = now
        self.today: date = now.astimezone(SHANGHAI).date()
        self.is_columnar = is_columnar
        self.parameters = Parameters()
        self.sources = Sources(may_repeat=is_columnar)
        self.bind = self.parameters.bind

    def flag(self, node: Leaf) -> Flag:
        """The flag of a condition; equal conditions get equal flags."""
        if isinstance(node, Order | Event | Touch | Sequence):
            return self._history(node)
        if isinstance(node, Trait):
            return self._trait(node)
        return self._rfm(node) if isinstance(node, Rfm) else self._state(node)

    def _history(self, node: Order | Event | Touch | Sequence) -> Flag:
        match node:
            case Order():
                return self._order(node)
            case Event():
                return self._event(node)
            case Touch():
                return self._touch(node)
            case Sequence():
                return self._sequence(node)

    def _state(self, node: Leaf) -> Flag:
        match node:
            case Tag():
                return self._held("tags", self._tag_test(node), has=node.has)
            case Platform():
                listed = f"contains(',' || c.platforms || ',', {self.bind(f',{node.platform},')})"
                test = _has(f"coalesce({listed}, FALSE)", has=node.has)
                return Flag(CUSTOMERS, test, "c.platforms")
            case IdentityNode():
                known = f"namespace = {self.bind(node.namespace)} AND NOT is_quarantined"
                return self._held("identities", known, has=node.has)
            case Reachable():
                return self._reachable(node)
            case Consent():
                return self._consent(node)
            case ListRef() | InGroup():
                return self._inside(node)
            case _:
                raise AssertionError(node)

    def _inside(self, node: ListRef | InGroup) -> Flag:
        if isinstance(node, ListRef):
            listed = f"list_id = {self.bind(node.list_id)}"
            return self._held("segment_lists", listed, has=node.has)
        inside = f"group_id = {self.bind(node.group_id)}" if node.group_id else ""
        return self._held("group_members", inside, has=node.has)

    def _held(self, table: str, test: str, *, has: bool) -> Flag:
        column = self.sources.reading(table, test).column(HELD)
        alias = column.partition(".")[0]
        held = f"coalesce({column}, FALSE)"
        return Flag(alias, _has(held, has=has), held)

    def _tag_test(self, node: Tag) -> str:
        tests = [
            f"tag_id = {self.bind(node.tag_id)}"
            if node.tag_id is not None
            else f"tag_group = {self.bind(node.group)}"
        ]
        if node.origin:
            tests.append(f"origin = {self.bind(node.origin)}")
        return _all(*tests, window("added_at", node, self.today, self.bind))

    def _reachable(self, node: Reachable) -> Flag:
        if node.channel == "any":
            test = _has("coalesce(c.is_reachable, FALSE)", has=node.has)
            return Flag(CUSTOMERS, test, "c.is_reachable")
        platform = self.bind(node.channel.partition(".")[0])
        return self._held("relations", f"platform = {platform} AND is_served", has=node.has)

    def _consent(self, node: Consent) -> Flag:
        channels = dict.fromkeys(("*", node.channel))
        listed = ", ".join(self.bind(channel) for channel in channels)
        test = f"purpose = {self.bind(node.purpose)} AND channel IN ({listed})"
        column = self.sources.reading("consents", test).column("bool_and(is_granted)")
        wanted = {
            "granted": f"coalesce({column}, FALSE)",
            "withdrawn": f"(NOT coalesce({column}, TRUE))",
            "unknown": f"({column} IS NULL)",
        }[node.state]
        return Flag(column.partition(".")[0], wanted, column)

    def _trait(self, node: Trait) -> Flag:
        field = find_field(node.field)
        assert field is not None, node.field
        if field.key:
            return self._custom(node, field)
        column = f"c.{field.column}"
        is_exact = node.cmp in EXACT and "" not in _items(node.value)
        value = f"nullif({column}, '')" if field.kind == "text" and not is_exact else column
        return Flag(CUSTOMERS, self._compare(field.kind, value, node), column)

    def _custom(self, node: Trait, field: Field) -> Flag:
        source = self.sources.reading("custom_values", f"field = {self.bind(field.key)}")
        if field.kind == "choices":
            return self._choices(node, source)
        stored = {"number": "max(number)", "bool": "max(number) <> 0", "date": "max(time)"}
        value = source.column(stored.get(field.kind, "max(text)"))
        kind: Kind = "text" if field.kind == "choice" else field.kind
        if field.kind == "bool" and node.cmp == "eq":
            test = f"coalesce({value} = {'TRUE' if node.value else 'FALSE'}, FALSE)"
            return Flag(source.alias, test, value)
        return Flag(source.alias, self._compare(kind, value, node), value)

    def _choices(self, node: Trait, source: Source) -> Flag:
        """Several values: a comparison holds when one of them fulfils it, a denial when none."""
        if node.cmp == "exists":
            some = source.column("max(text)")
            return Flag(source.alias, self._compare("text", some, node), some)
        listed = ", ".join(self.bind(item) for item in _items(node.value))
        held = f"coalesce({source.column(f'bool_or(text IN ({listed}))')}, FALSE)"
        return Flag(source.alias, _has(held, has=node.cmp in {"eq", "in"}), held)

    def _order(self, node: Order) -> Flag:
        lies = window("placed_at", node, self.today, self.bind)
        kind = ORDER_MEASURES[node.measure][2]
        if self.is_columnar and not lies and not node.where:
            totals = self.sources.single("order_totals")
            return self._measured(totals, node.measure, kind, node)
        test = _all("customer_id IS NOT NULL", lies, *self._order_demands(node.where))
        needs_lines = any(where.property in LINE_PROPERTIES for where in node.where)
        source = self.sources.reading("orders", test, needs_lines=needs_lines)
        return self._measured(source, ORDER_SQL[node.measure], kind, node)

    def _order_demands(self, wheres: list[Where]) -> list[str]:
        of_order: list[str] = []
        of_line: list[str] = []
        for where in wheres:
            kind = ORDER_PROPERTIES[where.property][2]
            target = of_line if where.property in LINE_PROPERTIES else of_order
            name = where.property if kind == "number" else f"nullif({where.property}, '')"
            target.append(self._test(kind, name, where.cmp, where.value))
        if of_line:
            lines = f"SELECT order_id FROM order_lines WHERE {' AND '.join(of_line)}"  # noqa: S608
            of_order.append(f"order_id IN ({lines})")
        return of_order

    def _event(self, node: Event) -> Flag:
        named_so = f"name = {self.bind(node.name)}"
        kind = EVENT_MEASURES[node.measure][2]
        if self.is_columnar and not node.where and node.measure in DAY_MEASURES:
            test = _all(named_so, day_window("day", node, self.today, self.bind))
            some = _asks_for_some(node)
            if some is not None:
                return self._held("event_days", test, has=some)
            source = self.sources.reading("event_days", test)
            return self._measured(source, DAY_MEASURES[node.measure], kind, node)
        demands = [property_condition(where, self.bind) for where in node.where]
        test = _all(named_so, window("occurred_at", node, self.today, self.bind), *demands)
        source = self.sources.reading("events", test)
        source.since = window_start(node, self.today)
        return self._measured(source, self._event_aggregate(node), kind, node)

    def _event_aggregate(self, node: Event) -> str:
        if node.measure == "sum":
            return f"sum({property_number(node.property, self.bind)})"
        if node.measure == "distinct":
            return f"count(DISTINCT {property_value(node.property, self.bind)})"
        return {
            "count": "count(*)",
            "days": "count(DISTINCT CAST(occurred_at AS DATE))",
            "days_since_last": "max(occurred_at)",
            "days_since_first": "min(occurred_at)",
        }[node.measure]

    def _touch(self, node: Touch) -> Flag:
        tests = [
            f"{name} = {self.bind(value)}"
            for name in ("campaign", "channel", "purpose")
            if (value := getattr(node, name))
        ]
        if node.states:
            listed = ", ".join(self.bind(state) for state in node.states)
            tests.append(f"state IN ({listed})")
        test = _all(*tests, window(TOUCHED_AT, node, self.today, self.bind))
        aggregate = "count(*)" if node.measure == "count" else f"max({TOUCHED_AT})"
        source = self.sources.reading("touches", test)
        return self._measured(source, aggregate, TOUCH_MEASURES[node.measure][2], node)

    def _sequence(self, node: Sequence) -> Flag:
        sql = sequence_sql(node, now=self.now, today=self.today, bind=self.bind)
        alias = self.sources.own(sql.members).alias
        held = f"coalesce({alias}.m0, FALSE)"
        return Flag(alias, held, f"{alias}.m1")

    def _rfm(self, node: Rfm) -> Flag:
        self.sources.own(named("segments", "rfm"), alias=RFM)
        parts = [
            f"rf.{key} IN ({', '.join(self.bind(score) for score in scores)})"
            for key, scores in (("r", node.r), ("f", node.f), ("m", node.m))
            if scores
        ]
        test = f"coalesce({' AND '.join(parts)}, FALSE)"
        return Flag(RFM, test, "concat(rf.r, rf.f, rf.m)", rfm=node)

    def _measured(
        self, source: Source, aggregate: str, kind: Kind, node: Order | Event | Touch
    ) -> Flag:
        value = source.column(aggregate)
        if node.measure in NEVER_MISSING:
            value = f"coalesce({value}, 0)"
        return Flag(source.alias, self._compare(kind, value, node), value)

    def _compare(self, kind: Kind, expression: str, node: Trait | Order | Event | Touch) -> str:
        return self._test(kind, expression, node.cmp, node.value)

    def _test(self, kind: Kind, expression: str, cmp: str, value: Value) -> str:
        return compare(kind, expression, cmp, value, today=self.today, bind=self.bind)


def _items(value: Value) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _asks_for_some(node: Event) -> bool | None:
    """True: a count of at least one is asked for; False: of none; None: another measure."""
    if node.measure != "count":
        return None
    asked = (node.cmp, node.value)
    if asked in {("gte", 1), ("gt", 0)}:
        return True
    return False if asked in {("lt", 1), ("lte", 0), ("eq", 0)} else None


def _all(*tests: str) -> str:
    return " AND ".join(test for test in tests if test)


def _has(test: str, *, has: bool) -> str:
    return test if has else f"(NOT {test})"
