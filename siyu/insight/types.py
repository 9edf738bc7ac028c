"""Reports. Rates are between 0 and 1, money is fen, days and months are of Asia/Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Kpis:
    """Totals as of a moment; touches_delivered, new_ and lost_customers of the period only."""

    customers: int
    identities: int
    merged_customers: int
    reachable: int
    buyers: int
    orders: int
    revenue_fen: int
    repurchase_rate: float
    touches_delivered: int
    new_customers: int
    lost_customers: int


@dataclass(frozen=True)
class GrowthDay:
    date: str
    added: int
    lost: int
    total: int


@dataclass(frozen=True)
class FlywheelStage:
    stage: str
    reached: int
    current: int
    conversion: float


@dataclass(frozen=True)
class SourcePlatform:
    """ltv_fen: average spent so far per customer, not a forecast."""

    platform: str
    customers: int
    buyers: int
    orders: int
    revenue_fen: int
    repurchase_rate: float
    reachable: int
    ltv_fen: int


@dataclass(frozen=True)
class Overview:
    as_of: datetime
    days: int
    currency: str
    kpis: Kpis
    growth: list[GrowthDay]
    flywheel: list[FlywheelStage]
    sources: list[SourcePlatform]


@dataclass(frozen=True)
class RfmCell:
    r: int
    f: int
    customers: int
    revenue_fen: int


@dataclass(frozen=True)
class RfmGroup:
    key: str
    customers: int
    revenue_fen: int
    share: float


@dataclass(frozen=True)
class Rfm:
    as_of: datetime
    cells: list[RfmCell]
    groups: list[RfmGroup]


@dataclass(frozen=True)
class RepurchaseMonth:
    """is_partial: the month is not over at the report's moment."""

    month: str
    buyers: int
    repeat_buyers: int
    rate: float
    orders: int
    revenue_fen: int
    is_partial: bool


@dataclass(frozen=True)
class Repurchase:
    as_of: datetime
    months: list[RepurchaseMonth]
