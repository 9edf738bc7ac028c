"""What was decided in time and comes up too late: windows that end, quiet hours that begin."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from siyu.kernel.clock import SHANGHAI
from siyu.reach.dispatch import AT_ONCE
from siyu.reach.models import QuotaUse, Touch, Window
from siyu.reach.rules import quiet_start
from siyu.reach.types import Policy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
DAY = timedelta(hours=24).total_seconds()


def states() -> list[tuple[str, str]]:
    return list(Touch.objects.order_by("id").values_list("state", "reason"))


@pytest.mark.parametrize("before", [1, AT_ONCE])
def test_a_message_whose_window_ends_while_others_are_sent_is_not_sent(stage, clock, before):
    """Later in the same group of calls, and in the next group."""
    (li,) = stage.feed(stage.wrote("li"))
    clock.advance(seconds=DAY - 8)
    others = stage.feed(*[stage.wrote(f"other{number}") for number in range(before)])
    stage.plan(*others, li, purpose="service")
    stage.dm.on_send = lambda _message: clock.advance(seconds=10)
    stage.run()
    clock.advance(minutes=1)
    stage.run()
    assert "li" not in stage.dm.recipients
    assert states() == [("delivered", "")] * before + [("suppressed", "window_closed")]
    assert Window.objects.get(identity_id=li.identity_id).remaining == 6


def test_nothing_begins_in_the_last_seconds_of_a_window(stage, clock):
    (li,) = stage.feed(stage.wrote("li"))
    clock.advance(seconds=DAY - 3)
    stage.plan(li, purpose="service")
    stage.run()
    assert stage.dm.sent == []
    assert states() == [("suppressed", "window_closed")]


def test_what_comes_up_after_the_quiet_hours_began_waits_for_the_morning(stage, clock):
    people = [stage.befriend(f"p{number}", staff=f"guide{number}")[0] for number in range(3)]
    evening = datetime(2026, 11, 12, 21, 59, 55, tzinfo=SHANGHAI)
    clock.advance(seconds=(evening - clock.now()).total_seconds())
    stage.plan(*people)
    stage.mass.on_send = lambda _message: clock.advance(seconds=10)
    stage.run()
    clock.advance(minutes=1)
    stage.run()
    assert len(stage.mass.sent) == 1
    assert states()[1:] == [("deferred", "quiet_hours")] * 2
    assert sum(QuotaUse.objects.values_list("used", flat=True)) == 1
    stage.mass.on_send = lambda _message: None
    clock.advance(hours=11)
    stage.run()
    assert sorted(stage.mass.recipients) == ["p0", "p1", "p2"]


@pytest.mark.parametrize(
    ("at", "start"),
    [("21:59", "22:00"), ("22:00", "+22:00"), ("23:30", "+22:00"), ("03:00", "22:00")],
)
def test_when_the_next_quiet_hours_begin(at, start):
    day = datetime(2026, 11, 12, tzinfo=SHANGHAI)
    hour, minute = (int(part) for part in at.split(":"))
    expected = day + timedelta(days=1 if start.startswith("+") else 0, hours=22)
    assert quiet_start(Policy(), day + timedelta(hours=hour, minutes=minute)) == expected
    assert quiet_start(Policy(quiet_start=0, quiet_end=0), day) is None
