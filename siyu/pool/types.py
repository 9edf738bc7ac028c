"""What the pool hands out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Move:
    """An identity, and all that hangs on it, went from one customer to another."""

    identity_id: int
    from_customer: int
    to_customer: int


def customers_of(moves: Iterable[Move]) -> set[int]:
    """Both sides of all moves."""
    return {row_id for move in moves for row_id in (move.from_customer, move.to_customer)}


@dataclass(frozen=True)
class IdentityRow:
    """One identity with its plain value: mask it before showing it."""

    id: int
    namespace: str
    scope: str
    value: str
    strength: str
    is_quarantined: bool
    first_seen_at: datetime
    source: str
    customer_id: int


@dataclass(frozen=True)
class TagRow:
    """color: of the group, "" for none."""

    id: int
    name: str
    group: str
    color: str = ""


@dataclass(frozen=True)
class Relation:
    """A member of staff (or, with staff "", our account) and a customer."""

    account: str
    staff: str
    customer_id: int
    identity_id: int
    is_friend: bool
    added_at: datetime | None
    lost_at: datetime | None
    state: str


@dataclass(frozen=True)
class TraitRow:
    field: str
    value: Any
    source: str
    at: datetime


@dataclass(frozen=True)
class ConsentRow:
    channel: str
    purpose: str
    is_granted: bool
    source: str
    at: datetime


@dataclass(frozen=True)
class StageRow:
    stage: str
    at: datetime


@dataclass(frozen=True)
class CustomerRow:
    """A line of the customer list; `phone_masked` is "" when no phone is known.

    fields: values of the custom fields that are shown in the list, by key.
    """

    id: int
    name: str
    phone_masked: str
    stage: str
    platforms: list[str]
    tags: list[TagRow]
    owner_staff: str
    first_source: str
    first_platform: str
    order_count: int
    refund_count: int
    revenue_fen: int
    last_seen_at: datetime
    created_at: datetime
    is_reachable: bool
    is_erased: bool
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CustomerProfile:
    """A customer with everything the pool knows."""

    row: CustomerRow
    identities: list[IdentityRow]
    traits: list[TraitRow]
    relations: list[Relation]
    consents: list[ConsentRow]
    stages: list[StageRow]
    merged_from: list[int]


@dataclass(frozen=True)
class EvidenceNode:
    id: int
    namespace: str
    scope: str
    value_masked: str
    strength: str
    customer_id: int
    is_quarantined: bool
    degree: int


@dataclass(frozen=True)
class EvidenceEdge:
    """state: joined, refused, quarantined, apart or retracted."""

    id: int
    a: int
    b: int
    evidence: str
    source: str
    strength: str
    at: datetime
    state: str
    reason: str


@dataclass(frozen=True)
class EvidenceGraph:
    """Why a customer is one person. summary: codes such as `joined:phone+wx_unionid`."""

    nodes: list[EvidenceNode]
    edges: list[EvidenceEdge]
    summary: list[str]


@dataclass(frozen=True)
class OrderTotals:
    """Counters of one customer, computed from orders, never added up from counters."""

    customer_id: int
    order_count: int
    refund_count: int
    revenue_fen: int
    first_order_at: datetime | None
    last_order_at: datetime | None


@dataclass(frozen=True)
class CustomerFilter:
    """What the list page can ask for; None or "" means any. field, value: of a custom field.

    friends_of: account and staff of whom they are friends; among these `q` is looked for anywhere
    in the name.
    """

    q: str = ""
    platform: str = ""
    stage: str = ""
    tag_id: int | None = None
    segment_id: int | None = None
    owner: str = ""
    field: str = ""
    value: str = ""
    friends_of: tuple[str, str] | None = None


@dataclass(frozen=True)
class ImportedCustomer:
    """A customer from a file: identities best first as (namespace, value, scope)."""

    identities: tuple[tuple[str, str, str], ...]
    source: str
    at: datetime
    platform: str = "import"
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TagDetail:
    """A tag on its page; expiry in days since it was put on, or at a time for everybody."""

    id: int
    name: str
    expires_days: int | None
    expires_at: datetime | None


@dataclass(frozen=True)
class TagGroupRow:
    """A group with its tags. color: `#rrggbb` or ""."""

    id: int
    name: str
    color: str
    is_exclusive: bool
    tags: list[TagDetail]


@dataclass(frozen=True)
class TagBatchRow:
    """Tags put on or taken off many at once. state: running, done, undoing or undone."""

    id: int
    actor: str
    is_removal: bool
    tags: list[TagRow]
    wanted: int
    done: int
    changed: int
    state: str
    created_at: datetime
    finished_at: datetime | None
    undone_by: str
