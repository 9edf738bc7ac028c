"""Ids that many strangers share never glue them together."""

from __future__ import annotations

import pytest

from siyu.kernel.clock import to_ms
from siyu.pool import actions
from siyu.pool.models import ConflictEntry, Customer, Edge
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.tests.people import cookie, fact, feed, phone, unionid, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def groups() -> list[int]:
    rows = IdentityTable.objects.values_list("customer_id", flat=True)
    counts: dict[int, int] = {}
    for customer in rows:
        counts[customer] = counts.get(customer, 0) + 1
    return sorted(counts.values())


@pytest.mark.parametrize("size", [1, 7, 100])
def test_phone_of_many_users_is_quarantined_and_its_joins_undone(clock, size):
    at = to_ms(clock.now())
    shared = phone("+8613912345678")
    made = [fact(phone(f"+86135{n:08d}"), shared, at=at + n) for n in range(60)]
    for start in range(0, len(made), size):
        feed(clock, *made[start : start + size])
    assert set(groups()) == {1}
    assert IdentityTable.objects.get(value=shared.value).is_quarantined
    assert ConflictEntry.objects.filter(kind="quarantined").count() == 1
    assert not Edge.objects.filter(state="joined").exists()


def test_up_to_the_limit_a_shared_phone_joins(clock):
    at = to_ms(clock.now())
    shared = phone("+8613912345678")
    feed(clock, *(fact(phone(f"+86135{n:08d}"), shared, at=at + n) for n in range(20)))
    assert groups() == [21]


def test_one_device_does_not_glue_its_users(clock):
    at = to_ms(clock.now())
    device = cookie("kiosk")
    feed(clock, *(fact(user(f"m{n}"), device, at=at + n) for n in range(10)))
    assert sorted(groups()) == [1] * 9 + [2]


def test_a_person_keeps_many_cookies(clock):
    at = to_ms(clock.now())
    feed(clock, *(fact(user("m1"), cookie(f"c{n}"), at=at + n) for n in range(100)))
    assert groups() == [101]


def test_other_people_are_untouched_by_a_poisoned_id(clock):
    at = to_ms(clock.now())
    feed(clock, fact(unionid("u1"), phone("+8613912345671"), at=at))
    [before] = Customer.objects.values_list("pk", flat=True)
    shared = phone("+8613912345678")
    made = [fact(phone(f"+86135{n:08d}"), shared, at=at + n) for n in range(60)]
    feed(clock, fact(unionid("u1"), shared, at=at + 1), *made)
    kept = IdentityTable.objects.filter(customer_id=before).values_list("value", flat=True)
    assert sorted(kept) == ["+8613912345671", "u1"]


def test_facts_of_a_quarantined_id_alone_are_nobodys(clock):
    at = to_ms(clock.now())
    shared = phone("+8613912345678")
    feed(clock, *(fact(phone(f"+86135{n:08d}"), shared, at=at + n) for n in range(60)))
    [seen] = feed(clock, fact(shared, at=at + 100))
    assert seen.customer_id is None
    [seen] = feed(clock, fact(shared, phone("+8613500000007"), at=at + 101))
    best = IdentityTable.objects.filter(pk__in=[seen.identity_id]).values_list("value", flat=True)
    assert list(best) == ["+8613500000007"]


def test_retracting_edges_releases_the_quarantine(clock, lin):
    at = to_ms(clock.now())
    shared = phone("+8613912345678")
    feed(clock, *(fact(phone(f"+86135{n:08d}"), shared, at=at + n) for n in range(21)))
    assert set(groups()) == {1}
    edge = Edge.objects.order_by("id").first()
    assert edge is not None
    actions.retract_edge(lin, edge.pk, reason="不是他的", now=clock.now())
    assert groups() == [1, 21]
    assert not ConflictEntry.objects.exists()


def test_refused_join_waits_for_review(clock, lin):
    from siyu.pool.evidence import list_conflicts, why

    at = to_ms(clock.now())
    first, second = feed(
        clock,
        fact(unionid("u1"), phone("+8613912345678"), at=at),
        fact(unionid("u2"), phone("+8613912345678"), at=at + 1),
    )
    assert first.customer_id != second.customer_id
    [conflict] = list_conflicts(lin).items
    assert conflict.kind == "single_valued"
    assert len(conflict.sides) == 2
    assert second.customer_id is not None
    graph = why(lin, second.customer_id)
    assert [edge.state for edge in graph.edges] == ["refused"]
    assert graph.summary == ["refused:phone+wx_unionid"]
