"""The self-check names service desks whose messages do not come."""

from __future__ import annotations

from siyu.talk.stuck import list_stuck
from siyu.talk.tests.test_desks import ask, pull


def test_a_desk_that_cannot_be_read_is_named_until_it_can(corp, desk):
    corp.do("knobs", refuse=-1)
    for expected in ([], ["desks"]):
        ask(corp, desk)
        pull(corp)
        assert [line.name for line in list_stuck(corp.account)] == expected
        corp.clock.advance(minutes=10)
    corp.do("knobs", refuse=0)
    pull(corp)
    assert list(list_stuck(corp.account)) == []
