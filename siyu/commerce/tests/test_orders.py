from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.commerce.actions import forget_identities, recompute_totals
from siyu.commerce.models import Order, Refund
from siyu.commerce.queries import list_orders, list_orders_of, orders_of
from siyu.commerce.rules import settle
from siyu.commerce.tests.shop import NOW, hear, order, refund, who
from siyu.core.models import RejectedItem
from siyu.kernel.errors import Forbidden, NotFound, Refused
from siyu.pool.actions import merge_customers
from siyu.pool.queries import find_customer, get_customer
from siyu.ports.facts import Fact

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(run_time):
    return run_time


def customer_of(number: int) -> int:
    found = find_customer(who(number))
    assert found is not None
    return found[0]


def test_order_fact_becomes_a_row_and_totals(lin):
    hear(order("A1", "128.50", who(1), products=[{"sku": "T", "price": 64.25, "quantity": 2}]))
    customer = customer_of(1)
    [row] = orders_of(customer)
    assert (row.amount_fen, row.net_fen, row.status, row.item_count) == (12850, 12850, "paid", 2)
    assert row.lines == [{"sku": "T", "name": "", "quantity": 2, "unit_price": "64.25"}]
    told = get_customer(lin, customer).row
    assert (told.order_count, told.refund_count, told.revenue_fen) == (1, 0, 12850)


def test_repeated_fact_changes_nothing():
    hear(order("A1", 10, who(1)), order("A1", 10, who(1)))
    hear(order("A1", 10, who(1)))
    assert Order.objects.count() == 1


def test_first_amount_of_a_number_stays():
    hear(order("A1", 10, who(1)))
    hear(order("A1", 99, who(1)))
    assert Order.objects.get().amount_fen == 1000


def test_order_of_nobody_is_named_by_a_later_fact(lin):
    hear(order("A1", 10))
    assert Order.objects.get().customer_id is None
    hear(order("A1", 10, who(1)))
    assert Order.objects.get().customer_id == customer_of(1)
    assert get_customer(lin, customer_of(1)).row.order_count == 1


def test_refund_in_parts_is_settled(lin):
    hear(order("A1", 100, who(1)))
    hear(refund("A1", "r1", 30))
    row = Order.objects.get()
    assert (row.refund_fen, row.net_fen, row.status) == (3000, 7000, "partly_refunded")
    hear(refund("A1", "r1", 30), refund("A1", "r2", 70))
    row.refresh_from_db()
    assert (row.refund_fen, row.net_fen, row.status) == (10000, 0, "refunded")
    told = get_customer(lin, customer_of(1)).row
    assert (told.order_count, told.refund_count, told.revenue_fen) == (0, 1, 0)


def test_refund_before_its_order_is_kept_and_applied():
    hear(refund("A1", "r1", "12.34"))
    assert (Order.objects.count(), Refund.objects.count()) == (0, 1)
    hear(order("A1", 100, who(1)))
    assert Order.objects.get().refund_fen == 1234


def test_refund_without_amount_is_all_that_is_left():
    hear(order("A1", 100, who(1)), refund("A1", "r1"))
    assert Order.objects.get().status == "refunded"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"total": -5}, "money.negative"),
        ({"total": 1e18}, "money.range"),
        ({"total": "12.345"}, "money.decimals"),
        ({"total": 0.1 + 0.2}, "money.decimals"),
        ({"total": "1e999999"}, "money.invalid"),
        ({"total": "nan"}, "money.range"),
        ({"total": True}, "money.invalid"),
        ({"total": {"$gt": 1}}, "money.invalid"),
        ({"total": "1" * 50}, "money.invalid"),
        ({"total": None}, "order.amount"),
        ({"total": 1, "currency": "yuan"}, "order.currency"),
        ({"total": 1, "order_id": ""}, "order.number"),
        ({"total": 1, "order_id": ["a"]}, "order.number"),
        ({"total": 1, "products": "tea"}, "order.products"),
        ({"total": 1, "products": [{"quantity": -1}]}, "order.quantity"),
    ],
)
def test_bad_order_is_rejected_and_the_others_go_on(properties, code):
    hear(order("A1", 10, who(1)), order("B1", 0, who(1)))
    bad = order("C1", 0, who(1))
    bad.properties.update(properties)
    hear(bad, order("D1", 20, who(1)))
    assert set(Order.objects.values_list("order_no", flat=True)) == {"A1", "B1", "D1"}
    assert list(RejectedItem.objects.values_list("code", flat=True)) == [code]


@pytest.mark.parametrize(
    ("text", "fen"), [("￥1,234.50", 123450), ("１２３", 12300), (0, 0), (19.9, 1990)]
)
def test_money_as_people_write_it_is_exact(text, fen):
    hear(order("A1", text))
    assert Order.objects.get().amount_fen == fen


def test_amount_falls_back_to_revenue_and_then_to_products():
    hear(order("A1", None, revenue="9.90"))
    hear(order("A2", None, products=[{"price": "1.50", "quantity": 3}]))
    told = dict(Order.objects.values_list("order_no", "amount_fen"))
    assert told == {"A1": 990, "A2": 450}


def test_foreign_money_is_counted_but_not_summed(lin):
    hear(order("A1", 10, who(1)), order("A2", 10, who(1), currency="usd"))
    told = get_customer(lin, customer_of(1)).row
    assert (told.order_count, told.revenue_fen) == (2, 1000)


def test_merge_brings_orders_and_totals_together(lin):
    from siyu.commerce import actions
    from siyu.pool import belongings

    belongings.register("commerce_order")
    belongings.on_move(actions.on_customers_moved)
    hear(order("A1", 10, who(1)), order("A2", 30, who(2)))
    kept = merge_customers(lin, customer_of(1), customer_of(2), reason="同一人", now=NOW)
    told = get_customer(lin, kept).row
    assert (told.order_count, told.revenue_fen) == (2, 4000)
    assert {row.order_no for row in orders_of(kept)} == {"A1", "A2"}


def test_erased_person_leaves_the_money_behind():
    hear(order("A1", 10, who(1)))
    forget_identities([Order.objects.get().identity_id or 0])
    row = Order.objects.get()
    assert (row.customer_id, row.identity_id, row.amount_fen) == (None, None, 1000)


def test_totals_can_be_counted_again(lin):
    hear(order("A1", 10, who(1)))
    Order.objects.all().delete()
    recompute_totals([customer_of(1)], NOW)
    assert get_customer(lin, customer_of(1)).row.order_count == 0


def test_guide_sees_only_orders_of_his_customers(lin, mei):
    hear(order("A1", 10, who(1)))
    assert len(list_orders_of(lin, customer_of(1))) == 1
    with pytest.raises(NotFound):
        list_orders_of(mei, customer_of(1))
    with pytest.raises(Forbidden):
        list_orders(mei)


def test_orders_are_paged_without_gaps(lin):
    hear(*(order(f"A{number}", 1) for number in range(7)))
    seen, cursor = [], None
    while True:
        page = list_orders(lin, cursor, 3)
        seen += [row.order_no for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(f"A{number}" for number in range(7))
    with pytest.raises(Refused):
        list_orders(lin, "nonsense")


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.sampled_from("AB"), st.just(0)),
        st.tuples(st.sampled_from(["r1", "r2", "r3"]), st.sampled_from("AB"), st.integers(0, 8000)),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda event: event[:2],
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(EVENTS, st.integers(0, 1000))
def test_events_in_any_order_and_twice_end_the_same(events, seed):
    facts = [
        order(number, 50, who(1))
        if name == "order"
        else refund(number, f"{number}-{name}", str(Decimal(fen) / 100))
        for name, number, fen in events
    ]
    assert ends_of(facts) == ends_of(shuffled_twice(facts, seed))


def shuffled_twice(facts: list[Fact], seed: int) -> list[Fact]:
    doubled = [*facts, *facts]
    random.Random(seed).shuffle(doubled)
    return doubled


def ends_of(facts: list[Fact]) -> list[tuple[object, ...]]:
    Order.objects.all().delete()
    Refund.objects.all().delete()
    for fact in facts:
        hear(fact)
    names = ("order_no", "amount_fen", "refund_fen", "net_fen", "status")
    return sorted(Order.objects.values_list(*names))


@given(
    st.integers(0, 10**9),
    st.lists(st.one_of(st.none(), st.integers(0, 10**9)), max_size=5),
    st.integers(0, 10**9),
)
def test_facts_never_refund_more_than_was_paid(amount, refunds, stated):
    refund_fen, status = settle(amount, 0, refunds, is_cancelled=False)
    assert 0 <= refund_fen <= amount
    assert (status == "refunded") == (refund_fen == amount and refund_fen > 0)
    more, _ = settle(amount, min(stated, amount), refunds, is_cancelled=False)
    assert more >= refund_fen
