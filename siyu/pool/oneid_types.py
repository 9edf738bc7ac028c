"""What the pool hands out about rules, the review queue and rebuilds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class PoisonRow:
    """An entry of the poison list. namespace "*": of any. Patterns are shown, values masked."""

    id: int
    namespace: str
    value_masked: str
    is_pattern: bool
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class SideRow:
    """One identity of a conflict, and enough of its customer to tell who it is."""

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


@dataclass(frozen=True)
class DecisionRow:
    """What a person decided. verdict: merge, apart or block."""

    id: int
    kind: str
    verdict: str
    reason: str
    by: str
    at: datetime
    undone_at: datetime | None
    undone_by: str
    sides: list[SideRow]


@dataclass(frozen=True)
class RuleRow:
    """A namespace's rule in force. changed: the fields that people changed."""

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


@dataclass(frozen=True)
class VersionRow:
    """One change of the rules or of the poison list."""

    id: int
    kind: str
    overrides: dict[str, Any]
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class RebuildRow:
    """A rebuild asked for or done. progress: phase, done, total. report: see `rebuild.Report`."""

    id: int
    is_preview: bool
    state: str
    progress: dict[str, Any]
    report: dict[str, Any]
    reason: str
    by: str
    at: datetime
    ended_at: datetime | None
    overrides: dict[str, Any] | None = field(default=None)
