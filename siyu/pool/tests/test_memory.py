"""What a process remembers never contradicts the database."""

from __future__ import annotations

from contextlib import suppress

import pytest
from django.db import transaction

from siyu.kernel.clock import to_ms
from siyu.pool import actions
from siyu.pool.memory import MEMORY, Memory, Remembered
from siyu.pool.models import Customer
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.tests.people import fact, feed, phone, unionid, user, who

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("run_time"),
]


class Undo(Exception):
    pass


def test_known_people_cost_few_queries(clock, django_assert_max_num_queries):
    at = to_ms(clock.now())
    made = [fact(user(f"m{n}"), phone(f"+86139{n:08d}"), at=at + n) for n in range(500)]
    feed(clock, *made)
    again = [fact(*one.identities, at=one.at + 10_000) for one in made]
    with django_assert_max_num_queries(20):
        seen = feed(clock, *again)
    assert len({one.customer_id for one in seen}) == 500
    latest = Customer.objects.order_by("-last_seen_at").first()
    assert latest is not None
    assert to_ms(latest.last_seen_at) == at + 499 + 10_000


def test_nothing_is_remembered_of_a_rolled_back_batch(clock):
    at = to_ms(clock.now())
    one = fact(user("m1"), phone("+8613912345678"), at=at)
    with suppress(Undo), transaction.atomic():
        feed(clock, one)
        raise Undo
    assert not MEMORY.young
    [seen] = feed(clock, fact(user("m1"), at=at), one)[:1]
    assert Customer.objects.get().pk == seen.customer_id


def test_rolled_back_merge_is_forgotten_too(clock, lin):
    at = to_ms(clock.now())
    first = fact(unionid("u1"), at=at)
    second = fact(unionid("u2"), at=at)
    one, other = (who(seen) for seen in feed(clock, first, second))
    feed(clock, first, second)
    with suppress(Undo), transaction.atomic():
        actions.merge_customers(lin, one, other, reason="x", now=clock.now())
        assert who(feed(clock, second)[0]) == one
        raise Undo
    assert who(feed(clock, second)[0]) == other


def test_merge_by_another_process_is_noticed(clock, lin):
    at = to_ms(clock.now())
    first = fact(unionid("u1"), at=at)
    second = fact(unionid("u2"), at=at)
    one, other = (who(seen) for seen in feed(clock, first, second))
    mine = (MEMORY._epoch, dict(MEMORY.young))
    actions.merge_customers(lin, one, other, reason="x", now=clock.now())
    MEMORY._epoch, MEMORY.young = mine
    assert who(feed(clock, second)[0]) == one


def test_earlier_fact_of_known_people_still_counts_as_first_touch(clock):
    at = to_ms(clock.now())
    feed(clock, fact(user("m1"), at=at, source="late"))
    feed(clock, fact(user("m1"), at=at + 5, source="late"))
    feed(clock, fact(user("m1"), at=at - 5, source="late"))
    assert to_ms(Customer.objects.get().created_at) == at - 5
    assert to_ms(IdentityTable.objects.get().last_seen_at) == at + 5


def test_merge_within_a_batch_reaches_facts_recalled_before_it(clock):
    at = to_ms(clock.now())
    first, second = fact(unionid("u1"), at=at), fact(phone("+8613912345678"), at=at)
    feed(clock, first, second)
    bridge = fact(unionid("u1"), phone("+8613912345678"), at=at + 2)
    seen = feed(clock, second, bridge, first)
    assert len({one.customer_id for one in seen}) == 1


def test_older_generation_is_dropped_when_full():
    memory = Memory(capacity=2)
    for number in range(8):
        memory.publish(1, {number: Remembered(number, number, 0)})
    assert memory.get(7) is not None
    assert memory.get(0) is None
    memory.publish(0, {"stale": Remembered(1, 1, 0)})
    assert memory.get("stale") is None
