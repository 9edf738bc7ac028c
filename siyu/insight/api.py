"""Routes of the reports. `query` names the SQL behind a number for `GET /queries/{name}`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from siyu.core.http_api import actor_of
from siyu.core.runtime import runtime
from siyu.insight import queries

router = Router(tags=["insight"])
Days = Annotated[int, Query(ge=1, le=366)]
Months = Annotated[int, Query(ge=1, le=120)]


class KpisOut(Schema):
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


class GrowthDayOut(Schema):
    date: str
    added: int
    lost: int
    total: int


class FlywheelStageOut(Schema):
    stage: str
    reached: int
    current: int
    conversion: float


class SourcePlatformOut(Schema):
    """ltv_fen: 客均累计消费, the average spent so far; not a forecast."""

    platform: str
    customers: int
    buyers: int
    orders: int
    revenue_fen: int
    repurchase_rate: float
    reachable: int
    ltv_fen: int


class OverviewQueries(Schema):
    kpis: str = "overview_kpis"
    growth: str = "overview_growth"
    flywheel: str = "overview_flywheel"
    sources: str = "overview_sources"


class OverviewOut(Schema):
    as_of: datetime
    days: int
    currency: str
    kpis: KpisOut
    growth: list[GrowthDayOut]
    flywheel: list[FlywheelStageOut]
    sources: list[SourcePlatformOut]
    query: str = "overview_kpis"
    queries: OverviewQueries = OverviewQueries()


class RfmCellOut(Schema):
    r: int
    f: int
    customers: int
    revenue_fen: int


class RfmGroupOut(Schema):
    key: str
    customers: int
    revenue_fen: int
    share: float


class RfmOut(Schema):
    as_of: datetime
    cells: list[RfmCellOut]
    groups: list[RfmGroupOut]
    query: str = "segments.rfm"


class RepurchaseMonthOut(Schema):
    month: str
    buyers: int
    repeat_buyers: int
    rate: float
    orders: int
    revenue_fen: int
    is_partial: bool


class RepurchaseOut(Schema):
    as_of: datetime
    months: list[RepurchaseMonthOut]
    query: str = "repurchase"


@router.get("/overview", response=OverviewOut, operation_id="get_overview")
def get_overview(request: HttpRequest, days: Days = 30) -> Any:
    """Headline numbers, growth, flywheel and platforms compared, as of now."""
    now = runtime().clock.now()
    return asdict(queries.get_overview(actor_of(request), as_of=now, days=days))


@router.get("/insight/rfm", response=RfmOut, operation_id="get_rfm")
def get_rfm(request: HttpRequest) -> Any:
    """Buyers by recency, frequency and money, as of now."""
    return asdict(queries.get_rfm(actor_of(request), as_of=runtime().clock.now()))


@router.get("/insight/repurchase", response=RepurchaseOut, operation_id="get_repurchase")
def get_repurchase(request: HttpRequest, months: Months = 24) -> Any:
    """Buyers and returning buyers month by month, as of now."""
    now = runtime().clock.now()
    return asdict(queries.get_repurchase(actor_of(request), as_of=now, months=months))
