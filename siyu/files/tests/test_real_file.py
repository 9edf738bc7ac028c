"""A real shop's year: every line of the Online Retail file, when it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from siyu.commerce.actions import record_orders
from siyu.commerce.models import Order
from siyu.files.tests.making import import_file
from siyu.pool.actions import advance_stages, resolve
from siyu.pool.queries import count_customers
from siyu.pool.types import CustomerFilter

FILE = Path(__file__).parents[4] / "shared" / "data" / "online-retail.csv.gz"
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _file(run_time):
    if not FILE.exists():
        pytest.skip(f"real data is not here: {FILE}")


def test_real_shop_is_imported_exactly_and_only_once(lin):
    stages = (resolve, record_orders, advance_stages)
    counts = import_file("orders", FILE, stages=stages).counts
    assert (counts["rows"], counts["orders"], counts["refused"]) == (541_909, 25_900, 0)
    assert counts["rows_without_customer"] == 135_080
    assert (counts["created"], counts["customers"]) == (25_900, 4_372)
    assert Order.objects.count() == 25_900
    assert count_customers(lin, CustomerFilter()) == 4_372
    nets = Order.objects.values_list("net_fen", flat=True)
    assert sum(nets) == 974_774_793
    cancelled = Order.objects.filter(order_no__startswith="C")
    assert cancelled.count() == 3_836
    assert set(cancelled.values_list("status", flat=True)) == {"refunded"}
    again = import_file("orders", FILE, stages=stages).counts
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 25_900)
    assert Order.objects.count() == 25_900
