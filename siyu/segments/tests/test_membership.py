"""Membership follows facts within a turn of the duty, and the calendar without any fact."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from siyu.core.access import Actor, Role
from siyu.core.pipeline import Batch
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.lake.actions import on_customers_moved as move_history
from siyu.segments import actions, columns, membership, queries
from siyu.segments.tests.support import World, showing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
BOUGHT = {"op": "event", "name": "order_completed", "measure": "count", "cmp": "gte", "value": 1}


def _root(node):
    return {"version": 1, "root": node}


@pytest.fixture
def world(clock):
    world = World(clock.now())
    for who in (1, 2, 3):
        world.add_customer(who, order_count=0, stage="attract", platforms="wecom")
    with showing(world):
        yield world


@pytest.fixture
def changes():
    heard = []
    membership.on_change(lambda found, now: heard.extend(found))
    listener = membership._listeners[-1]
    yield heard
    membership._listeners.remove(listener)


def test_a_fact_changes_membership_with_its_cause(world, lin, clock, changes):
    segment = actions.create_segment(lin, "买过", _root(BOUGHT), now=clock.now())
    assert queries.member_ids(segment) == []
    seen = world.add_event(2, "order_completed", clock.now())
    actions.hear(Batch([seen], clock.now()))
    assert actions.live() is True
    assert actions.live() is False
    assert queries.member_ids(segment) == [2]
    assert [(c.customer_id, c.is_member, c.cause) for c in changes] == [
        (2, True, "fact:order_completed")
    ]
    assert queries.members(lin, segment).items[0].cause == "fact:order_completed"


def test_after_a_bulk_write_everybody_is_judged_without_being_named(world, lin, clock):
    segment = actions.create_segment(lin, "买过", _root(BOUGHT), now=clock.now())
    assert columns.keep(min_customers=0)
    world.add_event(3, "order_completed", clock.now())
    actions.look_at_everybody(is_over=False)
    actions.clock()
    assert queries.member_ids(segment) == []
    actions.look_at_everybody(is_over=True)
    actions.clock()
    assert queries.member_ids(segment) == [3]


def test_not_bought_for_days_fires_by_the_clock_alone(world, lin, clock, changes):
    node = {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 3}
    world.add_order(1, clock.now(), 100)
    world.show()
    segment = actions.create_segment(lin, "沉默", _root(node), now=clock.now())
    for _ in range(3):
        assert queries.member_ids(segment) == []
        clock.advance(days=1)
        actions.clock()
    assert queries.member_ids(segment) == [1]
    assert changes[-1].cause == "clock"


def test_leaving_closes_the_stay_and_keeps_it(world, lin, clock):
    node = {"op": "trait", "field": "stage", "cmp": "eq", "value": "attract"}
    segment = actions.create_segment(lin, "新客", _root(node), now=clock.now())
    assert queries.member_ids(segment) == [1, 2, 3]
    clock.advance(hours=1)
    world.customers[2]["stage"] = "buy"
    world.show()
    actions.touch([2])
    actions.live()
    assert queries.member_ids(segment) == [1, 3]
    assert queries.get_segment(lin, segment).count == 2
    points = queries.history(lin, segment, now=clock.now())
    assert points[-1].count == 2
    assert points[0].count == 0


def test_merged_and_split_customers_move_between_segments(world, lin, clock):
    world.add_event(2, "order_completed", clock.now())
    segment = actions.create_segment(lin, "买过", _root(BOUGHT), now=clock.now())
    assert queries.member_ids(segment) == [2]
    gone = world.customers.pop(2)
    for moves in ([(2, 1)], [(1, 2)]):
        moved = [SimpleNamespace(identity_id=20, from_customer=a, to_customer=b) for a, b in moves]
        world.identities[1]["customer_id"] = moved[0].to_customer
        if moved[0].to_customer == 2:
            world.customers[2] = gone
        world.show()
        move_history(moved, clock.now())
        actions.on_customers_moved(moved, clock.now())
        actions.live()
        assert queries.member_ids(segment) == [moved[0].to_customer]


def test_changing_a_segment_changes_those_that_refer_to_it(world, lin, clock):
    now = clock.now()
    inner = actions.create_segment(lin, "内", _root(BOUGHT), now=now)
    outer = actions.create_segment(
        lin,
        "外",
        _root({"op": "not", "children": [{"op": "segment", "segment_id": inner}]}),
        now=now,
    )
    assert queries.member_ids(outer) == [1, 2, 3]
    everybody = _root({"op": "platform", "platform": "wecom"})
    actions.update_segment(lin, inner, "内", everybody, now=now)
    assert queries.member_ids(inner) == [1, 2, 3]
    assert queries.member_ids(outer) == []
    circle = _root({"op": "segment", "segment_id": outer})
    with pytest.raises(Refused):
        actions.update_segment(lin, inner, "内", circle, now=now)
    with pytest.raises(Conflict):
        actions.archive_segment(lin, inner, now=now)
    actions.archive_segment(lin, outer, now=now)
    actions.archive_segment(lin, inner, now=now)
    assert queries.member_ids(inner) == []
    with pytest.raises(NotFound):
        queries.get_definition(inner)


def test_names_are_unique_while_in_use(world, lin, clock):
    actions.create_segment(lin, "买过", _root(BOUGHT), now=clock.now())
    with pytest.raises(Conflict):
        actions.create_segment(lin, " 买过 ", _root(BOUGHT), now=clock.now())


def test_preview_counts_every_condition_and_shows_runnable_sql(world, lin, clock):
    from siyu.lake.user_sql import run_user_sql

    world.add_event(3, "order_completed", clock.now())
    root = {"op": "and", "children": [{"op": "platform", "platform": "wecom"}, BOUGHT]}
    found = queries.preview(lin, _root(root), now=clock.now())
    assert (found.count, found.total, found.sample_ids) == (1, 3, [3])
    assert [(c.path, c.count) for c in found.conditions] == [
        ("root", 1),
        ("root.children.0", 3),
        ("root.children.1", 1),
    ]
    assert run_user_sql(lin, found.sql).rows == [(3,)]


def test_explanation_shows_what_is_known(world, lin, clock):
    world.add_event(3, "order_completed", clock.now())
    root = {"op": "or", "children": [BOUGHT | {"value": 2}, {"op": "tag", "tag_id": 5}]}
    segment = actions.create_segment(lin, "两单", _root(root), now=clock.now())
    told = queries.explain(lin, segment, 3, now=clock.now())
    assert told.holds is False
    assert [(child.holds, child.actual) for child in told.children] == [
        (False, "1"),
        (False, "false"),
    ]
    with pytest.raises(NotFound):
        queries.explain(lin, segment, 99, now=clock.now())


def test_who_may_not_write_segments_cannot(world, clock):
    mei = Actor("mei", Role.GUIDE, "mei")
    with pytest.raises(Forbidden):
        actions.create_segment(mei, "x", _root(BOUGHT), now=clock.now())
    with pytest.raises(Forbidden):
        queries.preview(mei, _root(BOUGHT), now=clock.now())


def test_a_member_of_one_second_ago_is_judged_with_the_unflushed_buffer(world, lin, clock):
    world.add_event(1, "order_completed", clock.now() + timedelta(seconds=1))
    assert queries.matches(_root(BOUGHT), 1, now=clock.now())
    assert not queries.matches(_root(BOUGHT), 2, now=clock.now())


def test_a_fresh_fact_is_named_before_a_late_one_and_before_a_change_of_state(world, lin, clock):
    segment = actions.create_segment(lin, "买过", _root(BOUGHT), now=clock.now())
    seen = world.add_event(1, "order_completed", clock.now())
    actions.hear(Batch([seen], clock.now()))
    actions.touch([1])
    actions.touch([1], cause="late:order_completed")
    actions.live()
    assert queries.members(lin, segment).items[0].cause == "fact:order_completed"


def test_a_definition_that_names_an_unknown_segment_is_refused(world):
    with pytest.raises(Refused):
        queries.check_definition(_root({"op": "segment", "segment_id": 99}))
    assert queries.segment_ids() == set()
