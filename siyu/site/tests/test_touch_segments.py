"""A segment that asks for touches follows the ledger without anybody telling it."""

from __future__ import annotations

import pytest

from siyu.kernel.clock import FakeClock
from siyu.lake.tests.mirroring import mirrored
from siyu.pool.lake_tables import TABLES as POOL_TABLES
from siyu.ports.capabilities import Delivery, DeliveryState
from siyu.reach.follow_up import poll
from siyu.reach.lake_tables import TABLES as REACH_TABLES
from siyu.reach.tests.cast import Stage
from siyu.segments import actions as segments
from siyu.segments.models import Membership, Segment, Touched
from siyu.segments.queries import load_definition
from siyu.segments.touch_notes import note_touches

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
REACHED = {
    "version": 1,
    "root": {
        "op": "touch",
        "measure": "count",
        "cmp": "gte",
        "value": 1,
        "states": ["delivered"],
        "within_days": 30,
    },
}


@pytest.fixture
def stage(clock):
    with mirrored(*POOL_TABLES, *REACH_TABLES):
        yield Stage(clock)


def members(segment_id: int) -> set[int]:
    live = Membership.objects.filter(segment_id=segment_id, valid_to=None)
    return set(live.values_list("customer_id", flat=True))


def settle_live() -> None:
    while segments.live():
        pass


def deliver(stage: Stage, *people) -> None:
    """A message to each, confirmed by the staff, its results asked for."""
    dispatcher = stage.dispatcher()
    stage.plan(*people)
    stage.run(dispatcher)
    stage.mass.results = [Delivery(who, DeliveryState.DELIVERED) for who in stage.mass.recipients]
    assert isinstance(stage.clock, FakeClock)
    stage.clock.advance(minutes=1)

    while poll(dispatcher):
        pass


def test_whoever_is_reached_becomes_a_member(stage, lin, clock):
    wang, li = stage.befriend("wang", "li")
    segment = segments.create_segment(lin, "触达过", REACHED, now=clock.now())
    settle_live()
    assert members(segment) == set()
    deliver(stage, wang)
    settle_live()
    assert members(segment) == {wang.customer_id}
    assert li.customer_id not in members(segment)


def test_a_broadcast_is_left_to_the_clock(stage, lin, clock):
    people = stage.befriend(*(f"p{number}" for number in range(6)))
    segment = segments.create_segment(lin, "触达过", REACHED, now=clock.now())
    settle_live()
    deliver(stage, *people)
    note_touches(lambda: {segment: load_definition(segment)}, clock.now(), many=5)
    settle_live()
    assert Segment.objects.get(pk=segment).evaluated_on is None
    segments.clock()
    assert members(segment) == {seen.customer_id for seen in people}


def test_nothing_is_noted_when_no_segment_asks(stage, lin, clock):
    (wang,) = stage.befriend("wang")
    settle_live()
    deliver(stage, wang)
    settle_live()
    assert not Touched.objects.exists()
