"""Rules 14 and 15 of segments; listed in docs/conformance.md.

The random half of rule 14 is `siyu/segments/tests/test_evaluator.py`: any definition, any history.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec import structs

from siyu.core.pipeline import Batch
from siyu.segments import actions, columns, queries
from siyu.segments.catalogue import build_catalogue
from siyu.segments.conditions import start_of_day
from siyu.segments.models import Membership
from siyu.segments.tests.support import World, showing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
WAITED = {
    "op": "sequence",
    "steps": [
        {"name": "product_viewed"},
        {"name": "order_completed", "absent": True, "within": {"days": 3}},
    ],
}


def _definition(node):
    return {"version": 1, "root": node}


@pytest.fixture
def world(clock):
    world = World(clock.now())
    for who, stage in ((1, "buy"), (2, None), (3, "loyal")):
        world.add_customer(who, stage=stage, platforms="wecom", order_count=0)
    with showing(world):
        yield world


@pytest.mark.parametrize("is_kept", [False, True])
def test_rule_14_preview_batch_live_and_explanation_agree(world, lin, clock, is_kept):
    bought = {
        "op": "event",
        "name": "order_completed",
        "measure": "count",
        "cmp": "gte",
        "value": 2,
    }
    staged = {"op": "trait", "field": "stage", "cmp": "in", "value": ["buy", "loyal"]}
    definition = _definition({"op": "and", "children": [staged, bought]})
    world.add_event(1, "order_completed", clock.now())
    segment = actions.create_segment(lin, "复购", definition, now=clock.now())
    if is_kept:
        assert columns.keep(min_customers=0)
    seen = [world.add_event(who, "order_completed", clock.now()) for who in (1, 2, 3)]
    actions.hear(Batch(seen, clock.now()))
    actions.live()
    previewed = queries.preview(lin, definition, now=clock.now())
    assert (previewed.count, previewed.sample_ids) == (1, [1])
    assert [found.passed for found in previewed.conditions] == [None, 2, 1]
    assert queries.evaluate(definition, now=clock.now()).tolist() == [1]
    assert queries.member_ids(segment) == [1]
    for who in (1, 2, 3):
        assert queries.explain(lin, segment, who, now=clock.now()).holds == (who == 1)


def test_rule_14_time_alone_fires_with_no_event(world, lin, clock):
    idle = {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 30}
    world.add_order(1, clock.now(), 100)
    world.show()
    segment = actions.create_segment(lin, "沉默", _definition(idle), now=clock.now())
    clock.advance(days=29)
    actions.clock()
    assert queries.member_ids(segment) == []
    clock.advance(days=1)
    actions.clock()
    assert queries.member_ids(segment) == [1]


def test_rule_14_a_span_that_ends_fires_at_its_moment(world, lin, clock):
    segment = actions.create_segment(lin, "看了没买", _definition(WAITED), now=clock.now())
    seen = [world.add_event(who, "product_viewed", clock.now()) for who in (1, 2)]
    actions.hear(Batch(seen, clock.now()))
    actions.live()
    clock.advance(hours=24)
    actions.hear(Batch([world.add_event(2, "order_completed", clock.now())], clock.now()))
    actions.live()
    clock.advance(hours=48)
    actions.live()
    assert queries.member_ids(segment) == []
    told = queries.explain(lin, segment, 1, now=clock.now())
    assert (told.holds, told.next_change_at) == (False, clock.now())
    clock.advance(seconds=1)
    assert actions.live() is True
    assert queries.member_ids(segment) == [1]
    assert Membership.objects.get(segment_id=segment).cause == "clock"


def test_rule_14_every_stay_has_its_times_and_causes(world, lin, clock):
    bought = {"op": "event", "name": "order_completed", "measure": "count", "cmp": "gte", "value": 1,
              "within_days": 2}  # fmt: skip
    segment = actions.create_segment(lin, "近两天", _definition(bought), now=clock.now())
    entered = clock.now()
    actions.hear(Batch([world.add_event(1, "order_completed", entered)], entered))
    actions.live()
    clock.advance(days=2)
    actions.clock()
    (stay,) = Membership.objects.filter(segment_id=segment)
    assert (stay.valid_from, stay.valid_to) == (entered, clock.now())
    assert (stay.cause, stay.left_cause) == ("fact:order_completed", "clock")


def test_rule_14_is_not_includes_who_has_nothing_and_the_builder_says_so(world, lin, clock):
    other = {"op": "trait", "field": "stage", "cmp": "ne", "value": "buy"}
    assert queries.evaluate(_definition(other), now=clock.now()).tolist() == [2, 3]
    for cmp, value in (("eq", "x"), ("contains", "b"), ("exists", True)):
        node = {"op": "trait", "field": "stage", "cmp": cmp, "value": value}
        assert 2 not in queries.evaluate(_definition(node), now=clock.now())
    catalogue = build_catalogue(lin)
    assert "≠" in catalogue["missing"]["zh"]
    entries = [entry for group in catalogue["groups"] for entry in group["fields"]]
    assert {entry["missing"] for entry in entries} == {"never", "fails"}


def test_rule_14_late_events_may_enter(world, lin, clock):
    bought = {
        "op": "event",
        "name": "order_completed",
        "measure": "count",
        "cmp": "gte",
        "value": 1,
    }
    segment = actions.create_segment(lin, "买过", _definition(bought), now=clock.now())
    seen = world.add_event(1, "order_completed", clock.now() - timedelta(days=40))
    late = replace(seen, fact=structs.replace(seen.fact, is_late=True))
    actions.hear(Batch([late], clock.now()))
    actions.live()
    assert queries.member_ids(segment) == [1]
    assert Membership.objects.get(segment_id=segment).cause == "late:order_completed"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_rule_15_days_are_the_brands_whatever_the_machine_says(world, clock, zone, monkeypatch):
    today = {"op": "event", "name": "page_viewed", "measure": "count", "cmp": "gte", "value": 1,
             "within_days": 1}  # fmt: skip
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        world.add_event(1, "page_viewed", datetime(2026, 11, 10, 15, 59, 59, tzinfo=UTC))
        world.add_event(2, "page_viewed", datetime(2026, 11, 10, 16, 0, 0, tzinfo=UTC))
        now = datetime(2026, 11, 11, 15, 59, 59, tzinfo=UTC)
        assert queries.evaluate(_definition(today), now=now).tolist() == [2]
        later = now + timedelta(seconds=1)
        assert queries.evaluate(_definition(today), now=later).tolist() == []
    finally:
        monkeypatch.undo()
        time.tzset()


def test_rule_15_days_bend_where_the_zone_bent():
    """Shanghai had summer time in 1986: midnight was at 15:00 UTC, and a day had 23 hours."""
    assert start_of_day(date(1986, 7, 1), 0) == datetime(1986, 6, 30, 15, 0, tzinfo=UTC)
    assert start_of_day(date(1986, 12, 1), 0) == datetime(1986, 11, 30, 16, 0, tzinfo=UTC)
    day = start_of_day(date(1986, 5, 5), 0) - start_of_day(date(1986, 5, 4), 0)
    assert day == timedelta(hours=23)
