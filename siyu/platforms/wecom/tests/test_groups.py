"""Groups at WeCom: what is read, what is asked, what the sandbox does."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from siyu.kernel.errors import PlatformRefused, Refused, RetryLater
from siyu.platforms.wecom.groups import group_of
from siyu.platforms.wecom.tests import kit
from siyu.platforms.wecom.wire_groups import ChatDetail
from siyu.ports import facts
from siyu.ports.groups import GroupCodeSpec, GroupWelcome, Membership
from siyu.ports.testing import golden_cases

GROUPCHAT = f"POST {kit.EXTERNAL}/groupchat"


@golden_cases("groups")
def test_golden_group(case):
    case.check(group_of(msgspec.json.decode(case.body, type=ChatDetail).group_chat, kit.ACCOUNT))


@pytest.fixture
def group(people):
    return people("create_group", owner="mei", name="福利群1", staff=["lin"])["chat_id"]


@pytest.fixture
def code(live, group):
    spec = GroupCodeSpec(
        name="门店群",
        state="g1",
        groups=(group,),
        is_growing=True,
        base_name="福利群",
        base_number=2,
    )
    return live.group_codes.create_code(spec)


def member(live, group, name):
    found = live.groups.fetch_group(group)
    return next(one for one in found.members if one.name == name)


def test_pages_of_groups_end_even_when_one_is_empty(live, people, sandbox):
    made = {people("create_group", owner="mei", name=f"群{n}")["chat_id"] for n in range(3)}
    people("knobs", has_empty_pages=True)
    page, cursor = live.groups.list_groups("")
    assert page == []
    page, cursor = live.groups.list_groups(cursor)
    assert (set(page), cursor) == (made, "")
    assert live.groups.list_groups("", ["lin"]) == ([], "")


def test_a_repeated_cursor_ends_the_listing(connector, wire):
    wire.script(f"{GROUPCHAT}/list", [{"errcode": 0, "group_chat_list": [], "next_cursor": "c"}])
    assert connector.groups.list_groups("c") == ([], "")


def test_a_code_whose_picture_cannot_be_had_now_is_made_all_the_same(connector, wire):
    wire.script(f"{GROUPCHAT}/add_join_way", [{"errcode": 0, "config_id": "c1"}])
    wire.script(f"{GROUPCHAT}/get_join_way", [kit.error(45009)])
    made = connector.group_codes.create_code(GroupCodeSpec(name="群", state="g", groups=("wr1",)))
    assert (made.remote_id, made.url, made.groups) == ("c1", "", ("wr1",))


def test_who_scans_a_code_is_a_member_with_its_state(live, people, code, group):
    people("join_group", unionid="u1", name="小李", state="g1")
    found = member(live, group, "小李")
    assert (found.join_kind, found.state, found.is_staff) == ("scan", "g1", False)
    assert [one.namespace for one in found.identities] == ["wecom_external_userid", "wx_unionid"]


def test_without_a_developer_account_there_is_no_unionid(live, people, code, group):
    people("knobs", is_developer_bound=False)
    people("join_group", unionid="u1", name="小李", state="g1")
    assert len(member(live, group, "小李").identities) == 1


def test_a_full_group_makes_the_next_one(live, people, code):
    people("group_limit", members=3)
    chats = [
        people("join_group", unionid=f"u{n}", name=f"客户{n}", state="g1")["chat_id"]
        for n in range(3)
    ]
    assert chats[0] != chats[2]
    assert live.groups.fetch_group(chats[2]).name == "福利群2"
    assert chats[2] in live.group_codes.fetch_code(code.remote_id).groups


def test_a_group_that_is_gone_is_none(live, people, group):
    people("dismiss_group", chat_id=group)
    assert live.groups.fetch_group(group) is None


@pytest.mark.usefixtures("code")
def test_events_tell_who_left_and_how(live, people, world, group, clock):
    joined = people("join_group", unionid="u1", name="小李", state="g1")
    external = joined["external_userid"]
    people("leave_group", chat_id=group, external_userid=external, by="owner")
    told = []
    for request in world.take():
        verified = live.webhook.verify(request, clock.now())
        told += live.webhook.read(verified.body, clock.now(), verified.message_id)
    last = told[-1]
    assert last.name == facts.GROUP_CHANGED
    assert (last.properties["detail"], last.properties["leave_kind"]) == ("del_member", "removed")
    assert last.private == {"members": [external]}
    assert external not in repr(last.properties)


def test_counts_of_a_day(live, people, code, group, clock):
    joined = people("join_group", unionid="u1", name="小李", state="g1")
    people("speak_in_group", chat_id=group, userid=joined["external_userid"], messages=4)
    day = live.groups.fetch_days("mei", date(2026, 11, 10), date(2026, 11, 11))[-1]
    assert (day.groups, day.members, day.new_members, day.speakers, day.messages) == (1, 1, 1, 1, 4)


def test_membership_facts_are_the_same_each_time(live, clock):
    one = Membership(
        group_key=7,
        group_id="wr1",
        remote_id="wm1",
        at=clock.now(),
        identities=(),
        kind="scan",
        state="g1",
    )
    assert live.groups.join_fact(one) == live.groups.join_fact(one)
    assert live.groups.join_fact(one).message_id != live.groups.leave_fact(one).message_id
    assert live.groups.join_fact(one).properties == {"group": 7, "kind": "scan", "state": "g1"}


def test_a_code_is_changed_read_and_deleted(live, people, code, group):
    other = people("create_group", owner="lin", name="福利群B")["chat_id"]
    spec = GroupCodeSpec(name="门店群", state="g1", groups=(other, group))
    assert live.group_codes.update_code(code.remote_id, spec).url == code.url
    assert live.group_codes.fetch_code(code.remote_id).groups == (other, group)
    live.group_codes.delete_code(code.remote_id)
    live.group_codes.delete_code(code.remote_id)
    assert live.group_codes.fetch_code(code.remote_id) is None


@pytest.mark.parametrize(
    "wrong", [{"groups": ()}, {"groups": ("a",) * 6}, {"state": "s" * 31}, {"base_name": "名" * 41}]
)
def test_a_wrong_code_never_leaves(connector, wire, wrong):
    good = {"name": "门店群", "state": "g1", "groups": ("wr1",)}
    with pytest.raises(Refused):
        connector.group_codes.create_code(GroupCodeSpec(**{**good, **wrong}))
    assert wire.count(f"{GROUPCHAT}/add_join_way") == 0


def test_welcome_words_are_kept_changed_and_deleted(live, people):
    link = {"kind": "link", "title": "群规", "url": "https://x.example/rules"}
    made = live.group_welcomes.create_welcome(GroupWelcome(text="欢迎", attachment=link))
    live.group_welcomes.update_welcome(made, GroupWelcome(text="欢迎光临"))
    assert [one["text"]["content"] for one in people("group_welcomes")] == ["欢迎光临"]
    live.group_welcomes.delete_welcome(made)
    with pytest.raises(PlatformRefused):
        live.group_welcomes.delete_welcome(made)


def test_a_broken_answer_to_a_listing_is_retried_later(connector, wire):
    wire.script(f"{GROUPCHAT}/list", [b"<html>"])
    with pytest.raises(RetryLater):
        connector.groups.list_groups("")
