from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.commerce.lake_tables import TABLES
from siyu.commerce.tests.shop import NOW, hear, order, refund, who
from siyu.insight.queries import get_overview, get_repurchase, get_rfm
from siyu.kernel.errors import Forbidden
from siyu.lake import mirror
from siyu.pool.lake_tables import TABLES as POOL_TABLES

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(run_time):
    for table in TABLES:
        mirror.register(table)
    for columns in POOL_TABLES:
        mirror.register(columns)
    yield run_time
    for table in mirror.list_tables():
        mirror.unregister(table.name)


def test_empty_pool_reports_zeros(lin):
    told = get_overview(lin, as_of=NOW, days=7)
    assert (told.kpis.customers, told.kpis.revenue_fen, told.kpis.repurchase_rate) == (0, 0, 0)
    assert len(told.growth) == 7
    rfm = get_rfm(lin, as_of=NOW)
    assert (rfm.cells, rfm.groups) == ([], [])
    assert get_repurchase(lin, as_of=NOW).months == []


def test_reports_follow_the_orders(lin):
    hear(order("A1", 10, who(1)), order("A2", 30, who(1)), order("B1", 5, who(2)))
    hear(refund("B1", "r1", 5))
    told = get_overview(lin, as_of=NOW, days=7)
    assert (told.kpis.customers, told.kpis.buyers, told.kpis.orders) == (2, 1, 2)
    assert (told.kpis.revenue_fen, told.kpis.repurchase_rate) == (4000, 1.0)
    assert {stage.stage: stage.reached for stage in told.flywheel}["loyal"] == 1
    assert told.sources[0].ltv_fen == 2000
    rfm = get_rfm(lin, as_of=NOW)
    assert sum(cell.customers for cell in rfm.cells) == 1
    [month] = get_repurchase(lin, as_of=NOW).months
    assert (month.buyers, month.repeat_buyers, month.is_partial) == (1, 1, True)


def test_what_came_later_does_not_count(lin):
    hear(order("A1", 10, who(1)))
    before = NOW - timedelta(days=1)
    assert get_overview(lin, as_of=before, days=7).kpis.orders == 0
    assert sum(cell.customers for cell in get_rfm(lin, as_of=before).cells) == 0


def test_guide_may_not_open_the_reports(mei):
    with pytest.raises(Forbidden):
        get_overview(mei, as_of=NOW)
