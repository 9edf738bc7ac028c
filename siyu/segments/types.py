"""The definition of a segment: a versioned JSON tree, decoded strictly.

    {"version": 1, "root": {"op": "and", "children": [
        {"op": "platform", "platform": "wecom", "has": true},
        {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 30}]}}

Missing values: a customer who has no value for a condition does not fulfil it, whatever the
comparison, except `ne` ("is not x" includes who has nothing) and `exists` with `false`. Empty
text is missing. Counts and sums are never missing: they are 0. A property of another type than
the compared value is missing. Days are calendar days in Asia/Shanghai: "within 7 days" is today
and the six days before; "days since" counts midnights. Everything received counts, also when
its time lies a little in the future. A step of a sequence that has a span (`within`) counts exact
time, 24 hours a day.
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
MAX_STEPS = 5

Cmp = Literal[
    "eq",
    "ne",
    "in",
    "not_in",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "exists",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
]
Scalar = bool | int | float | str
Value = Scalar | list[Scalar] | None
Days = int | None
Between = list[str] | None
"""Two days of the brand, both included."""


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
    """One tag, or any tag of a group. A window asks when it was put on; origin "" = any."""

    tag_id: int | None = None
    group: str = ""
    has: bool = True
    origin: str = ""
    within_days: Days = None
    between: Between = None


class Platform(_Node, frozen=True, tag="platform"):
    platform: str
    has: bool = True


class IdentityNode(_Node, frozen=True, tag="identity"):
    namespace: str
    has: bool = True


class Reachable(_Node, frozen=True, tag="reachable"):
    channel: str = "any"
    has: bool = True


class Consent(_Node, frozen=True, tag="consent"):
    """What was said for a channel or for all channels ("*"): the most restrictive word counts,

    of all identities and of both. channel "*" asks for what was said for all.
    """

    state: Literal["granted", "withdrawn", "unknown"]
    purpose: Literal["marketing", "service"] = "marketing"
    channel: str = "*"


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    property: str
    cmp: Cmp
    value: Value = None


class Order(_Node, frozen=True, tag="order"):
    """Orders that fulfil `where`; demands on sku, product and category hold for one same line."""

    measure: Literal[
        "count",
        "revenue_fen",
        "average_fen",
        "max_fen",
        "item_count",
        "days_since_last",
        "days_since_first",
    ]
    cmp: Cmp
    value: Value = None
    within_days: Days = None
    between: Between = None
    where: list[Where] = []


class Event(_Node, frozen=True, tag="event"):
    """property: what `sum` adds up and `distinct` counts; "" for the other measures."""

    name: str
    measure: Literal["count", "days", "sum", "distinct", "days_since_last", "days_since_first"]
    cmp: Cmp
    value: Value = None
    within_days: Days = None
    between: Between = None
    property: str = ""
    where: list[Where] = []


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A length of time: exactly one unit. A day has 24 hours."""

    days: int | None = None
    hours: int | None = None
    minutes: int | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event after the one before, strictly later and within a span.

    absent: no such event may come, and the span must be over; only the last step may be absent.
    """

    name: str
    where: list[Where] = []
    absent: bool = False
    within: Span | None = None


class Sequence(_Node, frozen=True, tag="sequence"):
    """Events in this order; the window asks when the first one happened."""

    steps: list[Step]
    within_days: Days = None
    between: Between = None


class Touch(_Node, frozen=True, tag="touch"):
    """Messages to the customer. Empty text and an empty list mean any.

    A touch lies at the time it was done, else handed over, else planned.
    """

    measure: Literal["count", "days_since_last"]
    cmp: Cmp
    value: Value = None
    within_days: Days = None
    between: Between = None
    campaign: str = ""
    channel: str = ""
    purpose: str = ""
    states: list[str] = []


class Rfm(_Node, frozen=True, tag="rfm"):
    """Scores that are allowed, each 1..5; an empty list allows every score."""

    r: list[int] = []
    f: list[int] = []
    m: list[int] = []


class SegmentRef(_Node, frozen=True, tag="segment"):
    segment_id: int
    has: bool = True


class ListRef(_Node, frozen=True, tag="list"):
    """Whether the customer is on an uploaded list."""

    list_id: int
    has: bool = True


class InGroup(_Node, frozen=True, tag="in_group"):
    """Whether the customer is in a customer group now; group_id 0 = in any."""

    group_id: int = 0
    has: bool = True


Group = And | Or | Not
Leaf = (
    Trait
    | Tag
    | Platform
    | IdentityNode
    | Reachable
    | Consent
    | Order
    | Event
    | Sequence
    | Touch
    | Rfm
    | SegmentRef
    | ListRef
    | InGroup
)
Node = (
    And
    | Or
    | Not
    | Trait
    | Tag
    | Platform
    | IdentityNode
    | Reachable
    | Consent
    | Order
    | Event
    | Sequence
    | Touch
    | Rfm
    | SegmentRef
    | ListRef
    | InGroup
)
Windowed = Tag | Order | Event | Sequence | Touch


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
    version: int
    is_archived: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Condition:
    """One node of a previewed definition and how many customers fulfil it by itself.

    passed: those who also fulfil the conditions before it, where the root is `and`: the funnel.
    """

    path: str
    label: str
    count: int
    passed: int | None = None


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
    """Why a customer is in a segment or not; `actual` is what we know, None for groups.

    next_change_at: when the passing of time alone may change the answer; None = never.
    """

    path: str
    op: str
    label: str
    holds: bool
    actual: str | None
    next_change_at: datetime | None = None
    children: list[Explanation] = field(default_factory=list)


@dataclass(frozen=True)
class MembershipChange:
    """A customer entered or left. cause: `fact:<name>`, `late:<name>`, `state`, `clock`,

    `created`, `updated`, `archived`, or what a caller of `touch` named.
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
