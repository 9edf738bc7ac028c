"""Sending again to whom a broadcast surely did not reach, and to nobody else."""

from __future__ import annotations

import pytest

from siyu.broadcasts import actions, queries
from siyu.broadcasts.tests.test_groups import groups
from siyu.broadcasts.tests.town import BOSS, GROUPS, OPERATOR, Town
from siyu.kernel.errors import Conflict, Forbidden, Refused
from siyu.reach.models import Touch

__all__ = ["groups"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def repeat(town: Town, row_id: int, *reasons: str) -> int:
    return actions.repeat_broadcast(OPERATOR, row_id, reasons, now=town.clock.now())


def send(town: Town, row_id: int) -> None:
    actions.submit_broadcast(OPERATOR, row_id, now=town.clock.now())
    actions.approve_broadcast(BOSS, row_id, now=town.clock.now())
    town.work()


def wait(town: Town, *, days: int) -> None:
    """Past the time for confirming; results are asked for every half hour at most."""
    town.work(days * 86_400)
    for _ in range(3):
        town.work(1800)


def test_who_was_not_reached_gets_it_and_who_has_it_does_not(town: Town):
    had = town.befriend(2)
    missed = town.befriend(2, userid="lin")
    row_id = town.launch(town.draft(had + missed, confirm_days=1))
    town.confirm(userid="mei")
    town.work(15)
    wait(town, days=1)
    assert queries.get_broadcast(BOSS, row_id).state == "done"
    assert queries.list_missed(BOSS, row_id) == {"not_confirmed": 2}
    again = repeat(town, row_id, "not_confirmed", "made_up")
    view = queries.get_broadcast(BOSS, again)
    assert (view.name, view.state, view.text) == ("双十一预告 (补发)", "draft", "新茶到了")
    assert view.audience["reasons"] == ["not_confirmed"]
    send(town, again)
    town.confirm()
    town.work(15)
    told = Touch.objects.filter(campaign=f"broadcast:{again}")
    assert set(told.values_list("customer_id", flat=True)) == set(missed)
    assert set(told.values_list("state", flat=True)) == {"delivered"}
    assert town.people("state")["duplicates"] == 0


def test_those_of_whom_nobody_can_tell_are_left_alone(town: Town):
    ids = town.befriend(2)
    row_id = town.launch(town.draft(ids))
    actions.recall_broadcast(OPERATOR, row_id, now=town.clock.now())
    town.work(15)
    Touch.objects.filter(customer_id=ids[0]).update(state="unknown", reason="http.timeout")
    town.work(15)
    assert queries.list_missed(BOSS, row_id) == {"taken_back": 1}
    with pytest.raises(Refused, match="reasons"):
        repeat(town, row_id, "http.timeout")


def test_groups_are_repeated_as_groups(town: Town, groups):
    draft = town.draft(channel=GROUPS, audience={"kind": "groups"}, confirm_days=1)
    row_id = town.launch(draft)
    town.confirm(userid="mei")
    wait(town, days=1)
    send(town, repeat(town, row_id, "not_confirmed"))
    assert [task["userid"] for task in town.people("pending_sends")] == ["lin"]
    assert Touch.objects.filter(address=groups[2].remote_id).count() == 2


def test_only_an_ended_broadcast_and_only_with_the_right(town: Town, mei):
    row_id = town.launch(town.draft(town.befriend(1)))
    with pytest.raises(Conflict):
        repeat(town, row_id, "not_confirmed")
    with pytest.raises(Forbidden):
        actions.repeat_broadcast(mei, row_id, ["not_confirmed"], now=town.clock.now())
    for audience in ({"kind": "missed"}, {"kind": "missed", "broadcast_id": 1, "reasons": []}):
        with pytest.raises(Refused):
            actions.create_broadcast(OPERATOR, town.draft(audience=audience), now=town.clock.now())
