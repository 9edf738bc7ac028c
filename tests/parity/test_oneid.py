"""A rebuild of everybody finds the same customers on a Spark cluster as in this process."""

from __future__ import annotations

import random

import numpy as np
import pytest

from siyu.kernel.clock import to_ms
from siyu.pool import labelling
from siyu.pool.components import label_components
from siyu.pool.rebuild import preview_rebuild
from siyu.pool.tests.people import cookie, fact, feed, phone, unionid, user
from siyu.site.subscriptions import choose_labeller

pytestmark = [pytest.mark.usefixtures("run_time"), pytest.mark.xdist_group("spark")]
KINDS = (unionid, user, cookie, lambda value: phone(f"+86139123{value:0>5}"))


def forest() -> tuple[np.ndarray, np.ndarray, int]:
    """Links of a long chain, a star, a cycle, a clique, loops, doubles, and a random rest."""
    chance = np.random.default_rng(11)
    chain = np.stack((np.arange(0, 60), np.arange(1, 61)), axis=1)
    star = np.stack((np.full(80, 199), np.arange(100, 180)), axis=1)
    cycle = np.stack((np.arange(200, 230), np.roll(np.arange(200, 230), 1)), axis=1)
    clique = np.array([(a, b) for a in range(240, 250) for b in range(240, 250)])
    rest = chance.integers(300, 900, (420, 2))
    links = chance.permutation(np.concatenate((chain, star, cycle, clique, rest, rest[:50])))
    numbers = chance.permutation(1000)[links].astype(np.int32)
    return numbers[:, 0].copy(), numbers[:, 1].copy(), 1000


def test_stars_find_the_components_of_union_find(use):
    from siyu.lake.spark.components import label_components as label_on_spark

    left, right, count = forest()
    use("spark")
    found = label_on_spark(left, right, count)
    assert found.tolist() == label_components(left, right, count).tolist()
    nothing = left[:0]
    assert label_on_spark(nothing, nothing, 3).tolist() == [0, 1, 2]


@pytest.mark.django_db
def test_a_rebuild_finds_the_same_customers(use, clock):
    chance = random.Random(5)
    at = to_ms(clock.now())
    facts = [
        fact(*(chance.choice(KINDS)(str(chance.randint(1, 40))) for _ in range(2)), at=at + n)
        for n in range(120)
    ]
    feed(clock, *facts)
    asked: list[str] = []

    def choose() -> labelling.Labeller:
        asked.append(choose_labeller().__module__)
        return choose_labeller()

    labelling.set_labeller(choose)
    use("duckdb")
    expected = preview_rebuild()
    assert expected.customers > 10
    use("spark")
    found = preview_rebuild()
    assert found.homes == expected.homes
    assert found.report == expected.report
    assert asked == ["siyu.pool.labelling", "siyu.lake.spark.components"]
    labelling.set_labeller(choose_labeller)
