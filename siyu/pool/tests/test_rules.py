"""Who is who does not depend on the order in which edges are told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.pool import rules
from siyu.pool.rules import Claim, Link, Node, assign_customers, cluster, edge_strength

KINDS = [("wx_unionid", True, True), ("user_id", True, True), ("phone", True, False)]
KINDS += [("anonymous_id", False, False)]


def node(number: int, kind: int, *, is_quarantined: bool = False) -> Node:
    name, is_strong, is_single = KINDS[kind]
    return Node(number, name, "", f"v{number}", is_strong, is_single, is_quarantined)


@st.composite
def graphs(draw):
    size = draw(st.integers(2, 9))
    nodes = {
        n: node(n, draw(st.integers(0, 3)), is_quarantined=draw(st.integers(0, 12)) == 0)
        for n in range(size)
    }
    links = []
    for number in range(draw(st.integers(0, 14))):
        a, b = sorted(draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True)))
        strength = edge_strength(nodes[a].is_strong, nodes[b].is_strong)
        if draw(st.integers(0, 9)) == 0:
            strength = rules.MANUAL
        source = draw(st.sampled_from("xy"))
        links.append(Link(number, a, b, strength, draw(st.integers(0, 3)), source, str(number)))
    return nodes, links


def partition(result) -> set[frozenset[int]]:
    return {frozenset(group) for group in result.groups}


@given(graphs(), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_customers(graph, random):
    nodes, links = graph
    expected = cluster(nodes, links)
    shuffled = links[:]
    random.shuffle(shuffled)
    mixed = dict(random.sample(list(nodes.items()), len(nodes)))
    result = cluster(mixed, shuffled)
    assert partition(result) == partition(expected)
    assert result.verdicts == expected.verdicts


@given(graphs())
def test_the_order_of_rows_does_not_matter_either(graph):
    """Row ids are an accident of arrival: renumbering everything changes nothing."""
    nodes, links = graph
    top = len(nodes)
    renamed = {}
    for number, one in nodes.items():
        other = node(top - number, 0)
        for name in ("namespace", "scope", "value", "is_strong", "is_single_valued"):
            setattr(other, name, getattr(one, name))
        other.is_quarantined = one.is_quarantined
        renamed[top - number] = other
    flipped = [replace(link, a=top - link.b, b=top - link.a) for link in links]
    result = cluster(renamed, flipped)
    back = {frozenset(top - n for n in group) for group in result.groups}
    assert back == partition(cluster(nodes, links))


@given(graphs())
def test_customers_obey_the_rules(graph):
    nodes, links = graph
    result = cluster(nodes, links)
    has_manual = any(link.strength == rules.MANUAL for link in links)
    for group in result.groups:
        keys = [(nodes[n].namespace, nodes[n].scope) for n in group if nodes[n].is_single_valued]
        assert has_manual or len(keys) == len(set(keys))
        assert len(group) == 1 or not any(nodes[n].is_quarantined for n in group)
    home = {n: i for i, group in enumerate(result.groups) for n in group}
    for link in links:
        is_together = home[link.a] == home[link.b]
        assert result.verdicts[link.id][0] != "joined" or is_together


def test_weak_edge_never_joins_two_people_of_one_device():
    nodes = {1: node(1, 2), 2: node(2, 2), 3: node(3, 3)}
    links = [Link(1, 1, 3, "weak", 1), Link(2, 2, 3, "weak", 2)]
    result = cluster(nodes, links)
    assert partition(result) == {frozenset({1, 3}), frozenset({2})}
    assert result.verdicts[2] == ("refused", "weak")


def test_two_unionids_are_two_people_unless_a_person_says_otherwise():
    nodes = {1: node(1, 0), 2: node(2, 0), 3: node(3, 2)}
    links = [Link(1, 1, 3, "strong", 1), Link(2, 2, 3, "strong", 2)]
    assert cluster(nodes, links).verdicts[2] == ("refused", "single_valued")
    links.append(Link(3, 1, 2, rules.MANUAL, 9))
    assert partition(cluster(nodes, links)) == {frozenset({1, 2, 3})}


def test_group_does_not_grow_beyond_the_limit():
    size = rules.MAX_GROUP + 5
    nodes = {n: node(n, 2) for n in range(size)}
    links = [Link(n, n, n + 1, "strong", n) for n in range(size - 1)]
    result = cluster(nodes, links)
    assert max(len(group) for group in result.groups) == rules.MAX_GROUP
    assert ("refused", "too_large") in result.verdicts.values()


@pytest.mark.parametrize(
    ("claims", "ids"),
    [
        ([{1: 10, 2: 10}, {3: 30}], [10, 30]),
        ([{1: 10, 3: 30}], [10]),
        ([{1: 10}, {2: 10}], [10, 99]),
        ([{1: 10}, {2: 10, 3: 30}], [10, 30]),
        ([{2: 10, 3: 30}, {1: 10}, {4: 30}], [99, 10, 30]),
    ],
)
def test_groups_get_their_former_ids_back(claims, ids):
    got, _ = assign_customers([Claim(births) for births in claims], iter([99, 100]))
    assert got == ids


@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.lists(st.integers(0, 3), min_size=8))
def test_after_assignment_every_birth_id_lies_in_one_group(births, homes):
    groups: dict[int, dict[int, int]] = {}
    for identity, birth in enumerate(births, start=1):
        groups.setdefault(homes[identity - 1], {})[identity] = birth
    claims = [Claim(members) for members in groups.values()]
    ids, reborn = assign_customers(claims, iter(range(100, 200)))
    assert len(set(ids)) == len(ids)
    owner: dict[int, int] = {}
    for customer, claim in zip(ids, claims, strict=True):
        now = {identity: reborn.get(identity, birth) for identity, birth in claim.births.items()}
        assert customer in now.values()
        for birth in now.values():
            assert owner.setdefault(birth, customer) == customer
