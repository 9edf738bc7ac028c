"""Mass messages into groups: one task for each owner, a result for each group."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.broadcasts import queries
from siyu.broadcasts.previewing import preview
from siyu.broadcasts.tests.town import ACCOUNT, BOSS, GROUPS, OPERATOR, Town
from siyu.groups.models import Group, Label
from siyu.kernel.errors import Refused
from siyu.reach.models import QuotaUse, Touch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture
def groups(town: Town) -> list[Group]:
    """Two groups of Mei's and one of Lin's, at the platform and in our list."""
    made = []
    for number, owner in enumerate(("mei", "mei", "lin")):
        name = f"茶友 {number}"
        remote = town.people("create_group", name=name, owner=owner)["chat_id"]
        row = Group.objects.create(account=ACCOUNT, remote_id=remote, name=name, owner=owner)
        made.append(row)
    Label.objects.create(group=made[1], name="vip")
    return made


def group_draft(town: Town, **audience):
    return town.draft(channel=GROUPS, text="今晚八点直播", audience={"kind": "groups", **audience})


def test_each_owner_gets_one_task_and_each_group_a_result(town: Town, groups):
    row_id = town.launch(group_draft(town))
    pending = {task["userid"]: task["recipients"] for task in town.people("pending_sends")}
    assert pending == {"mei": 2, "lin": 1}
    town.people("dismiss_group", chat_id=groups[0].remote_id)
    town.confirm(userid="mei")
    town.work(15)
    found = {row.address: (row.state, row.reason) for row in Touch.objects.all()}
    assert found[groups[0].remote_id] == ("failed", "not_friend")
    assert found[groups[1].remote_id] == ("delivered", "")
    assert found[groups[2].remote_id] == ("accepted", "")
    assert town.people("state")["group_sends"] == 1
    rows = list(queries.stream_results(BOSS, row_id, now=town.clock.now()))
    assert {row[1] for row in rows} == {"茶友 0", "茶友 1", "茶友 2"}


def test_groups_are_chosen_by_owner_label_and_id(town: Town, groups):
    now = town.clock.now()
    assert preview(OPERATOR, group_draft(town), now=now).count.senders == {"mei": 2, "lin": 1}
    for audience, count in (
        ({"owners": ["lin"]}, 1),
        ({"labels": ["vip"]}, 1),
        ({"ids": [groups[0].pk, groups[2].pk]}, 2),
    ):
        assert preview(OPERATOR, group_draft(town, **audience), now=now).audience == count


def test_each_group_has_its_own_quota(town: Town, groups):
    town.launch(group_draft(town))
    used = list(QuotaUse.objects.values_list("subject", "used"))
    assert sorted(used) == sorted((group.remote_id[:32], 1) for group in groups)


def test_groups_and_customers_do_not_mix(town: Town, groups):
    now = town.clock.now()
    with pytest.raises(Refused, match="audience"):
        preview(OPERATOR, town.draft([1], channel=GROUPS), now=now)
    with pytest.raises(Refused, match="audience"):
        preview(OPERATOR, town.draft(audience={"kind": "groups"}), now=now)


def test_groups_are_frozen_at_approval_and_written_to_by_their_present_owners(
    town: Town, groups, clock
):
    draft = town.draft(
        channel=GROUPS, audience={"kind": "groups"}, scheduled_at=clock.now() + timedelta(hours=2)
    )
    row_id = town.launch(draft)
    remote = town.people("create_group", name="后来的群", owner="mei")["chat_id"]
    Group.objects.create(account=ACCOUNT, remote_id=remote, name="后来的群", owner="mei")
    town.people("change_group", chat_id=groups[0].remote_id, owner="lin")
    Group.objects.filter(pk=groups[0].pk).update(owner="lin")
    Group.objects.filter(pk=groups[1].pk).update(dismissed_at=clock.now())
    clock.advance(hours=2)
    town.work()
    pending = {task["userid"]: task["recipients"] for task in town.people("pending_sends")}
    assert pending == {"lin": 2}
    view = queries.get_broadcast(BOSS, row_id)
    assert (view.audience_count, view.planned_count) == (3, 2)
