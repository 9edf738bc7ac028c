"""The self-check names moments that wait, and for a day those that came to nothing."""

from __future__ import annotations

import pytest

from siyu.broadcasts.tests.town import ACCOUNT, Town
from siyu.moments.models import Moment
from siyu.moments.stuck import list_stuck
from siyu.moments.tests.test_moments import heard, launch, town, work

__all__ = ["heard", "town"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


def told(town: Town) -> list[str]:
    return [line.name for line in list_stuck(ACCOUNT, town.clock.now())]


def test_what_waits_is_named_after_a_while_and_what_failed_for_a_day(town: Town, heard, run_time):
    town.befriend(1)
    run_time.http.lost = ["/add_moment_task"]
    row_id = launch(town)
    Moment.objects.filter(pk=row_id).update(problem="没有权限")
    assert told(town) == []
    town.clock.advance(minutes=11)
    assert told(town) == ["moments"]
    for _ in range(20):
        work(town, 130)
    assert told(town) == ["moments_failed"]
    town.clock.advance(hours=25)
    assert told(town) == []
