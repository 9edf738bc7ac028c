"""People walk journeys: entries, timers, splits, goals, pauses, versions, merges."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.pipeline import Batch, Seen
from siyu.journeys import actions, queries, walking
from siyu.journeys.models import Entry, Journey
from siyu.journeys.templates import FIRST_ORDER
from siyu.kernel.clock import Clock
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.kernel.identity import Identity
from siyu.pool import belongings
from siyu.pool.actions import merge_customers
from siyu.pool.queries import get_customer
from siyu.reach.catalog import set_catalog
from siyu.reach.gates import register_gate
from siyu.reach.models import Touch
from siyu.reach.tests.cast import Stage, fact
from siyu.segments.types import MembershipChange

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
DAY = 86_400


class Street(Stage):
    """A stage with journeys; `buyers` answers every split."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.buyers: set[int] = set()

    def hear(self, *facts) -> list[Seen]:
        seen = self.feed(*facts)
        actions.hear(Batch(seen, self.clock.now()))
        return seen

    def tick(self) -> None:
        for _ in range(20):
            if not walking.advance_due(self.clock.now(), lambda *_: self.buyers):
                break

    def ordered(self, name: str, **more):
        identity = Identity("wecom_external_userid", "ww1", name)
        return fact(self.clock, "order_completed", identity, **more)


@pytest.fixture
def street(clock):
    street = Street(clock)
    set_catalog(street.catalog())
    register_gate("journey:", actions.gate)
    for table in ("reach_touch", "reach_window", "journeys_entry"):
        belongings.register(table)
    belongings.on_move(actions.on_customers_moved)
    yield street
    set_catalog(None)


def publish(clock, **changes: Any) -> int:
    definition = deepcopy(FIRST_ORDER.definition) | changes
    journey_id = actions.create_journey(SYSTEM, "新好友", definition, now=clock.now())
    actions.publish_journey(SYSTEM, journey_id, now=clock.now())
    return journey_id


def path(entry: Entry) -> list[tuple[str, str]]:
    (row,) = [row for row in queries.entries_of(entry.customer_id) if row.id == entry.pk]
    return [(step.node, step.outcome) for step in row.path]


def test_new_friend_is_welcomed_tagged_and_offered_a_coupon(street, clock):
    journey_id = publish(clock)
    (li,) = street.hear(street.added("li", code="C"))
    street.tick()
    street.run()
    assert len(street.welcome.sent) == 1
    (tag,) = get_customer(SYSTEM, li.customer_id).row.tags
    assert (tag.group, tag.name) == ("来源", "wecom:ww1")
    clock.advance(days=1, seconds=-1)
    street.tick()
    assert street.mass.sent == []
    clock.advance(seconds=1)
    street.tick()
    street.run()
    assert "20 元" in street.mass.sent[0].content.text
    clock.advance(days=3)
    street.tick()
    entry = Entry.objects.get()
    assert (entry.state, entry.exit_reason) == ("exited", "completed")
    assert path(entry) == [
        ("welcome", "planned"),
        ("tag_source", "tagged"),
        ("wait_day", "waiting"),
        ("has_order", "no"),
        ("coupon", "planned"),
        ("wait_order", "waiting"),
        ("done", "exited"),
    ]
    view = queries.get_journey(SYSTEM, journey_id)
    assert (view.row.entered, view.row.active, view.row.goals) == (1, 0, 0)
    assert {node.id: node.entered for node in view.nodes}["coupon"] == 1
    assert view.exits == {"completed": 1}


def test_who_came_by_no_known_way_is_tagged_with_the_account_s_name(street, clock):
    fields = {"corp_id": "ww1", "agent_id": "1000002", "secret": "s"}
    fields |= {"token": "t", "aes_key": "k" * 43}
    create_account(SYSTEM, "wecom", fields, name="山茶记企业微信", now=clock.now())
    publish(clock)
    (li,) = street.hear(street.added("li"))
    street.tick()
    (tag,) = get_customer(SYSTEM, li.customer_id).row.tags
    assert (tag.group, tag.name) == ("来源", "山茶记企业微信")


def test_buyer_takes_the_other_branch(street, clock):
    publish(clock, goal=None)
    (li,) = street.hear(street.added("li"))
    street.tick()
    street.buyers = {li.customer_id}
    clock.advance(days=1)
    street.tick()
    assert path(Entry.objects.get())[-2:] == [("has_order", "yes"), ("done", "exited")]
    assert not Touch.objects.filter(step="coupon").exists()


def test_goal_ends_the_wait_at_once(street, clock):
    journey_id = publish(clock)
    street.hear(street.added("li"))
    street.tick()
    clock.advance(hours=2)
    street.hear(street.ordered("li"))
    entry = Entry.objects.get()
    assert (entry.state, entry.exit_reason) == ("exited", "goal")
    assert entry.exited_at == clock.now()
    assert queries.list_journeys(SYSTEM)[0].goals == 1
    assert queries.get_journey(SYSTEM, journey_id).exits == {"goal": 1}


def test_goal_cancels_what_waits_for_the_morning(street, clock):
    publish(clock)
    clock.advance(hours=13)
    street.hear(street.added("li"))
    street.tick()
    clock.advance(days=1)
    street.tick()
    street.run()
    assert Touch.objects.get(step="coupon").state == "deferred"
    street.hear(street.ordered("li"))
    touch = Touch.objects.get(step="coupon")
    assert (touch.state, touch.reason) == ("suppressed", "goal_reached")
    clock.advance(days=1)
    street.run()
    assert street.mass.sent == []


def test_goal_silences_those_who_walked_to_the_end(street, clock):
    definition = deepcopy(FIRST_ORDER.definition)
    definition["nodes"][4]["next"] = "done"
    publish(clock, nodes=[node for node in definition["nodes"] if node["id"] != "wait_order"])
    clock.advance(hours=13)
    street.hear(street.added("li"))
    street.tick()
    clock.advance(days=1)
    street.tick()
    street.run()
    street.hear(street.ordered("li"))
    assert Entry.objects.get().exit_reason == "completed"
    assert Touch.objects.get(step="coupon").reason == "goal_reached"


def test_goal_in_the_same_batch_as_the_trigger_counts(street, clock):
    publish(clock)
    street.hear(street.added("li"), street.ordered("li"))
    assert Entry.objects.get().exit_reason == "goal"


def test_order_before_the_trigger_is_no_goal(street, clock):
    publish(clock)
    older = street.ordered("li")
    clock.advance(hours=1)
    street.hear(street.added("li"), older)
    assert Entry.objects.get().state == "active"


def test_losing_the_friend_ends_the_journey(street, clock):
    publish(clock)
    street.hear(street.added("li"))
    street.tick()
    identity = Identity("wecom_external_userid", "ww1", "li")
    street.hear(
        fact(clock, "friend_lost", identity, account="wecom:ww1", platform="wecom", staff="mei")
    )
    assert Entry.objects.get().exit_reason == "exit:friend_lost"


def test_old_fact_lets_nobody_in(street, clock):
    publish(clock)
    late = street.added("li")
    clock.advance(hours=25)
    street.hear(late)
    assert not Entry.objects.exists()


def test_repeated_trigger_enters_once(street, clock):
    publish(clock)
    street.hear(street.added("li"), street.added("li", staff="wu"))
    street.hear(street.added("li"))
    assert Entry.objects.count() == 1


def test_re_entry_after_exit(street, clock):
    publish(clock, re_entry="after_exit")
    street.hear(street.added("li"))
    street.hear(street.added("li"))
    assert Entry.objects.count() == 1
    street.hear(street.ordered("li"))
    clock.advance(seconds=1)
    street.hear(street.added("li"))
    assert list(Entry.objects.order_by("id").values_list("state", flat=True)) == [
        "exited",
        "active",
    ]


def test_every_key_enters_once_per_order(street, clock):
    trigger = {"kind": "event", "name": "order_completed", "key": "order_no"}
    publish(clock, trigger=trigger, goal=None, re_entry="every_key")
    first = {"properties": {"order_no": "A1"}}
    street.hear(street.added("li"), street.ordered("li", **first), street.ordered("li", **first))
    street.hear(street.ordered("li", properties={"order_no": "A2"}))
    assert Entry.objects.count() == 2


def test_becoming_a_member_lets_in_and_leaving_does_not(street, clock):
    from siyu.segments.actions import create_segment

    condition = {"version": 1, "root": {"op": "platform", "platform": "wecom", "has": True}}
    segment_id = create_segment(SYSTEM, "好友", condition, now=clock.now())
    publish(clock, trigger={"kind": "segment", "segment_id": segment_id})
    (li,) = street.hear(street.added("li"))
    for is_member in (True, False):
        change = MembershipChange(segment_id, li.customer_id, is_member, clock.now(), "test")
        actions.hear_membership([change], clock.now())
    entry = Entry.objects.get()
    assert (entry.customer_id, entry.identity_id) == (li.customer_id, li.identity_id)


def test_pause_stops_entries_and_sends_and_freezes_timers(street, clock):
    journey_id = publish(clock)
    street.hear(street.added("li"))
    street.tick()
    clock.advance(hours=23)
    actions.pause_journey(SYSTEM, journey_id, now=clock.now())
    street.hear(street.added("wang"))
    clock.advance(days=5)
    street.tick()
    assert Entry.objects.count() == 1
    assert street.mass.sent == []
    actions.resume_journey(SYSTEM, journey_id, now=clock.now())
    street.tick()
    assert not Touch.objects.filter(step="coupon").exists()
    clock.advance(hours=1)
    street.tick()
    assert Touch.objects.filter(step="coupon").exists()


def test_pause_holds_what_was_planned(street, clock):
    journey_id = publish(clock)
    street.hear(street.added("li"))
    street.tick()
    clock.advance(days=1)
    street.tick()
    actions.pause_journey(SYSTEM, journey_id, now=clock.now())
    street.run()
    touch = Touch.objects.get(step="coupon")
    assert (touch.state, touch.reason) == ("deferred", "journey_paused")
    actions.resume_journey(SYSTEM, journey_id, now=clock.now())
    clock.advance(minutes=2)
    street.run()
    assert Touch.objects.get(step="coupon").state == "accepted"


def test_wait_until_an_hour_keeps_its_hour_over_a_pause(street, clock):
    definition = deepcopy(FIRST_ORDER.definition)
    definition["nodes"][2] = {
        "id": "wait_day",
        "kind": "wait",
        "until_hour": 20,
        "next": "has_order",
    }
    journey_id = publish(clock, nodes=definition["nodes"])
    street.hear(street.added("li"))
    street.tick()
    assert Entry.objects.get().due_at == clock.now() + timedelta(hours=10)
    actions.pause_journey(SYSTEM, journey_id, now=clock.now())
    clock.advance(hours=12)
    actions.resume_journey(SYSTEM, journey_id, now=clock.now())
    assert Entry.objects.get().due_at == clock.now() + timedelta(hours=22)


def test_people_inside_stay_on_their_version(street, clock):
    journey_id = publish(clock)
    street.hear(street.added("li"))
    street.tick()
    shorter = deepcopy(FIRST_ORDER.definition)
    shorter["nodes"][0]["next"] = "done"
    shorter["nodes"] = [shorter["nodes"][0], shorter["nodes"][-1]]
    actions.update_journey(SYSTEM, journey_id, definition=shorter, now=clock.now())
    assert actions.publish_journey(SYSTEM, journey_id, now=clock.now()) == 2
    street.hear(street.added("wang"))
    street.tick()
    clock.advance(days=1)
    street.tick()
    first, second = Entry.objects.order_by("id")
    assert (first.version, second.version) == (1, 2)
    assert ("coupon", "planned") in path(first)
    assert path(second) == [("welcome", "planned"), ("done", "exited")]


def test_merge_keeps_the_earlier_entry(street, clock):
    publish(clock)
    (li,) = street.hear(street.added("li"))
    clock.advance(hours=1)
    (wang,) = street.hear(street.added("wang"))
    street.tick()
    kept = merge_customers(
        SYSTEM, li.customer_id, wang.customer_id, reason="同一人", now=clock.now()
    )
    earlier, later = Entry.objects.order_by("entered_at", "id")
    assert earlier.customer_id == later.customer_id == kept
    assert (earlier.state, later.state, later.exit_reason) == ("active", "exited", "merged")
    assert Touch.objects.get(entry_key=later.entry_key).reason == "journey_exited"


def test_loop_speaks_each_time_around(street, clock):
    definition = deepcopy(FIRST_ORDER.definition)
    definition["nodes"][4]["next"] = "wait_day"
    publish(clock, nodes=[node for node in definition["nodes"] if node["id"] != "wait_order"])
    street.hear(street.added("li"))
    for _ in range(3):
        street.tick()
        clock.advance(days=1)
    street.tick()
    steps = Touch.objects.filter(step__startswith="coupon").order_by("id")
    assert list(steps.values_list("step", flat=True)) == ["coupon", "coupon#2", "coupon#3"]


def test_failed_condition_is_asked_again_later(street, clock):
    publish(clock)
    street.hear(street.added("li"))
    street.tick()
    clock.advance(days=1)

    def fail(*_):
        raise Refused("segment.reference", "人群已归档")

    for _ in range(3):
        walking.advance_due(clock.now(), fail)
    assert Entry.objects.get().awaits == "split"
    clock.advance(minutes=2)
    street.tick()
    assert Entry.objects.get().node == "wait_order"


def test_erased_person_leaves(street, clock):
    publish(clock)
    (li,) = street.hear(street.added("li"))
    actions.forget_identities([li.identity_id])
    assert Entry.objects.get().exit_reason == "erased"


def test_unsound_draft_is_not_published(clock, lin):
    journey_id = actions.create_journey(lin, "坏的", {"nodes": 3}, now=clock.now())
    with pytest.raises(Refused):
        actions.publish_journey(lin, journey_id, now=clock.now())
    assert Journey.objects.get().state == "draft"


@pytest.mark.parametrize("text", ["\ud800", "字" * 200_000])
def test_draft_that_cannot_be_kept_is_refused(clock, lin, text):
    with pytest.raises(Refused):
        actions.create_journey(lin, "坏的", {"start": text}, now=clock.now())


def test_only_those_who_may_change_journeys(clock, lin, mei, wu):
    for actor in (mei, wu):
        with pytest.raises(Forbidden):
            actions.create_journey(actor, "x", {}, now=clock.now())
    with pytest.raises(Forbidden):
        queries.list_journeys(mei)
    assert queries.list_journeys(wu) == []
    with pytest.raises(NotFound):
        queries.get_journey(lin, 99)
    journey_id = actions.create_journey(lin, "x", {}, now=clock.now())
    with pytest.raises(Conflict):
        actions.pause_journey(lin, journey_id, now=clock.now())


@pytest.mark.parametrize(("limit", "crash_every"), [(1_000, 0), (1, 0), (3, 2)])
def test_restarts_and_small_turns_end_like_an_undisturbed_run(street, clock, limit, crash_every):
    """Whatever is cut short is walked again from where it was committed."""
    publish(clock, goal=None)
    people = street.hear(*[street.added(f"p{number}") for number in range(7)])
    buyers = {seen.customer_id for seen in people[::2]}
    asked = 0

    def evaluate(_condition, ids, _now):
        nonlocal asked
        asked += 1
        if crash_every and asked % crash_every:
            raise RuntimeError("killed")
        return buyers & set(ids)

    for _ in range(6):
        for _ in range(60):
            try:
                walking.advance_due(clock.now(), evaluate, limit=limit)
            except RuntimeError:
                continue
        clock.advance(days=1)
    paths = {entry.customer_id: [node for node, _ in path(entry)] for entry in Entry.objects.all()}
    start = ["welcome", "tag_source", "wait_day", "has_order"]
    for seen in people:
        rest = ["done"] if seen.customer_id in buyers else ["coupon", "wait_order", "done"]
        assert paths[seen.customer_id] == start + rest
    assert Touch.objects.filter(step="coupon").count() == 3


def test_thousands_of_people_move_within_seconds(street, clock):
    import time

    publish(clock)
    street.hear(*[street.added(f"p{number}") for number in range(3_000)])
    started = time.perf_counter()
    street.tick()
    took = time.perf_counter() - started
    assert Entry.objects.filter(awaits="wait").count() == 3_000
    assert took < 15
