"""The self-check names touches of which nobody can say whether they arrived."""

from __future__ import annotations

import pytest

from siyu.kernel.errors import UnknownOutcome
from siyu.reach.stuck import list_stuck
from siyu.reach.tests.cast import DOUYIN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def names(clock):
    return [line.name for line in list_stuck(DOUYIN, clock.now())]


def test_a_touch_of_unknown_end_is_named_for_a_day(stage, clock):
    stage.dm.answers = [UnknownOutcome("http.unknown", "中断")]
    stage.plan(*stage.feed(stage.wrote("li")))
    assert names(clock) == []
    stage.run()
    assert names(clock) == ["touches"]
    clock.advance(hours=25)
    assert names(clock) == []
