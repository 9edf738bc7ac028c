"""The staff directory: names where ids were, and what may not be read does no harm."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.groups.models import Group, Stay
from siyu.guides import jobs, queries
from siyu.guides.colleagues import list_leavers, list_staff_cards
from siyu.guides.contacts import note_staff
from siyu.guides.directory import keep_departments, keep_people
from siyu.guides.models import Department, Staff
from siyu.guides.tests.pulling import ACCOUNT, BATCH, OK, STAFF, page
from siyu.ports.directory import Employment, RemoteDepartment, RemoteStaff

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
DEPARTMENTS = "GET /cgi-bin/department/list"
USERS = "GET /cgi-bin/user/list"


def departments(*names: str) -> dict[str, Any]:
    rows = [
        {"id": n, "name": name, "parentid": int(n > 1)} for n, name in enumerate(names, start=1)
    ]
    return {**OK, "department": rows}


def users(**names: str) -> dict[str, Any]:
    rows = [
        {"userid": who, "name": name, "department": [2], "position": "导购", "status": 1}
        for who, name in names.items()
    ]
    return {**OK, "userlist": rows}


def pull(wire, *, people: list[Any], at: Any) -> None:
    wire.script(DEPARTMENTS, [at])
    wire.script(USERS, people)
    wire.script(STAFF, [{**OK, "follow_user": ["mei"]}])
    wire.script(BATCH, [page([1])])
    jobs.sync_accounts()


def notes(clock) -> dict[str, Any]:
    (latest, *_) = queries.list_syncs(SYSTEM, now=clock.now())
    return {one.name: (one.found, one.changed, one.gone, one.error) for one in latest.sources}


def test_names_positions_and_departments_are_kept(account, wire, clock):
    pull(wire, at=departments("总部", "淮海路店"), people=[users(), users(mei="小梅", lan="阿兰")])
    names = {one.staff: one for one in queries.list_staff_names(SYSTEM)}
    assert (names["mei"].name, names["mei"].department) == ("小梅", "淮海路店")
    assert names["lan"].position == "导购"
    assert notes(clock)["directory"] == (2, 2, 0, "")
    active = dict(Staff.objects.values_list("staff", "is_active"))
    assert active == {"mei": True, "lan": False}, "only who may have customers is a guide"


def test_who_left_before_his_name_was_told_has_the_one_of_a_group(account, clock):
    note_staff(ACCOUNT, ["zhangsan", "lisi"], clock.now())
    group = Group.objects.create(account=ACCOUNT, remote_id="wr1")
    for name in ("小张", "张三"):
        clock.advance(hours=1)
        Stay.objects.create(
            group=group,
            remote_id="zhangsan",
            is_staff=True,
            name=name,
            joined_at=clock.now(),
            join_kind="direct",
        )
    names = {one.staff: one.name for one in queries.list_staff_names(SYSTEM)}
    assert names == {"zhangsan": "张三", "lisi": ""}


def test_the_next_night_only_changes_are_written_and_departments_may_go(account, wire, clock):
    pull(wire, at=departments("总部", "淮海路店"), people=[users(), users(mei="小梅", lan="阿兰")])
    clock.advance(hours=24)
    pull(wire, at=departments("总部"), people=[users(mei="梅店长", lan="阿兰")])
    assert notes(clock)["directory"] == (2, 1, 1, "")
    assert Staff.objects.get(account=ACCOUNT, staff="mei").name == "梅店长"
    assert [one.name for one in Department.objects.all()] == ["总部"]


def test_a_directory_we_may_not_read_does_not_stop_the_pull(account, wire, clock):
    refused = {"errcode": 60011, "errmsg": "no privilege to access/modify contact/party/agent"}
    pull(wire, at=refused, people=[])
    (latest, *_) = queries.list_syncs(SYSTEM, now=clock.now())
    assert (latest.state, latest.contacts) == ("done", 1)
    assert "60011" in notes(clock)["directory"][3]


def test_whoever_works_there_is_there_until_more_is_told(clock):
    now = clock.now()
    mei = RemoteStaff(remote_id="mei", name="梅", employment=Employment.ACTIVE)
    old = RemoteStaff(remote_id="old", name="旧", employment=Employment.LEFT)
    keep_people("wecom:ww1", [mei, old], now)
    cards = list_staff_cards("wecom:ww1")
    assert (cards["mei"].is_active, cards["old"].is_active) == (True, False)
    note_staff("wecom:ww1", ["lin"], now)
    cards = list_staff_cards("wecom:ww1")
    assert (cards["mei"].is_active, cards["lin"].is_active) == (False, True)


def test_departments_of_a_colleague_go_up_to_the_top_the_nearest_first(clock):
    account, now = "wecom:ww1", clock.now()
    tree = {"1": "", "2": "1", "3": "2", "4": "1", "7": "8", "8": "7"}
    found = [RemoteDepartment(remote_id=one, name=one, parent_id=up) for one, up in tree.items()]
    keep_departments(account, found, now)
    mei = RemoteStaff(remote_id="mei", name="梅", departments=("3", "4"))
    lin = RemoteStaff(remote_id="lin", name="林", departments=("7",))
    keep_people(account, [mei, lin], now)
    cards = list_staff_cards(account)
    assert cards["mei"].departments == ("3", "4", "1", "2")
    assert cards["lin"].departments == ("7", "8")


def test_who_left_is_told_from_whom_only_the_directory_named_so_far(clock):
    account, now = "wecom:ww1", clock.now()
    note_staff(account, ["lin", "han", "wu"], now)
    clock.advance(hours=24)
    fresh = RemoteStaff(remote_id="mei", name="梅", employment=Employment.ACTIVE)
    old = RemoteStaff(remote_id="old", name="旧", employment=Employment.LEFT)
    keep_people(account, [fresh, old], clock.now())
    assert list_leavers(account) == {"old"}
    clock.advance(seconds=5)
    note_staff(account, ["lin", "wu"], clock.now())
    assert list_leavers(account) == {"old", "han"}
    at = {"first_seen_at": clock.now(), "seen_at": clock.now()}
    Staff.objects.create(account=account, staff="xu", is_active=False, **at)
    assert list_leavers(account) == {"old", "han", "xu"}, "met in a callback, deleted by another"
