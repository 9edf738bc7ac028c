"""What the routes about rules, review and rebuilds take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema


class SideOut(Schema):
    identity_id: int
    namespace: str
    value_masked: str
    degree: int
    customer_id: int
    name: str
    platforms: list[str]
    order_count: int
    revenue_fen: int
    identity_count: int
    last_seen_at: datetime


class ConflictOut(Schema):
    """kind: single_valued, limit, too_large, crowded or quarantined (then one side only)."""

    id: int
    kind: str
    at: datetime
    edge_id: int | None
    evidence: str
    source: str
    sides: list[SideOut]


class ConflictPageOut(Schema):
    items: list[ConflictOut]
    next_cursor: str | None


class DecideIn(Schema):
    verdict: Literal["merge", "apart", "block"]
    reason: str = Field(max_length=200)
    identity_id: int | None = Field(None, ge=1, lt=2**63)


class DecidedOut(Schema):
    """The decision's id."""

    id: int


class DecisionOut(Schema):
    id: int
    kind: str
    verdict: str
    reason: str
    by: str
    at: datetime
    undone_at: datetime | None
    undone_by: str
    sides: list[SideOut]


class DecisionPageOut(Schema):
    items: list[DecisionOut]
    next_cursor: str | None


class PoisonOut(Schema):
    id: int
    namespace: str
    value_masked: str
    is_pattern: bool
    reason: str
    by: str
    at: datetime


class PoisonPageOut(Schema):
    items: list[PoisonOut]
    next_cursor: str | None


class PoisonIn(Schema):
    """namespace "*": of any. is_pattern: `value` is an RE2 pattern of whole values."""

    namespace: str = Field(max_length=32)
    value: str = Field(min_length=1, max_length=254)
    is_pattern: bool = False
    reason: str = Field(max_length=200)


class RuleOut(Schema):
    name: str
    zh: str
    en: str
    scope: str
    strength: str
    is_single_valued: bool
    limit: str
    priority: int
    max_degree: int
    normaliser: str
    blocked_patterns: list[str]
    identities: int
    changed: list[str]


class VersionOut(Schema):
    id: int
    kind: str
    overrides: dict[str, Any]
    reason: str
    by: str
    at: datetime


class RulesOut(Schema):
    """overrides: what people changed, as `rebuild` takes it."""

    items: list[RuleOut]
    overrides: dict[str, Any]
    versions: list[VersionOut]


class RebuildIn(Schema):
    """overrides: rules to try out (preview) or to put in force; null: those in force."""

    is_preview: bool = True
    overrides: dict[str, dict[str, Any]] | None = None
    reason: str = Field("", max_length=200)


class ProgressOut(Schema):
    phase: str = ""
    done: int = 0
    total: int = 0


class ReportOut(Schema):
    """What changes; merging: customers that become one; splitting: customer and its parts."""

    identities: int = 0
    edges: int = 0
    customers_before: int = 0
    customers: int = 0
    merges: int = 0
    splits: int = 0
    quarantined: int = 0
    released: int = 0
    joined: int = 0
    refused: int = 0
    largest: list[int] = []
    merging: list[list[int]] = []
    splitting: list[list[int]] = []
    error: str = ""


class RebuildOut(Schema):
    id: int
    is_preview: bool
    state: str
    progress: ProgressOut
    report: ReportOut
    reason: str
    by: str
    at: datetime
    ended_at: datetime | None


class RebuildListOut(Schema):
    items: list[RebuildOut]
