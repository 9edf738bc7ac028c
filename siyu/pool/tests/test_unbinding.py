"""A source takes back that identities belong together."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.pool import actions, evidence, queries
from siyu.pool.models import Customer, CustomerTag
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.rebuild import preview_rebuild
from siyu.pool.tests.people import cookie, fact, feed, phone, unionid, user, who
from siyu.pool.tests.test_order_free import NOW, START, clear, picture
from siyu.ports.facts import IDENTITY_UNBOUND, MERGED_BY_ALIAS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
USER, PHONE = user("u7"), phone("+8613912345678")


def bound(*identities, at: int, source: str = "app"):
    return fact(
        *identities,
        at=START + at,
        name=MERGED_BY_ALIAS,
        source=source,
        evidence="sensors.track_id_bind",
        message_id=f"bind{at}",
    )


def unbound(*identities, at: int, source: str = "app"):
    return fact(
        *identities,
        at=START + at,
        name=IDENTITY_UNBOUND,
        source=source,
        evidence="sensors.track_id_unbind",
        message_id=f"unbind{at}",
    )


def groups() -> list[list[str]]:
    homes: dict[int, list[str]] = {}
    for customer, value in IdentityTable.objects.values_list("customer_id", "value"):
        homes.setdefault(customer, []).append(value)
    return sorted(sorted(members) for members in homes.values())


ONE, TWO = [["+8613912345678", "u7"]], [["+8613912345678"], ["u7"]]


def test_unbinding_splits_the_customer_and_the_page_says_so(lin):
    [seen] = feed(NOW, bound(USER, PHONE, at=1))
    assert groups() == ONE
    feed(NOW, unbound(USER, PHONE, at=5))
    assert groups() == TWO
    assert Customer.objects.count() == 2
    states = {(e.evidence, e.state) for e in evidence.why(lin, who(seen)).edges}
    assert states == {
        ("sensors.track_id_bind", "retracted"),
        ("sensors.track_id_unbind", "retracted"),
    }


def test_unbinding_one_identity_takes_back_all_its_source_told():
    feed(NOW, bound(USER, PHONE, at=1), bound(PHONE, cookie("c1"), at=2))
    feed(NOW, unbound(PHONE, at=5))
    assert groups() == [["+8613912345678"], ["c1"], ["u7"]]
    feed(NOW, bound(USER, PHONE, at=3))
    assert [len(group) for group in groups()] == [1, 1, 1]


def test_what_another_source_told_stays():
    feed(NOW, bound(USER, PHONE, at=1), bound(USER, PHONE, at=2, source="shop"))
    feed(NOW, unbound(USER, PHONE, at=5))
    assert groups() == ONE


def test_what_a_person_joined_stays(lin):
    one, other = feed(NOW, bound(USER, at=1), bound(PHONE, at=1))
    actions.merge_customers(lin, who(one), who(other), reason="同一人", now=NOW.now())
    feed(NOW, unbound(USER, PHONE, at=9_999_999))
    assert groups() == ONE


def test_binding_again_joins_again():
    again = bound(USER, PHONE, at=1)
    feed(NOW, again)
    feed(NOW, unbound(USER, PHONE, at=5))
    feed(NOW, bound(USER, PHONE, at=9))
    assert groups() == ONE
    feed(NOW, unbound(USER, PHONE, at=12))
    assert groups() == TWO


def test_a_binding_older_than_the_unbinding_joins_nothing_even_in_memory():
    feed(NOW, unbound(USER, PHONE, at=5))
    feed(NOW, bound(USER, PHONE, at=1))
    assert groups() == TWO
    feed(NOW, bound(USER, PHONE, at=9))
    assert groups() == ONE


def test_belongings_go_with_their_identity(lin):
    [seen] = feed(NOW, fact(USER, PHONE, at=START + 1, source="app", traits={"level": 3}))
    actions.add_tags(
        lin,
        [who(seen)],
        [actions.ensure_tag(lin, "g", "n", now=NOW.now())],
        origin="manual",
        now=NOW.now(),
    )
    feed(NOW, unbound(USER, PHONE, at=5))
    for row in CustomerTag.objects.all():
        assert row.customer_id == IdentityTable.objects.get(pk=row.identity_id).customer_id
    assert len(queries.current_customer_ids([who(seen)])) == 1
    rebuilt = preview_rebuild()
    assert (rebuilt.merges, rebuilt.splits) == (0, 0)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_bindings_and_one_unbinding_in_any_order_give_the_same_people(run_time, data):
    people = [unionid("o1"), PHONE, USER, cookie("c1")]
    pairs = st.lists(st.sampled_from(people), min_size=2, max_size=3, unique=True)
    made = [
        bound(*data.draw(pairs), at=100 + n, source=data.draw(st.sampled_from(["app", "shop"])))
        for n in range(data.draw(st.integers(1, 5)))
    ]
    sides = st.lists(st.sampled_from(people), min_size=1, max_size=2, unique=True)
    made.append(unbound(*data.draw(sides), at=500))
    clear()
    feed(NOW, *made)
    expected = picture()[0]
    clear()
    rest = data.draw(st.permutations(made))
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        feed(NOW, *rest[:size])
        rest = rest[size:]
    assert picture()[0] == expected
