"""Group codes, keyword pages and invitations."""

from __future__ import annotations

from datetime import date
from typing import cast

import pytest
from django.test import Client

from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.groups import codes, invitations, keywords, queries
from siyu.groups.code_rules import Candidate, choose_groups, number_after
from siyu.groups.codes import GroupCodeIn
from siyu.groups.models import GroupCode, Invitation, Invitee
from siyu.groups.types import KeywordEntry
from siyu.kernel.errors import Conflict, NotFound, Refused
from siyu.pool import actions as pool
from siyu.pool import queries as pool_queries
from siyu.pool.absence import note_absent
from siyu.ports.testing import SandboxDoor


def ids(corp, *chats):
    refs = queries.refs_by_remote(corp.account, chats)
    return [refs[chat].id for chat in chats]


@pytest.fixture
def code(corp, group):
    given = GroupCodeIn(
        name="门店群", groups=ids(corp, group), is_growing=True, base_name="福利群", base_number=2
    )
    return codes.create_code(SYSTEM, corp.account, given, now=corp.clock.now())


def scan(corp, code, who):
    return corp.do("join_group", state=code.state, unionid=who, name=who)


def tend(corp):
    corp.settle()
    corp.clock.advance(minutes=3)
    while codes.tend_codes():
        corp.settle()


@pytest.mark.parametrize(
    ("members", "chosen", "is_free"),
    [
        ([5, 5], ["0", "1"], True),
        ([99, 5], ["1"], True),
        ([95, 94], ["1"], True),
        ([99, 98], ["1"], False),
        ([], [], False),
    ],
)
def test_full_groups_are_left_out_and_the_last_one_stays(members, chosen, is_free):
    candidates = [Candidate(str(place), count) for place, count in enumerate(members)]
    assert choose_groups(candidates, 100, 5) == (chosen, is_free)


def test_dismissed_groups_are_never_chosen():
    assert choose_groups([Candidate("a", 0, is_dismissed=True)], 100, 5) == ([], False)


def test_the_next_number_is_after_the_highest():
    assert number_after(["福利群2", "福利群11", "福利群x", "别的9"], "福利群", 3) == 12
    assert number_after([], "福利群", 3) == 3


def test_who_comes_by_a_code_is_counted_by_day(corp, code):
    scan(corp, code, "u1")
    left = scan(corp, code, "u2")
    corp.settle()
    corp.do("leave_group", chat_id=left["chat_id"], external_userid=left["external_userid"])
    corp.settle()
    (day,) = codes.days_of_code(SYSTEM, code.id, date(2026, 11, 1), date(2026, 11, 11))
    assert (day.joined, day.left) == (2, 1)
    seen = codes.get_code(SYSTEM, code.id)
    assert (seen.joined, seen.present) == (2, 1)


def test_the_group_the_platform_made_becomes_a_candidate(corp, code):
    corp.do("group_limit", members=3)
    for number in range(3):
        scan(corp, code, f"u{number}")
    tend(corp)
    seen = codes.get_code(SYSTEM, code.id)
    assert [one.name for one in seen.groups] == ["福利群1", "福利群2"]
    assert seen.next_number == 3


def test_a_group_near_its_limit_is_swapped_for_the_next(corp, group):
    other = corp.do("create_group", owner="an", name="备用群")["chat_id"]
    corp.settle()
    given = GroupCodeIn(name="门店群", groups=ids(corp, group, other), capacity=5)
    made = codes.create_code(SYSTEM, corp.account, given, now=corp.clock.now())
    assert made.shown == ids(corp, group, other)
    for number in range(2):
        scan(corp, made, f"u{number}")
    tend(corp)
    assert codes.get_code(SYSTEM, made.id).shown == ids(corp, other)
    assert corp.do("group_codes")[0]["chat_id_list"] == [other]


@pytest.mark.parametrize("is_moved", [False, True])
def test_what_people_do_while_a_code_is_tended_stays(corp, code, group, is_moved):
    other = corp.do("create_group", owner="an", name="备用群")["chat_id"]
    corp.settle()
    given = GroupCodeIn(
        name="改名", groups=ids(corp, group, *[other][: int(is_moved)]), title="新标题"
    )

    door = cast("SandboxDoor", runtime().http)

    def meddle(url: str) -> None:
        if "get_join_way" in url:
            door.on_call = lambda _url: None
            codes.update_code(SYSTEM, code.id, given, now=corp.clock.now())
            codes.count_view(code.id)

    door.on_call = meddle
    tend(corp)
    seen = codes.get_code(SYSTEM, code.id)
    assert (seen.name, seen.title, seen.views) == ("改名", "新标题", 1)
    assert [one.id for one in seen.groups] == list(given.groups)
    assert corp.do("group_codes")[0]["chat_id_list"] == [group, other][: 1 + int(is_moved)]


def test_a_code_that_is_gone_at_the_platform_says_so(corp, code):
    corp.sandbox._corps["ww1234567890abcdef"].community.ways.clear()
    tend(corp)
    assert "没有这个群活码" in codes.get_code(SYSTEM, code.id).error


def test_a_code_is_changed_and_deleted_at_the_platform_too(corp, code, group):
    given = GroupCodeIn(name="新名", groups=ids(corp, group), title="进群有礼")
    assert codes.update_code(SYSTEM, code.id, given, now=corp.clock.now()).title == "进群有礼"
    assert corp.do("group_codes")[0]["remark"] == "新名"
    codes.delete_code(SYSTEM, code.id, now=corp.clock.now())
    assert (codes.list_codes(SYSTEM), corp.do("group_codes")) == ([], [])
    with pytest.raises(NotFound):
        codes.get_code(SYSTEM, code.id)


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"groups": []}, {"groups": [999]}, {"is_growing": True, "base_name": ""}],
)
def test_a_wrong_code_is_refused(corp, group, wrong):
    good = {"name": "门店群", "groups": ids(corp, group)}
    with pytest.raises(Refused):
        codes.create_code(
            SYSTEM, corp.account, GroupCodeIn(**{**good, **wrong}), now=corp.clock.now()
        )
    assert not GroupCode.objects.exists()


def test_a_picture_not_known_yet_is_drawn_once_the_platform_gives_it(corp, code):
    GroupCode.objects.update(url="")
    with pytest.raises(NotFound):
        codes.draw_code(SYSTEM, code.id, "svg")
    tend(corp)
    assert b"<svg" in codes.draw_code(SYSTEM, code.id, "svg")


def test_customers_see_the_group_and_its_picture(corp, code):
    page = Client().get(code.page_path)
    assert page.status_code == 200
    assert "福利群1" in page.content.decode()
    assert b"<svg" in Client().get(f"{code.page_path}/qr.svg").content
    assert Client().get("/g/nothing").status_code == 404
    assert codes.get_code(SYSTEM, code.id).views == 1


@pytest.fixture
def page(corp, code):
    entry = KeywordEntry(keywords=["上海", "浦东<b>"], code_id=code.id, title="上海福利群")
    return keywords.save_page(
        SYSTEM, name="城市", title="找你的群", entries=[entry], now=corp.clock.now()
    )


def test_a_word_finds_its_group_and_is_counted(corp, page, code):
    found = Client().get(page.page_path, {"q": "上海"}).content.decode()
    assert "福利群1" in found
    assert f"{code.page_path}/qr.svg" in found
    assert "没有找到" in Client().get(page.page_path, {"q": "北京"}).content.decode()
    (seen,) = keywords.list_pages(SYSTEM)
    assert (seen.entries[0].asked, seen.missed, seen.asked) == (1, 1, 2)


def test_a_word_with_signs_that_addresses_use_finds_its_group(corp, code):
    entry = KeywordEntry(keywords=["A+B&C#1 店"], code_id=code.id, title="一店")
    made = keywords.save_page(SYSTEM, name="店", title="找", entries=[entry], now=corp.clock.now())
    page = Client().get(made.page_path).content.decode()
    address = page.partition('<nav><a href="')[2].partition('"')[0]
    assert "福利群1" in Client().get(f"{made.page_path}{address}").content.decode()


def test_a_code_that_a_page_leads_to_stays(corp, page, code):
    with pytest.raises(Conflict, match="城市"):
        codes.delete_code(SYSTEM, code.id, now=corp.clock.now())
    keywords.delete_page(SYSTEM, page.id, now=corp.clock.now())
    codes.delete_code(SYSTEM, code.id, now=corp.clock.now())


def test_what_is_typed_is_shown_as_text(page):
    shown = Client().get(page.page_path, {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>" not in shown
    assert "浦东<b>" not in shown


def test_a_page_switched_off_is_gone(corp, page):
    keywords.save_page(
        SYSTEM,
        page_id=page.id,
        name=page.name,
        title=page.title,
        entries=page.entries,
        is_active=False,
        now=corp.clock.now(),
    )
    assert Client().get(page.page_path).status_code == 404


def invite(corp, code, tag, **more):
    values = {"name": "邀请", "code_id": code.id, "way": "message", "text": "进群 {{ link }}"}
    return invitations.create_invitation(
        SYSTEM, **{**values, "tag_id": tag, **more}, now=corp.clock.now()
    )


@pytest.fixture
def tagged(corp):
    """Two friends of Mei's with a tag; its id."""
    for who in ("u1", "u2"):
        corp.do("add_friend", userid="mei", unionid=who, name=who)
    corp.settle()
    tag = pool.ensure_tag(SYSTEM, "来源", "门店", now=corp.clock.now())
    people = list(pool_queries.visible_customer_ids(SYSTEM, range(1, 10_000)))
    pool.hang_tags([(tag, set(people), "test")], now=corp.clock.now())
    return tag


def test_an_invitation_tells_per_customer_what_came_of_it(corp, code, tagged):
    made = invite(corp, code, tagged, way="todo")
    assert (made.total, made.sent, made.joined) == (2, 0, 0)
    first = invitations.list_invitees(SYSTEM, made.id).items[0]
    assert (first.staff, first.state, first.is_joined) == ("mei", "todo", False)
    invitations.tick_off(SYSTEM, first.id, now=corp.clock.now())
    scan(corp, code, "u1")
    corp.settle()
    (seen,) = invitations.list_invitations(SYSTEM)
    assert (seen.sent, seen.joined) == (1, 1)


def test_a_list_for_staff_leaves_out_whom_nobody_who_stayed_knows(corp, code, tagged):
    corp.do("add_friend", userid="an", unionid="u2", name="u2")
    corp.settle()
    note_absent(corp.account, ["mei"], corp.clock.now())
    made = invite(corp, code, tagged, way="todo")
    assert made.total == 1
    (only,) = invitations.list_invitees(SYSTEM, made.id).items
    assert only.staff == "an"
    note_absent(corp.account, ["mei", "an"], corp.clock.now())
    with pytest.raises(Refused):
        invite(corp, code, tagged, way="todo")
    assert len(invitations.list_invitations(SYSTEM)) == 1


def test_invitations_of_many_are_counted_without_asking_for_each(
    corp, code, tagged, django_assert_max_num_queries
):
    made = invite(corp, code, tagged)
    row = Invitation.objects.get(pk=made.id)
    Invitee.objects.bulk_create(
        [
            Invitee(invitation=row, customer_id=100_000 + one, identity_id=100_000 + one)
            for one in range(33_000)
        ],
        batch_size=5_000,
    )
    scan(corp, code, "u1")
    corp.settle()
    with django_assert_max_num_queries(4):
        (seen,) = invitations.list_invitations(SYSTEM)
    assert (seen.total, seen.joined) == (2, 1)


def test_who_is_in_the_group_already_is_not_invited(corp, code, tagged):
    scan(corp, code, "u1")
    corp.settle()
    assert invite(corp, code, tagged).total == 1


def test_a_guide_ticks_off_his_own_only(corp, code, tagged, mei):
    made = invite(corp, code, tagged, way="todo")
    assert len(invitations.list_invitees(mei, made.id).items) == 2
    other = type(mei)("an", mei.role, "an")
    assert invitations.list_invitees(other, made.id).items == []
    one = invitations.list_invitees(mei, made.id).items[0]
    with pytest.raises(NotFound):
        invitations.tick_off(other, one.id, now=corp.clock.now())


@pytest.mark.parametrize(
    "wrong", [{"tag_id": None}, {"segment_id": 3}, {"way": "sms"}, {"text": " "}, {"name": ""}]
)
def test_a_wrong_invitation_is_refused(corp, code, tagged, wrong):
    with pytest.raises(Refused):
        invite(corp, code, tagged, **wrong)


def test_a_code_with_invitations_stays(corp, code, tagged):
    invite(corp, code, tagged)
    with pytest.raises(Conflict):
        codes.delete_code(SYSTEM, code.id, now=corp.clock.now())
