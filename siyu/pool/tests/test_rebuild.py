"""The fast way to find people agrees with the careful one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from siyu.kernel.clock import to_ms
from siyu.pool.components import cluster_links, number_ids
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.rebuild import preview_rebuild
from siyu.pool.tests.people import cookie, fact, feed, phone, unionid, user

ids = st.tuples(st.integers(0, 5), st.sampled_from([0, 1, 2**63, 2**64 - 1]))
links = st.lists(st.tuples(ids, ids), min_size=1, max_size=60)


def words(side) -> np.ndarray:
    return np.array(side, np.uint64).reshape(-1, 2)


@settings(deadline=None)
@given(links)
def test_components_equal_those_of_scipy(table):
    left, right = words([a for a, _ in table]), words([b for _, b in table])
    numbering, labels = cluster_links(left, right)
    count = numbering.count
    assert count == len({a for a, _ in table} | {b for _, b in table})
    graph = coo_matrix(
        (np.ones(len(table)), (numbering.left, numbering.right)), shape=(count, count)
    )
    _, expected = connected_components(graph, directed=False)
    pairs = set(zip(labels.tolist(), expected.tolist(), strict=True))
    assert len(pairs) == len(set(labels.tolist())) == len(set(expected.tolist()))


def test_partitions_number_every_id_once():
    rng = np.random.default_rng(3)
    left = rng.integers(0, 2**63, (200_000, 2)).astype(np.uint64)
    numbering = number_ids(left, left[::-1].copy())
    assert numbering.count == len(left)
    assert (numbering.left == numbering.right[::-1]).all()
    assert sorted(numbering.left.tolist()) == list(range(len(left)))


@pytest.mark.django_db
def test_rebuild_of_an_honest_pool_changes_nothing(run_time, clock):
    at = to_ms(clock.now())
    poison = phone("+8613999999990")
    feed(
        clock,
        fact(unionid("u1"), phone("+8613912345671"), cookie("c1"), at=at),
        fact(unionid("u2"), phone("+8613912345671"), at=at + 1),
        fact(user("m2"), cookie("c1"), phone("+8613912345672"), at=at + 2),
        *(fact(user(f"shared{n}"), poison, at=at + 10 + n) for n in range(25)),
    )
    rebuilt = preview_rebuild()
    assert (rebuilt.merges, rebuilt.splits) == (0, 0)
    homes: dict[int, set[int]] = {}
    for pk, customer in IdentityTable.objects.values_list("pk", "customer_id"):
        homes.setdefault(customer, set()).add(rebuilt.homes[pk])
    assert all(len(found) == 1 for found in homes.values())
    assert rebuilt.customers == len(homes)
