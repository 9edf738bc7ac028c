"""The definition of a segment: a versioned JSON tree, decoded strictly.

    {"version": 1, "root": {"op": "and", "children": [
        {"op": "platform", "platform": "wecom", "has": true},
        {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 30}]}}

Missing values: a customer who has no value for a condition does not fulfil it, whatever the
comparison, except `ne` ("is not x" includes who has nothing) and `exists` with `false`. Empty
text is missing. Counts and sums are never missing: they are 0. A property of another type than
the compared value is missing. Days are calendar days in Asia/Shanghai: "within 7 days" is today
and the six days before; "days since" counts midnights. Everything received counts, also when
its time lies a little in the future.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

MAX_NODES = 500
MAX_DEPTH = 20
MAX_LIST = 1_000
MAX_TEXT = 254
MAX_DAYS = 3_660
MAX_NUMBER = 2**53

Cmp = Literal["eq", "ne", "in", "gt", "gte", "lt", "lte", "exists", "contains"]
Scalar = bool | int | float | str
Value = Scalar | list[Scalar] | None
Days = int | None


class _Node(msgspec.Struct, frozen=True, tag_field="op", forbid_unknown_fields=True):
    pass


class And(_Node, frozen=True, tag="and"):
    children: list[Node]


class Or(_Node, frozen=True, tag="or"):
    children: list[Node]


class Not(_Node, frozen=True, tag="not"):
    children: list[Node]


class Trait(_Node, frozen=True, tag="trait"):
    field: str
    cmp: Cmp
    value: Value = None


class Tag(_Node, frozen=True, tag="tag"):
    tag_id: int
    has: bool = True


class Platform(_Node, frozen=True, tag="platform"):
    platform: str
    has: bool = True


class IdentityNode(_Node, frozen=True, tag="identity"):
    namespace: str
    has: bool = True


class Reachable(_Node, frozen=True, tag="reachable"):
    channel: str = "any"


class Order(_Node, frozen=True, tag="order"):
    measure: Literal["count", "revenue_fen", "average_fen", "days_since_last", "days_since_first"]
    cmp: Cmp
    value: Value = None
    within_days: Days = None


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    property: str
    cmp: Cmp
    value: Value = None


class Event(_Node, frozen=True, tag="event"):
    name: str
    measure: Literal["count", "days_since_last"]
    cmp: Cmp
    value: Value = None
    within_days: Days = None
    where: list[Where] = []


class Rfm(_Node, frozen=True, tag="rfm"):
    """Scores that are allowed, each 1..5; an empty list allows every score."""

    r: list[int] = []
    f: list[int] = []
    m: list[int] = []


class SegmentRef(_Node, frozen=True, tag="segment"):
    segment_id: int


Group = And | Or | Not
Leaf = Trait | Tag | Platform | IdentityNode | Reachable | Order | Event | Rfm | SegmentRef
Node = (
    And
    | Or
    | Not
    | Trait
    | Tag
    | Platform
    | IdentityNode
    | Reachable
    | Order
    | Event
    | Rfm
    | SegmentRef
)


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1]
    root: Node


@dataclass(frozen=True)
class SegmentRow:
    """A segment as the list shows it; `count` is the number of members now."""

    id: int
    name: str
    definition: dict[str, Any]
    count: int
    is_archived: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Condition:
    """One node of a previewed definition and how many customers fulfil it by itself."""

    path: str
    label: str
    count: int


@dataclass(frozen=True)
class Preview:
    """count: customers in the segment. total: all customers. sql: the question as asked."""

    count: int
    total: int
    sample_ids: list[int]
    took_ms: int
    sql: str
    conditions: list[Condition]


@dataclass(frozen=True)
class Explanation:
    """Why a customer is in a segment or not; `actual` is what we know, None for groups."""

    path: str
    op: str
    label: str
    holds: bool
    actual: str | None
    children: list[Explanation] = field(default_factory=list)


@dataclass(frozen=True)
class MembershipChange:
    """A customer entered or left. cause: `fact:<name>`, `late:<name>`, `state`, `clock`,

    `created`, `updated`, `archived`.
    """

    segment_id: int
    customer_id: int
    is_member: bool
    at: datetime
    cause: str


@dataclass(frozen=True)
class MemberRow:
    customer_id: int
    entered_at: datetime
    cause: str


@dataclass(frozen=True)
class HistoryPoint:
    """Members at the end of a day of the brand."""

    at: datetime
    count: int
