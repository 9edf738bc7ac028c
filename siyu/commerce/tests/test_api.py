from __future__ import annotations

import csv
import io

import pytest
from asgiref.sync import async_to_sync
from django.test import RequestFactory

from siyu.commerce import api
from siyu.commerce.tests.shop import hear, order, who
from siyu.core.access import Role
from siyu.core.models import AuditEntry, User
from siyu.kernel.errors import Forbidden
from siyu.pool.queries import find_customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(run_time):
    return run_time


def request_of(role: Role):
    request = RequestFactory().get("/")
    request.user = User(username="lin", role=role)
    return request


@async_to_sync
async def body_of(answer) -> str:
    return "".join([piece.decode() async for piece in answer])


def test_export_opens_again_and_runs_no_formula():
    hear(order("=1+1", 10, who(1), shop="@SUM(A1)"), order("A2", 5))
    answer = api.export_orders(request_of(Role.OWNER))
    text = body_of(answer)
    assert text.startswith("\ufeff")
    first, second = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (first["order_no"], first["shop"], first["amount_fen"]) == ("'=1+1", "'@SUM(A1)", "1000")
    assert (second["order_no"], second["customer_id"]) == ("A2", "")
    assert AuditEntry.objects.filter(verb="export_orders").count() == 1


def test_export_needs_the_right():
    with pytest.raises(Forbidden):
        api.export_orders(request_of(Role.ANALYST))


def test_orders_are_listed_for_console_and_customer():
    hear(order("A1", 10, who(1), products=[{"sku": "T", "price": 10}]))
    page = api.OrderPageOut.model_validate(api.list_orders(request_of(Role.OWNER)))
    assert [item.order_no for item in page.items] == ["A1"]
    found = find_customer(who(1))
    assert found is not None
    told = api.list_customer_orders(request_of(Role.OWNER), found[0])
    [item] = api.CustomerOrdersOut.model_validate(told).items
    assert (item.amount_fen, item.lines[0].sku) == (1000, "T")
