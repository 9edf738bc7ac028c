from __future__ import annotations

import pytest

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wecom.tests import kit
from siyu.ports import facts
from siyu.ports.directory import Employment, RemoteDepartment, RemoteStaff


def test_departments_and_their_people_are_read(live, people):
    people("add_department", id=7, name="淮海路店", order=3)
    people("add_staff", staff=[{"userid": "hua", "name": "小花", "department": [7]}])
    people("update_staff", userid="hua", position="店长", status=4)
    assert live.directory is not None
    assert live.directory.list_departments() == [
        RemoteDepartment(remote_id="1", name="总部"),
        RemoteDepartment(remote_id="7", name="淮海路店", parent_id="1", order=3),
    ]
    assert live.directory.list_people("7") == [
        RemoteStaff(
            remote_id="hua",
            name="小花",
            departments=("7",),
            position="店长",
            employment=Employment.NOT_ACTIVATED,
        )
    ]


def test_who_is_not_visible_is_not_listed(live, people):
    people("knobs", visible=["lin"])
    assert [one.remote_id for one in live.directory.list_people("1")] == ["lin"]


def test_an_unknown_department_is_refused(live):
    with pytest.raises(PlatformRefused):
        live.directory.list_people("99")


def test_a_name_the_app_may_not_see_is_the_id(connector, wire):
    wire.script("GET /cgi-bin/user/list", [{"errcode": 0, "userlist": [{"userid": "mei"}]}])
    assert connector.directory.list_people("1")[0].name == "mei"


def test_who_gets_another_id_keeps_all_that_was_his(live, people, world, clock):
    made = people("add_friend", userid="mei", unionid="oU1", name="客")
    people("make_way", userids=["mei", "lin"], remark="门店")
    people("send_by_hand", userid="mei", customers=[made["external_userid"]])
    world.take()
    people("rename_staff", userid="mei", new_userid="meimei")
    (call,) = world.take()
    verified = live.webhook.verify(call, clock.now())
    (fact,) = live.webhook.read(verified.body, clock.now(), verified.message_id)
    assert (fact.name, fact.staff) == (facts.STAFF_RENAMED, "meimei")
    assert fact.properties == {"before": "mei"}
    assert sorted(kit.list_staff(live)) == ["lin", "meimei"]
    assert people("contact_ways")[0]["user"] == ["meimei", "lin"]
    (found,) = live.contacts.fetch_contact(made["external_userid"])
    assert found.staff == "meimei"
    for userid, after in (("mei", "other"), ("lin", "meimei"), ("lin", "")):
        with pytest.raises(Refused):
            people("rename_staff", userid=userid, new_userid=after)


def test_who_left_is_told_and_gone(live, people, world):
    people("update_staff", userid="lin", status=5)
    (call,) = world.take()
    assert live.webhook.verify(call, world.clock.now()).body is not None
    assert [one.remote_id for one in live.directory.list_people("1")] == ["mei"]
    assert kit.list_staff(live) == ["mei"]
