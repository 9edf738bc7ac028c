"""Random segments have the same members on a Spark cluster as in this process.

`SIYU_PARITY=200 pytest tests/parity` judges that many; the result of each run is kept in
`artifacts/parity.json`.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from siyu.core.runtime import runtime
from siyu.lake import actions as lake
from siyu.segments import evaluator, fields
from siyu.segments.rules import decode
from siyu.segments.tests import strategies as some
from siyu.segments.tests import test_evaluator as differential
from siyu.segments.tests.strategies import CUSTOM, NOW
from siyu.segments.tests.support import World, showing

COUNT = int(os.environ.get("SIYU_PARITY", "60"))
ARTIFACT = Path(__file__).parents[2] / "artifacts" / "parity.json"
HISTORIES = 12
PEOPLE_EACH = 4
REFERENCED = 1_000_000
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("run_time"),
    pytest.mark.xdist_group("spark"),
]


@pytest.fixture(autouse=True)
def _custom_fields():
    before = fields.set_custom_fields(lambda: CUSTOM)
    yield
    fields.set_custom_fields(before)


def drawn(strategy: Any, count: int) -> list[Any]:
    """So many examples, the same in every run."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found


def populate(world: World) -> list[Any]:
    """Several random histories side by side; the events that are not told yet."""
    strategy = st.tuples(some.customers, some.belongings, some.events, some.orders)
    told = []
    for turn, (rows, things, happened, buys) in enumerate(drawn(strategy, HISTORIES)):
        first = turn * PEOPLE_EACH
        for index, values in enumerate(rows, start=1):
            world.add_customer(first + index, **values)
        for who, kind, at in things:
            if first + who in world.customers:
                differential._give(world, first + who, kind, at)
        for who, at, fen, status, rest in buys:
            if first + who in world.customers:
                world.add_order(first + who, at, fen, status, **rest)
        told += [(first + who, *rest) for who, *rest in happened if first + who in world.customers]
    return told


def tell(world: World, told: list[Any]) -> None:
    """Half of the events go to the history, the others stay in the buffer."""
    clock: Any = runtime().clock
    for place, (who, name, at, properties) in enumerate(told):
        world.add_event(who, name, at, **properties)
        if place == len(told) // 2:
            clock.advance(seconds=60)
            while lake.flush():
                pass


def test_random_segments_have_the_same_members(use):
    base = decode({"version": 1, "root": differential.BASE})
    roots = drawn(some.nodes, COUNT)
    definitions = {
        place: decode({"version": 1, "root": differential._with_reference(root, REFERENCED)})
        for place, root in enumerate(roots)
    }
    world = World(NOW)
    told = populate(world)
    with showing(world):
        tell(world, told)
        use("duckdb")
        expected = evaluator.evaluate_many(definitions, now=NOW, load=lambda _: base)
        use("spark")
        started = time.monotonic()
        found = evaluator.evaluate_many(definitions, now=NOW, load=lambda _: base)
        seconds = time.monotonic() - started
    wrong = [
        f"{json.dumps(roots[place], ensure_ascii=False, default=str)}: "
        f"DuckDB {expected[place].tolist()}, Spark {found[place].tolist()}"
        for place in definitions
        if found[place].tolist() != expected[place].tolist()
    ]
    keep(len(definitions), len(wrong), len(world.customers), seconds)
    assert not wrong, "\n".join(wrong[:5])
    telling = sum(0 < len(ids) < len(world.customers) for ids in expected.values())
    assert telling > len(definitions) // 4


def keep(segments: int, differing: int, customers: int, seconds: float) -> None:
    """The last result, for who asks how many were compared."""
    ARTIFACT.parent.mkdir(exist_ok=True)
    ARTIFACT.write_text(
        json.dumps(
            {
                "segments": segments,
                "differing": differing,
                "customers": customers,
                "spark_seconds": round(seconds, 1),
            }
        )
    )
