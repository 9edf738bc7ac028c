"""A channel that fails again and again is left alone, seen by people, and tried again."""

from __future__ import annotations

import pytest

from siyu.kernel.errors import RetryLater
from siyu.reach.models import Touch
from siyu.reach.queries import open_circuits
from siyu.reach.tests.cast import WECOM, Stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def fall_sick(stage: Stage, clock):
    """Six calls fail; what they carried is planned again."""
    people = stage.befriend(*(f"f{number}" for number in range(6)))
    stage.mass.answers = [RetryLater("wecom.busy", "繁忙")] * 5
    for number, seen in enumerate(people):
        stage.plan(seen, template=f"第 {number} 条", entry_key=str(number))
    dispatcher = stage.dispatcher()
    for _ in range(6):
        stage.run(dispatcher)
        clock.advance(seconds=13)
        if open_circuits():
            break
    return dispatcher


def test_an_open_circuit_is_written_down(stage, clock):
    fall_sick(stage, clock)
    (circuit,) = open_circuits()
    assert (circuit.account, circuit.channel, circuit.code) == (
        WECOM,
        "wecom.mass_send",
        "wecom.busy",
    )


def test_it_closes_with_the_first_success_and_nothing_is_lost(stage, clock):
    dispatcher = fall_sick(stage, clock)
    for _ in range(20):
        clock.advance(seconds=30)
        stage.run(dispatcher)
    assert open_circuits() == []
    assert set(Touch.objects.values_list("state", flat=True)) == {"accepted"}
    assert sorted(stage.mass.recipients) == sorted(f"f{number}" for number in range(6))


def test_other_channels_go_on_meanwhile(stage, clock):
    dispatcher = fall_sick(stage, clock)
    (one,) = stage.feed(stage.wrote("dy"))
    stage.plan(one, channel="douyin.dm", purpose="service")
    stage.run(dispatcher)
    assert stage.dm.recipients == ["dy"]
