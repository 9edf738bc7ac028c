"""Whoever's guides all left hears nothing until somebody takes over, and the ledger says why."""

from __future__ import annotations

import pytest

from siyu.pool.absence import note_absent
from siyu.reach import queries
from siyu.reach.models import Touch
from siyu.reach.tests.cast import WECOM

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture
def leave(clock):
    """Who left, from then on."""

    def gone(*staff: str) -> None:
        note_absent(WECOM, staff, clock.now())

    return gone


def states() -> list[tuple[str, str]]:
    return list(Touch.objects.order_by("id").values_list("state", "reason"))


def test_the_only_guide_left(stage, leave):
    (li,) = stage.befriend("li")
    leave("mei")
    stage.plan(li)
    stage.run()
    assert stage.mass.sent == []
    assert states() == [("suppressed", "staff_left")]


def test_another_friend_who_stayed_sends_it(stage, leave):
    (li,) = stage.befriend("li")
    stage.befriend("li", staff="lin")
    leave("lin")
    stage.plan(li, context={"staff": "lin"})
    stage.run()
    (message,) = stage.mass.sent
    assert (message.sender, message.recipients) == ("mei", ("li",))


def test_once_taken_over_the_next_message_goes(stage, leave):
    (li,) = stage.befriend("li")
    leave("mei")
    stage.plan(li)
    stage.run()
    stage.befriend("li", staff="lin")
    stage.plan(li, step="again")
    stage.run()
    assert [message.sender for message in stage.mass.sent] == ["lin"]


def test_who_leaves_before_the_hour_comes_sends_no_more(stage, clock, leave):
    (li,) = stage.befriend("li")
    due = clock.now().replace(hour=clock.now().hour + 1)
    stage.plan(li, due_at=due)
    leave("mei")
    clock.advance(hours=1)
    stage.run()
    assert states() == [("suppressed", "staff_left")]


def test_what_needs_no_guide_still_goes(stage, leave):
    (li,) = stage.feed(stage.wrote("li"))
    leave("mei")
    stage.plan(li)
    stage.run()
    assert stage.dm.recipients == ["li"]


def test_the_map_of_channels_says_it(stage, clock, leave):
    (li,) = stage.befriend("li")
    leave("mei")
    found = queries.open_channels([li.customer_id], clock.now())[li.customer_id]
    said = {route.channel: route.reason_if_closed for route in found}
    assert said["wecom.mass_send"] == "staff_left"
