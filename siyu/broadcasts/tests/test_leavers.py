"""A broadcast leaves out those whose guide or group owner left, and says so beforehand."""

from __future__ import annotations

import pytest

from siyu.broadcasts import actions
from siyu.broadcasts.previewing import preview
from siyu.broadcasts.tests.town import ACCOUNT, BOSS, GROUPS, OPERATOR, Town
from siyu.groups.models import Group
from siyu.pool.absence import note_absent
from siyu.reach.models import Touch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture
def without_mei(town: Town):
    """Mei leaves, who had customers."""
    lose_mei(town)


def lose_mei(town: Town) -> None:
    note_absent(ACCOUNT, ["mei"], town.clock.now())


def reasons() -> list[tuple[str, str, str]]:
    return sorted(Touch.objects.values_list("sender", "state", "reason"))


@pytest.mark.usefixtures("without_mei")
def test_customers_of_a_leaver_are_left_out_with_the_reason(town: Town):
    ids = sorted({*town.befriend(2), *town.befriend(1, userid="lin")})
    count = preview(OPERATOR, town.draft(ids), now=town.clock.now()).count
    assert (count.allowed, dict(count.reasons), dict(count.senders)) == (
        1,
        {"staff_left": 2},
        {"lin": 1},
    )
    town.launch(town.draft(ids))
    assert [task["userid"] for task in town.people("pending_sends")] == ["lin"]
    left_out = ("mei", "suppressed", "staff_left")
    assert reasons() == [("lin", "accepted", ""), left_out, left_out]


@pytest.mark.usefixtures("without_mei")
def test_the_friend_who_stayed_sends_it(town: Town):
    town.people("add_friend", userid="lin", unionid="both", name="两人的客")
    town.people("add_friend", userid="mei", unionid="both", name="两人的客")
    ids = sorted({*town.pull("lin"), *town.pull("mei")})
    town.launch(town.draft(ids))
    assert reasons() == [("lin", "accepted", "")]


@pytest.mark.usefixtures("without_mei")
def test_chosen_senders_who_left_are_named_before_other_guides(town: Town):
    ids = town.befriend(1)
    count = preview(OPERATOR, town.draft(ids, staff=["mei"]), now=town.clock.now()).count
    assert dict(count.reasons) == {"staff_left": 1}


def test_who_leaves_between_plan_and_turn_sends_nothing(town: Town):
    now = town.clock.now()
    row_id = actions.create_broadcast(OPERATOR, town.draft(town.befriend(1)), now=now)
    actions.submit_broadcast(OPERATOR, row_id, now=now)
    actions.approve_broadcast(BOSS, row_id, now=now)
    while actions.work():
        pass
    assert reasons() == [("mei", "planned", "")]
    lose_mei(town)
    town.work()
    assert town.people("pending_sends") == []
    assert reasons() == [("mei", "suppressed", "staff_left")]


@pytest.mark.usefixtures("without_mei")
def test_groups_of_a_leaver_are_left_out_with_the_reason(town: Town):
    for owner in ("mei", "lin", ""):
        chat = town.people("create_group", name=f"群{owner}", owner=owner or "lin")["chat_id"]
        Group.objects.create(
            account=town.connector.account.key, remote_id=chat, name=chat, owner=owner
        )
    draft = town.draft(channel=GROUPS, text="今晚直播", audience={"kind": "groups"})
    count = preview(OPERATOR, draft, now=town.clock.now()).count
    assert (count.allowed, dict(count.senders)) == (1, {"lin": 1})
    assert dict(count.reasons) == {"staff_left": 1, "no_owner": 1}
    town.launch(draft)
    assert reasons() == [
        ("", "suppressed", "no_owner"),
        ("lin", "accepted", ""),
        ("mei", "suppressed", "staff_left"),
    ]
