"""The self-check names take-overs and figures that do not get on."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM
from siyu.guides import transfers
from siyu.guides.stuck import list_stuck
from siyu.guides.tests import org
from siyu.guides.tests.test_care import befriend, door, platform, pull, work
from siyu.ports.sandbox import Trouble

__all__ = ["door", "platform"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


def names(clock):
    return [line.name for line in list_stuck(org.CORP, clock.now())]


def test_a_take_over_that_is_held_up_is_named_until_it_goes_on(platform, door, clock):
    befriend(platform, clock, "mei", 3)
    transfers.start_transfer(SYSTEM, (org.CORP, "mei"), "lin", now=clock.now())
    door.troubles += [Trouble.BUSY]
    work(clock)
    assert names(clock) == ["take_over"]
    clock.advance(minutes=15)
    work(clock)
    assert names(clock) == []


def test_figures_that_are_not_given_are_named_until_they_are(door, clock):
    door.troubles += [Trouble.RATE_LIMITED]
    pull(clock)
    assert names(clock) == ["behaviour"]
    clock.advance(minutes=11)
    pull(clock)
    assert names(clock) == []
