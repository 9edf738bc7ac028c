"""The self-check names broadcasts that wait for something, once that has lasted."""

from __future__ import annotations

import pytest

from siyu.broadcasts import actions
from siyu.broadcasts.stuck import list_stuck
from siyu.broadcasts.tests.test_doubts import Line
from siyu.broadcasts.tests.town import ACCOUNT, OPERATOR, Town
from siyu.kernel.errors import Reauth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def told(town: Town) -> list[tuple[str, str]]:
    return [(line.name, line.detail) for line in list_stuck(ACCOUNT, town.clock.now())]


def test_a_taking_back_that_cannot_be_done_is_named_until_it_is(town: Town):
    row_id = town.launch(town.draft(town.befriend(1)))
    line = Line(town, "cancel_groupmsg_send", Reauth("wecom.permission", "没有群发权限"))
    actions.recall_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(30)
    assert told(town) == []
    town.work(700)
    assert told(town) == [("broadcasts", "1 个群发停着: 没有群发权限")]
    line.is_cut = False
    town.work(30)
    town.work(30)
    assert told(town) == []
