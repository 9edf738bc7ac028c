"""Traits that grow step by step, in any order of arrival."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.kernel.clock import to_ms
from siyu.pool import queries
from siyu.pool.models import Trait
from siyu.pool.tests.people import fact, feed, unionid, who
from siyu.pool.tests.test_order_free import NOW, START, clear

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


def told(mode: str, at: int, **traits: Any):
    properties = {} if mode == "set" else {"trait_mode": mode}
    return fact(
        unionid("u1"),
        at=START + at,
        name="identified",
        message_id=f"{mode}{at}{sorted(traits.items())}",
        traits=traits,
        properties=properties,
    )


def values() -> dict[str, Any]:
    [customer] = set(Trait.objects.values_list("customer_id", flat=True)) or {0}
    shown = {row.field: row.value for row in queries.traits_of(customer)}
    found = queries.profile_values([customer])[customer]
    assert all(found[field] == value for field, value in shown.items())
    return shown


def test_set_once_keeps_the_first_value():
    feed(NOW, told("set_once", 5, city="沪"))
    feed(NOW, told("set_once", 9, city="京"))
    assert values() == {"city": "沪"}
    feed(NOW, told("set_once", 1, city="杭"))
    assert values() == {"city": "杭"}


def test_set_once_gives_way_to_a_plain_value():
    feed(NOW, told("set", 5, city="沪"), told("set_once", 6, city="京"))
    assert values() == {"city": "沪"}
    feed(NOW, told("set", 7, city="广"))
    assert values() == {"city": "广"}


def test_increments_add_up_across_batches():
    feed(NOW, told("increment", 1, points=3), told("increment", 2, points=4))
    feed(NOW, told("increment", 3, points=-2))
    assert values() == {"points": 5}


def test_a_late_plain_value_takes_its_place_among_increments():
    feed(NOW, told("increment", 1, points=3), told("increment", 9, points=4))
    feed(NOW, told("set", 5, points=100))
    assert values() == {"points": 104}


def test_the_same_message_counts_once():
    once = told("increment", 1, points=3)
    feed(NOW, once, once)
    feed(NOW, once)
    assert values() == {"points": 3}


def test_append_keeps_each_element_once_in_order_of_time():
    feed(NOW, told("append", 5, likes=["茶", "花"]))
    feed(NOW, told("append", 1, likes=["书", "茶"]))
    assert values() == {"likes": ["书", "茶", "花"]}


def test_unset_takes_a_value_away_and_a_late_one_does_not_return():
    feed(NOW, told("set", 1, city="沪", name="林"))
    feed(NOW, told("unset", 5, city=True, name=True))
    assert values() == {}
    feed(NOW, told("set", 3, city="京"))
    assert values() == {}
    feed(NOW, told("set", 9, city="广"))
    assert values() == {"city": "广"}


def test_unset_starts_counters_again():
    feed(NOW, told("increment", 1, points=3), told("unset", 5, points=True))
    feed(NOW, told("increment", 7, points=2))
    assert values() == {"points": 2}


def test_a_step_that_does_not_fit_changes_nothing():
    feed(NOW, told("set", 1, level="gold"), told("increment", 2, level=1))
    feed(NOW, told("append", 3, level=["x"]))
    assert values() == {"level": "gold"}


def test_a_name_given_once_names_the_customer(clock):
    at = to_ms(clock.now())
    fact_of = fact(
        unionid("u1"), at=at, traits={"name": "林"}, properties={"trait_mode": "set_once"}
    )
    [seen] = feed(clock, fact_of)
    assert queries.names_of([who(seen)]) == {who(seen): "林"}


def test_many_increments_are_folded_and_none_is_lost():
    for start in range(0, 200, 40):
        feed(NOW, *(told("increment", start + n, points=1) for n in range(40)))
    assert values() == {"points": 200}
    assert len(Trait.objects.get(field="points").steps) < 20_000


@st.composite
def words(draw):
    made = []
    for number in range(draw(st.integers(1, 8))):
        mode = draw(st.sampled_from(["set", "set_once", "increment", "append", "unset"]))
        value = draw(st.sampled_from([1, 2, [1], ["a"], "text"]))
        made.append(told(mode, 10 * draw(st.integers(0, 5)) + number, field=value))
    return made


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(words(), st.data())
def test_any_order_and_batching_give_the_same_value(run_time, made, data):
    def result() -> list[Any]:
        return sorted(Trait.objects.values_list("field", "value", "at"))

    clear()
    feed(NOW, *made)
    expected = result()
    clear()
    rest = data.draw(st.permutations(made))
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        feed(NOW, *rest[:size])
        rest = rest[size:]
    assert result() == expected
