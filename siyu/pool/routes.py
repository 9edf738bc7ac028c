"""What the pool's routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class TagOut(Schema):
    id: int
    name: str
    group: str
    color: str = ""


class CustomerOut(Schema):
    """A line of the customer list. Phones are always masked. fields: those shown in the list."""

    id: int
    name: str
    phone_masked: str
    stage: str
    platforms: list[str]
    tags: list[TagOut]
    owner_staff: str
    first_source: str
    first_platform: str
    order_count: int
    refund_count: int
    revenue_fen: int
    last_seen_at: datetime
    created_at: datetime
    is_reachable: bool
    fields: dict[str, Any] = {}


class CustomerPageOut(Schema):
    items: list[CustomerOut]
    next_cursor: str | None


class CountOut(Schema):
    count: int


class IdentityOut(Schema):
    id: int
    namespace: str
    scope: str
    value_masked: str
    strength: str
    source: str
    first_seen_at: datetime
    is_quarantined: bool


class TraitOut(Schema):
    field: str
    value: Any
    source: str
    at: datetime


class RelationOut(Schema):
    account: str
    staff: str
    identity_id: int
    is_friend: bool
    added_at: datetime | None
    lost_at: datetime | None
    state: str


class ConsentOut(Schema):
    channel: str
    purpose: str
    is_granted: bool
    source: str
    at: datetime


class StageOut(Schema):
    stage: str
    at: datetime


class CustomerProfileOut(CustomerOut):
    identities: list[IdentityOut]
    traits: list[TraitOut]
    relations: list[RelationOut]
    consents: list[ConsentOut]
    stages: list[StageOut]
    merged_from: list[int]


class NodeOut(Schema):
    id: int
    namespace: str
    scope: str
    value_masked: str
    strength: str
    customer_id: int
    is_quarantined: bool
    degree: int


class EdgeOut(Schema):
    id: int
    a: int
    b: int
    evidence: str
    source: str
    strength: str
    at: datetime
    state: str
    reason: str


class EvidenceOut(Schema):
    """summary: codes such as `joined:phone+wx_unionid`."""

    nodes: list[NodeOut]
    edges: list[EdgeOut]
    summary: list[str]


class PhoneOut(Schema):
    """`phone` is "" when none is known."""

    phone: str


class TagListOut(Schema):
    items: list[TagOut]


class CustomerQuery(Schema):
    """Filters of the customer list; segment_id, tag_id, field with value: at most one each."""

    q: str = Field("", max_length=128)
    platform: str = Field("", max_length=32)
    stage: str = Field("", max_length=16)
    tag_id: int | None = Field(None, ge=1, lt=2**63)
    segment_id: int | None = Field(None, ge=1, lt=2**63)
    owner: str = Field("", max_length=64)
    field: str = Field("", max_length=64)
    value: str = Field("", max_length=500)


class TagsIn(Schema):
    add: list[int] = Field(default=[], max_length=100)
    remove: list[int] = Field(default=[], max_length=100)


class TagIn(Schema):
    group: str = Field("", max_length=64)
    name: str = Field(max_length=64)


class MergeIn(Schema):
    keep_id: int = Field(ge=1, lt=2**63)
    other_id: int = Field(ge=1, lt=2**63)
    reason: str = Field(max_length=200)


class MergedOut(Schema):
    """The customer id that lives on."""

    id: int


class ReasonIn(Schema):
    reason: str = Field(max_length=200)


class ConsentIn(Schema):
    channel: str = Field("*", max_length=64)
    purpose: str = Field(max_length=16)
    is_granted: bool
