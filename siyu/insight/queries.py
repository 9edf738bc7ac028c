"""Reports over the pool, the orders and the history, as of a moment; nothing after it counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from siyu.commerce.types import BRAND_CURRENCY
from siyu.core.access import Actor, require
from siyu.insight.rules import fold_money, group_cells
from siyu.insight.types import (
    FlywheelStage,
    GrowthDay,
    Kpis,
    Overview,
    Repurchase,
    RepurchaseMonth,
    Rfm,
    SourcePlatform,
)
from siyu.lake.engines import Reader, open_reader, plain_rows
from siyu.lake.session import named

Row = TypeVar("Row")
SECONDS_BEHIND = 2.0
"""Reports may be this much behind the state, so that opening a page does not reload it."""
RFM_START = "WITH orders AS (SELECT * FROM main.orders WHERE placed_at <= $as_of), rfm AS ("


def get_overview(actor: Actor, *, as_of: datetime, days: int = 30) -> Overview:
    """Headline numbers, growth by day, the flywheel, and platforms compared."""
    require(actor, "overview:read")
    moment = {"as_of": as_of}
    money = {**moment, "currency": BRAND_CURRENCY}
    with open_reader(max_age=SECONDS_BEHIND) as reader:
        since = as_of - timedelta(days=days)
        [kpis] = _rows(reader, named("insight", "overview_kpis"), {**money, "since": since}, Kpis)
        growth = named("insight", "overview_growth")
        return Overview(
            as_of=as_of,
            days=days,
            currency=BRAND_CURRENCY,
            kpis=kpis,
            growth=_rows(reader, growth, {**moment, "days": days}, GrowthDay),
            flywheel=_rows(reader, named("insight", "overview_flywheel"), moment, FlywheelStage),
            sources=_rows(reader, named("insight", "overview_sources"), money, SourcePlatform),
        )


def get_rfm(actor: Actor, *, as_of: datetime) -> Rfm:
    """Buyers by recency, frequency and money, in cells and in eight named groups."""
    require(actor, "overview:read")
    sql = " ".join((RFM_START, named("segments", "rfm"), ")", named("insight", "rfm_cells")))
    with open_reader(max_age=SECONDS_BEHIND) as reader:
        rows = plain_rows(reader.table(sql, {"as_of": as_of}))
    cells = [(row["r"], row["f"], row["m"], row["customers"], row["revenue_fen"]) for row in rows]
    return Rfm(as_of, fold_money(cells), group_cells(cells))


def get_repurchase(actor: Actor, *, as_of: datetime, months: int = 24) -> Repurchase:
    """Buyers and returning buyers month by month."""
    require(actor, "overview:read")
    asked = {"as_of": as_of, "months": months, "currency": BRAND_CURRENCY}
    with open_reader(max_age=SECONDS_BEHIND) as reader:
        rows = _rows(reader, named("insight", "repurchase"), asked, RepurchaseMonth)
    return Repurchase(as_of, rows)


def _rows(reader: Reader, sql: str, asked: dict[str, Any], shape: type[Row]) -> list[Row]:
    """The rows of a named query; its columns are the fields of `shape`."""
    return [shape(**row) for row in plain_rows(reader.table(sql, asked))]
