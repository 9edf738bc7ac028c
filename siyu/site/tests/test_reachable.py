"""Who can be reached is one answer: on the page, in a segment however it is judged, in a send."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.core.pipeline import Batch
from siyu.guides.contacts import note_staff
from siyu.guides.counting import learn_staff
from siyu.kernel.clock import FakeClock
from siyu.lake.tests.mirroring import mirrored
from siyu.pool import belongings
from siyu.pool.lake_tables import TABLES
from siyu.pool.models import Customer
from siyu.pool.rows import fetch
from siyu.ports import facts
from siyu.reach import queries as reach
from siyu.reach.catalog import set_catalog
from siyu.reach.models import Touch
from siyu.reach.tests.cast import WECOM, Stage, fact
from siyu.segments import actions as segments
from siyu.segments import queries
from siyu.segments.models import Membership, Segment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
CHANNELS = ("any", "wecom.mass_send")


class Town:
    """Li knows Mei, Wang knows Lin, Zhao knows both; a segment for each way to ask."""

    def __init__(self, stage: Stage, clock: FakeClock) -> None:
        self.stage = stage
        self.clock = clock
        (li,) = stage.befriend("li")
        (wang,) = stage.befriend("wang", staff="lin")
        (zhao,) = stage.befriend("zhao")
        stage.befriend("zhao", staff="lin")
        self.seen = {"li": li, "wang": wang, "zhao": zhao}
        self.names = {seen.customer_id or 0: name for name, seen in self.seen.items()}
        note_staff(WECOM, ["mei", "lin"], self.clock.now())
        self.segments = {
            channel: segments.create_segment(SYSTEM, channel, ask(channel), now=self.clock.now())
            for channel in CHANNELS
        }

    def pull(self, *staff: str) -> None:
        """The nightly list of who may have customers."""
        self.clock.advance(seconds=5)
        note_staff(WECOM, list(staff), self.clock.now())

    def named(self, ids: Any) -> set[str]:
        return {self.names[int(one)] for one in ids}

    def answers(self) -> list[set[str]]:
        """Who can be reached, by everybody who says so."""
        while segments.live():
            pass
        now = self.clock.now()
        shown = Customer.objects.filter(is_reachable=True).values_list("id", flat=True)
        routes = reach.open_channels(self.names, now)
        found = [self.named(shown), {self.names[who] for who, by in routes.items() if open_in(by)}]
        for channel, segment in self.segments.items():
            found.append(self.named(queries.evaluate(ask(channel), now=now)))
            found.append(self.named(queries.preview(SYSTEM, ask(channel), now=now).sample_ids))
            found.append(self.named(members(segment)))
        Segment.objects.update(evaluated_on=None)
        segments.clock()
        return [*found, *(self.named(members(one)) for one in self.segments.values())]

    def sent(self, step: str) -> set[str]:
        """Who gets a mass message planned for everybody."""
        self.stage.plan(*self.seen.values(), step=step)
        self.stage.run()
        gone = Touch.objects.filter(step=step, state="accepted")
        return self.named(gone.values_list("customer_id", flat=True))


def ask(channel: str) -> dict[str, Any]:
    return {"version": 1, "root": {"op": "reachable", "channel": channel, "has": True}}


def open_in(routes: Any) -> bool:
    return any(one.channel == "wecom.mass_send" and not one.reason_if_closed for one in routes)


def members(segment_id: int) -> list[int]:
    now_in = Membership.objects.filter(segment_id=segment_id, valid_to=None)
    return list(now_in.values_list("customer_id", flat=True))


@pytest.fixture
def town(clock):
    stage, kept = Stage(clock), list(belongings._watchers)
    set_catalog(stage.catalog())
    belongings._watchers[:] = [lambda people, _now: segments.touch(people)]
    with mirrored(*TABLES):
        yield Town(stage, clock)
    belongings._watchers[:] = kept
    set_catalog(None)


def agree(town: Town, expected: set[str]) -> None:
    assert town.answers() == [expected] * (2 + 4 * len(CHANNELS))


def test_friends_of_who_left_are_reached_by_nobody_and_everybody_says_so(town):
    agree(town, {"li", "wang", "zhao"})
    town.pull("mei")
    agree(town, {"li", "zhao"})
    assert town.sent("first") == {"li", "zhao"}


def test_a_callback_that_somebody_left_is_enough(town):
    left = {"account": WECOM, "platform": "wecom", "properties": {"change": "delete"}}
    told = town.stage.feed(fact(town.clock, facts.STAFF_SYNCED, staff="lin", **left))
    learn_staff(Batch(told, town.clock.now()))
    agree(town, {"li", "zhao"})


def test_after_a_take_over_or_a_return_they_are_reached_again(town):
    town.pull("mei")
    (wang,) = town.stage.befriend("wang")
    segments.touch([wang.customer_id])
    agree(town, {"li", "wang", "zhao"})
    town.pull("lin")
    agree(town, {"wang", "zhao"})
    town.pull("mei", "lin")
    agree(town, {"li", "wang", "zhao"})


def test_a_friend_of_who_left_is_not_lost(town):
    """Wang came to Mei, too, and left her; Lin, whom he still knows, is gone."""
    (wang,) = town.stage.befriend("wang")
    town.clock.advance(seconds=5)
    left = {"account": WECOM, "platform": "wecom", "staff": "mei"}
    town.stage.feed(fact(town.clock, facts.FRIEND_LOST, *wang.fact.identities, **left))
    town.pull("mei")
    lost = "SELECT customer_id FROM ({}) AS shown WHERE lost_at IS NOT NULL"
    assert fetch(lost.format(TABLES[0]["sql"])) == []
    agree(town, {"li", "zhao"})
