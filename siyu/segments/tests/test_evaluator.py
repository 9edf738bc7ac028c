"""One evaluator: preview, batch and live agree with each other and with a naive oracle."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.core.access import Actor, Role
from siyu.core.pipeline import Batch
from siyu.core.runtime import runtime
from siyu.kernel.clock import FakeClock
from siyu.segments import actions, columns, fields, queries
from siyu.segments.models import Segment, Touched
from siyu.segments.tests import strategies as some
from siyu.segments.tests.oracle import Oracle
from siyu.segments.tests.strategies import CUSTOM, NOW
from siyu.segments.tests.support import World, showing

LIN = Actor("lin", Role.OWNER)
EXAMPLES = int(os.environ.get("SIYU_EXAMPLES", "40"))
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
BASE = {"op": "event", "name": "page_viewed", "measure": "count", "cmp": "gte", "value": 1}


@dataclass(frozen=True)
class Course:
    """What happens: `split` facts before the segment is made, columns kept, a merge, time."""

    split: int
    hours: int
    is_merged: bool
    is_kept: bool


@pytest.fixture(autouse=True)
def _custom_fields():
    before = fields.set_custom_fields(lambda: CUSTOM)
    yield
    fields.set_custom_fields(before)


def _fill(world: World, rows: Any, things: Any, buys: Any) -> None:
    for index, values in enumerate(rows, start=1):
        world.add_customer(index, **values)
    for who, kind, at in things:
        if who in world.customers:
            _give(world, who, kind, at)
    for who, at, fen, status, rest in buys:
        if who in world.customers:
            world.add_order(who, at, fen, status, **rest)


def _give(world: World, who: int, kind: int, at: Any) -> None:
    if kind < 2:
        world.add_tag(who, kind + 1, "渠道" if kind else "等级", "rule" if kind else "manual", at)
    elif kind < 4:
        world.add_identity(who, kind, is_quarantined=kind == 3)
    elif kind < 6:
        served = {"is_friend": True, "is_served": kind == 4}
        world.relations.append({"customer_id": who, "platform": "wecom", **served})
    elif kind == 6:
        world.segment_lists.append({"list_id": 1, "customer_id": who})
    elif kind < 9:
        world.say(who, "*" if kind == 7 else "sms", is_granted=at < NOW - timedelta(days=30))
    elif kind == 9:
        world.add_touch(who, at, "sms", "delivered")
    elif kind < 14:
        world.add_custom(who, kind, at)
    else:
        world.group_members.append({"group_id": kind - 13, "customer_id": who})


def _with_reference(node: Any, segment_id: int) -> Any:
    if node["op"] == "segment":
        return node | {"segment_id": segment_id}
    if "children" not in node:
        return node
    return node | {"children": [_with_reference(child, segment_id) for child in node["children"]]}


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    root=some.nodes,
    history=st.tuples(some.customers, some.belongings, some.events, some.orders),
    course=st.builds(
        Course,
        split=st.integers(0, 8),
        hours=st.integers(0, 100),
        is_merged=st.booleans(),
        is_kept=st.booleans(),
    ),
)
def test_preview_batch_live_and_oracle_agree(root, history, course):
    clock = FakeClock(NOW)
    runtime().clock = clock
    with transaction.atomic():
        _live_through(World(NOW), root, history, course, clock)
        transaction.set_rollback(True)


def _live_through(world: World, root: Any, history: Any, course: Course, clock: FakeClock) -> None:
    """Some facts, the segment, the other facts (late ones too), a move of the clock, a merge."""
    rows, things, happened, buys = history
    _fill(world, rows, things, buys)
    known = [event for event in happened if event[0] in world.customers]
    with showing(world):
        for who, name, at, properties in known[: course.split]:
            world.add_event(who, name, at, **properties)
        referenced = actions.create_segment(LIN, "base", {"version": 1, "root": BASE}, now=NOW)
        definition = {"version": 1, "root": _with_reference(root, referenced)}
        segment = actions.create_segment(LIN, "it", definition, now=NOW)
        if course.is_kept:
            assert columns.keep(min_customers=0)
        seen = [world.add_event(who, name, at, **p) for who, name, at, p in known[course.split :]]
        actions.hear(Batch(seen, NOW))
        if course.is_merged and len(world.customers) > 1:
            world.merge(1, 2)
        _settle()
        _check(world, segment, referenced, definition)
        clock.advance(hours=course.hours)
        _settle()
        _check(world, segment, referenced, definition)


def _settle() -> None:
    actions.clock()
    while actions.live():
        pass
    actions.clock()


def _check(world: World, segment: int, referenced: int, definition: Any) -> None:
    now = runtime().clock.now()
    oracle = Oracle(world, now, {referenced: {"version": 1, "root": BASE}})
    expected = oracle.members(definition)
    previewed = queries.preview(LIN, definition, now=now)
    assert previewed.count == len(expected)
    assert previewed.total == len(world.customers)
    assert previewed.sample_ids == expected
    assert queries.evaluate(definition, now=now).tolist() == expected
    everybody = list(world.customers)
    assert queries.evaluate(definition, everybody, now=now).tolist() == expected
    assert sorted(queries.member_ids(segment)) == expected
    assert Segment.objects.get(pk=segment).member_count == len(expected)
    assert Touched.objects.count() == 0
    for who in everybody[:2]:
        explained = queries.explain(LIN, segment, who, now=now)
        assert explained.holds == (who in expected)
    _check_conditions(previewed, oracle, definition)


def _check_conditions(previewed: Any, oracle: Oracle, definition: Any) -> None:
    everybody = list(oracle.world.customers)
    left = set(everybody)
    for condition in previewed.conditions:
        node = definition["root"]
        for step in condition.path.split(".")[2::2]:
            node = node["children"][int(step)]
        holding = {who for who in everybody if oracle.holds(node, who)}
        assert condition.count == len(holding)
        if condition.passed is not None:
            left &= holding
            assert condition.passed == len(left)
