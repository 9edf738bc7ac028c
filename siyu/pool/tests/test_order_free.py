"""Property tests on the database: same facts in any order and batching, and back again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.kernel.clock import FakeClock, to_ms
from siyu.pool import actions
from siyu.pool.models import (
    ConflictEntry,
    Customer,
    CustomerAlias,
    CustomerTag,
    Edge,
    Relation,
    StageEntry,
    Trait,
)
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.tests.people import cookie, fact, feed, phone, unionid, user

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("run_time"),
]
NOW = FakeClock(datetime(2026, 11, 11, 2, 0, tzinfo=UTC))
START = to_ms(NOW.now()) - 1_000_000
PEOPLE = [unionid(f"u{n}") for n in range(3)] + [phone(f"+861391234567{n}") for n in range(3)]
PEOPLE += [user(f"m{n}") for n in range(2)] + [cookie(f"c{n}") for n in range(2)]
NAMES = ["page_viewed", "friend_added", "friend_lost", "message_received", "identified"]
SLOW = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def facts(draw):
    made = []
    for number in range(draw(st.integers(2, 9))):
        people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True))
        name = draw(st.sampled_from(NAMES))
        traits = {"name": draw(st.sampled_from(["Ann", "Bo"]))} if name == "identified" else {}
        made.append(
            fact(
                *people,
                at=START + 1000 * draw(st.integers(0, 6)),
                name=name,
                source=draw(st.sampled_from(["shop", "wecom:ww1"])),
                platform=draw(st.sampled_from(["web", "wecom"])),
                account="wecom:ww1",
                staff=draw(st.sampled_from(["mei", "li"])),
                message_id=str(number),
                traits=traits,
            )
        )
    return made


def clear() -> None:
    for model in apps.get_app_config("pool").get_models():
        model._default_manager.all().delete()


def contents() -> dict[int, tuple[str, str]]:
    rows = IdentityTable.objects.values_list("pk", "namespace", "value")
    return {pk: (namespace, value) for pk, namespace, value in rows}


def picture() -> Any:
    """Everything the pool holds, in terms of content rather than row ids."""
    names = contents()
    homes: dict[int, list[tuple[str, str]]] = {}
    for pk, customer in IdentityTable.objects.values_list("pk", "customer_id"):
        homes.setdefault(customer, []).append(names[pk])
    who = {customer: tuple(sorted(members)) for customer, members in homes.items()}
    columns = ["first_source", "first_platform", "platforms", "name", "owner_staff"]
    columns += ["is_reachable", "created_at"]
    customers = {who[row.pk]: [getattr(row, c) for c in columns] for row in Customer.objects.all()}
    edges = {
        (*sorted((names[e.a], names[e.b])), e.source, e.evidence, e.at, e.state, e.reason)
        for e in Edge.objects.filter(retracted_at=None)
    }
    relations = {
        (who[r.customer_id], names[r.identity_id], r.staff, r.is_friend, r.added_at, r.lost_at)
        for r in Relation.objects.all()
    }
    traits = {
        (who[t.customer_id], names[t.identity_id], t.value, t.at) for t in Trait.objects.all()
    }
    return who.values() and sorted(who.values()), customers, edges, relations, traits


def exact() -> Any:
    """Every row of customers and belongings, ids and all."""
    identities = IdentityTable.objects.values_list("pk", "customer_id", "is_quarantined", "degree")
    belongings = [
        sorted(model.objects.values_list("pk", "customer_id"))
        for model in (Trait, Relation, StageEntry, CustomerTag)
    ]
    conflicts = sorted(ConflictEntry.objects.values_list("kind", "edge_id", "identity_id"))
    edges = sorted(Edge.objects.exclude(strength="manual").values_list("pk", "state", "reason"))
    customers = sorted(Customer.objects.values_list(*(f.name for f in Customer._meta.fields)))
    return customers, sorted(identities), belongings, edges, conflicts, customer_aliases()


def customer_aliases() -> list[tuple[int, int]]:
    return sorted(CustomerAlias.objects.values_list("old_id", "new_id"))


@SLOW
@given(facts(), st.data())
def test_same_facts_in_any_order_and_batching_give_the_same_people(run_time, made, data):
    clear()
    feed(NOW, *made)
    expected = picture()
    clear()
    rest = data.draw(st.permutations(made))
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        feed(NOW, *rest[:size])
        rest = rest[size:]
    assert picture() == expected


@SLOW
@given(facts(), st.data())
def test_unmerge_undoes_merge_exactly(run_time, lin, made, data):
    clear()
    feed(NOW, *made)
    customers = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    if len(customers) < 2:
        return
    one, other = data.draw(st.permutations(customers))[:2]
    before = exact()
    survivor = actions.merge_customers(lin, one, other, reason="同一人", now=NOW.now())
    assert survivor == min(one, other)
    assert (max(one, other), survivor) in customer_aliases()
    edge = Edge.objects.get(strength="manual")
    actions.retract_edge(lin, edge.pk, reason="弄错了", now=NOW.now())
    assert exact() == before


@SLOW
@given(facts(), st.data())
def test_every_customer_id_resolves_for_ever(run_time, lin, made, data):
    from siyu.pool.queries import current_customer_ids

    clear()
    ever: set[int] = set()
    for one in made:
        feed(NOW, one)
        ever |= set(Customer.objects.values_list("pk", flat=True))
        joined = list(Edge.objects.filter(state="joined", retracted_at=None))
        if joined and data.draw(st.integers(0, 4)) == 0:
            actions.retract_edge(lin, joined[0].pk, reason="弄错了", now=NOW.now())
            ever |= set(Customer.objects.values_list("pk", flat=True))
    living = set(Customer.objects.values_list("pk", flat=True))
    assert set(current_customer_ids(ever).values()) <= living
    assert set(IdentityTable.objects.values_list("customer_id", flat=True)) == living
