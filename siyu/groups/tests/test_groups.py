"""Groups as people make them, and as Siyu knows them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from siyu.core.access import SYSTEM
from siyu.groups import actions, counting, listing, queries, reading, telling
from siyu.groups.models import Stay
from siyu.groups.types import GroupFilter
from siyu.kernel.errors import NotFound, Refused
from siyu.pool import actions as pool
from siyu.pool import queries as pool_queries
from siyu.reach.models import Touch
from siyu.reach.types import TouchState

DAY = date(2026, 11, 11)


def view(corp, chat):
    ref = queries.refs_by_remote(corp.account, [chat])[chat]
    return queries.get_group(SYSTEM, ref.id, now=corp.clock.now())


def join(corp, chat, who, **more):
    return corp.do("join_group", chat_id=chat, unionid=who, name=who, **more)["external_userid"]


def befriend(corp, who):
    done = corp.do("add_friend", userid="mei", unionid=who, name=who)
    corp.settle()
    return done["external_userid"]


def identities(row):
    person = row.customer_id or 0
    return [one.id for one in pool_queries.identities_of([person])[person]]


def test_a_new_group_is_read_with_its_owner_notice_and_staff(corp, group):
    found = view(corp, group)
    assert (found.name, found.owner, found.notice) == ("福利群1", "mei", "每晚上新")
    assert (found.members, found.staff, found.customers, found.outsiders) == (2, 2, 0, 0)


def test_a_changed_group_is_due_until_it_is_read(corp, group):
    assert reading.count_due(corp.clock.now()) == 0
    join(corp, group, "u1")
    corp.hear()
    corp.clock.advance(seconds=3)
    assert reading.count_due(corp.clock.now()) == 1
    corp.settle()
    assert reading.count_due(corp.clock.now()) == 0


def test_customers_are_linked_and_outsiders_are_no_customers(corp, group):
    befriend(corp, "u1")
    join(corp, group, "u1")
    join(corp, group, "u2")
    corp.settle()
    found = view(corp, group)
    assert (found.customers, found.outsiders, found.joined_today) == (1, 1, 2)
    kinds = {one.name: one.kind for one in queries.list_members(SYSTEM, found.id).items}
    assert (kinds["u2"], kinds["小美"]) == ("outsider", "staff")


def test_an_outsider_who_becomes_a_friend_is_linked_and_told_of_once(corp, group):
    join(corp, group, "u1")
    corp.settle()
    assert not Stay.objects.filter(customer_id__isnull=False).exists()
    befriend(corp, "u1")
    corp.settle()
    row = Stay.objects.get(customer_id__isnull=False)
    assert row.is_join_told
    assert not telling.tell()


@pytest.mark.parametrize(("by", "kind"), [("customer", "left"), ("owner", "removed")])
def test_who_left_and_how_is_known_from_the_event(corp, group, by, kind):
    befriend(corp, "u1")
    external = join(corp, group, "u1")
    corp.settle()
    corp.do("leave_group", chat_id=group, external_userid=external, by=by)
    corp.hear()
    row = Stay.objects.get(remote_id=external)
    assert (row.leave_kind, row.left_at is not None) == (kind, True)
    corp.settle()
    assert Stay.objects.get(remote_id=external).is_leave_told


def test_who_comes_and_leaves_between_two_readings_is_counted(corp, group):
    external = join(corp, group, "u1")
    corp.do("leave_group", chat_id=group, external_userid=external)
    corp.settle()
    (day,) = counting.days_of(SYSTEM, None, DAY, DAY)
    assert (day.joined, day.left, day.members) == (1, 1, 0)


def test_a_lost_callback_is_made_good_by_a_pull(corp, group):
    external = join(corp, group, "u1")
    corp.settle()
    corp.do("leave_group", chat_id=group, external_userid=external)
    join(corp, group, "u2")
    corp.lose_callbacks()
    listing.note_listed(corp.account, [group], corp.clock.now(), corp.clock.now())
    corp.settle()
    present = [one.name for one in queries.list_members(SYSTEM, view(corp, group).id).items]
    assert "u2" in present
    assert "u1" not in present
    assert Stay.objects.get(remote_id=external).leave_kind == "unknown"


def test_a_group_that_is_listed_no_more_is_asked_for_and_dismissed(corp, group):
    join(corp, group, "u1")
    corp.settle()
    corp.do("dismiss_group", chat_id=group)
    corp.lose_callbacks()
    corp.clock.advance(hours=1)
    began = corp.clock.now()
    assert listing.note_listed(corp.account, [], began, began) == 0
    assert listing.count_unlisted(corp.account, began) == 1
    listing.doubt_unlisted(corp.account, began)
    corp.settle()
    assert view(corp, group).dismissed_at is not None
    assert queries.list_groups(SYSTEM, now=began).items == []
    assert not Stay.objects.filter(left_at__isnull=True).exists()


def test_dismissal_is_told_by_its_event(corp, group):
    join(corp, group, "u1")
    corp.settle()
    corp.do("dismiss_group", chat_id=group)
    corp.hear()
    assert {row.leave_kind for row in Stay.objects.all()} == {"dismissed"}


def test_events_in_any_order_end_the_same(corp, group):
    external = join(corp, group, "u1")
    corp.clock.advance(seconds=5)
    corp.do("leave_group", chat_id=group, external_userid=external)
    corp.clock.advance(seconds=5)
    join(corp, group, "u1")
    corp.world.sent.reverse()
    corp.settle()
    rows = Stay.objects.filter(remote_id=external)
    assert [row.left_at for row in rows if row.left_at is None] == [None]


def test_who_leaves_and_comes_again_has_two_stays(corp, group):
    external = join(corp, group, "u1")
    corp.settle()
    corp.do("leave_group", chat_id=group, external_userid=external)
    corp.settle()
    corp.clock.advance(minutes=5)
    join(corp, group, "u1")
    corp.settle()
    assert Stay.objects.filter(remote_id=external).count() == 2


def test_days_count_who_joined_left_and_stayed(corp, group):
    for who in ("u1", "u2", "u3"):
        external = join(corp, group, who)
    corp.settle()
    corp.clock.advance(days=1)
    corp.do("leave_group", chat_id=group, external_userid=external)
    corp.settle()
    first, second = counting.days_of(SYSTEM, None, DAY, DAY + timedelta(days=1))
    assert (first.joined, first.left, first.members) == (3, 0, 3)
    assert (second.joined, second.left, second.members) == (0, 1, 2)
    with pytest.raises(Refused):
        counting.days_of(SYSTEM, None, DAY, DAY + timedelta(days=400))


def test_people_in_several_groups_are_listed_and_reminded(corp, group):
    other = corp.do("create_group", owner="an", name="福利群2")["chat_id"]
    befriend(corp, "u1")
    for chat in (group, other):
        join(corp, chat, "u1")
        join(corp, chat, "u2")
    join(corp, group, "u3")
    corp.settle()
    found = counting.list_duplicates(SYSTEM).items
    assert counting.count_duplicates(SYSTEM) == 2
    assert {tuple(name for _, name, _ in one.groups) for one in found} == {("福利群1", "福利群2")}
    assert {one.customer_id is None for one in found} == {True, False}
    page = counting.list_duplicates(SYSTEM, None, 1)
    rest = counting.list_duplicates(SYSTEM, page.next_cursor, 1)
    assert {page.items[0].remote_id, rest.items[0].remote_id} == {one.remote_id for one in found}
    text = "您已加入 {{ groups }}, 请留一个"
    assert actions.remind_duplicates(SYSTEM, text, now=corp.clock.now()) == 1
    assert actions.remind_duplicates(SYSTEM, text, now=corp.clock.now()) == 0
    Touch.objects.update(state=TouchState.EXPIRED)
    corp.clock.advance(days=7)
    assert actions.remind_duplicates(SYSTEM, text, now=corp.clock.now()) == 1
    Touch.objects.filter(state=TouchState.PLANNED).update(state=TouchState.DELIVERED)
    corp.clock.advance(days=29)
    assert actions.remind_duplicates(SYSTEM, text, now=corp.clock.now()) == 0
    corp.clock.advance(days=2)
    assert actions.remind_duplicates(SYSTEM, text, now=corp.clock.now()) == 1


def test_the_platform_s_own_counts_are_fetched_once(corp, group):
    external = join(corp, group, "u1")
    corp.do("speak_in_group", chat_id=group, userid=external, messages=7)
    corp.settle()
    corp.clock.advance(days=1)
    while counting.count_owners(corp.clock.now()):
        pass
    day = counting.owner_days(SYSTEM, DAY, DAY)[0]
    assert (day.owner, day.members, day.speakers, day.messages) == ("mei", 1, 1, 7)
    calls = corp.do("calls")
    assert not counting.count_owners(corp.clock.now())
    assert corp.do("calls") == calls


def test_labels_filter_the_list(corp, group):
    found = view(corp, group)
    actions.label_groups(SYSTEM, [found.id], add=["门店", "上海"], now=corp.clock.now())
    actions.label_groups(SYSTEM, [found.id], remove=["上海"], now=corp.clock.now())
    assert queries.list_labels(SYSTEM) == [("门店", 1)]
    for label, count in (("门店", 1), ("上海", 0)):
        assert queries.count_groups(SYSTEM, GroupFilter(label=label)) == count
    with pytest.raises(Refused):
        actions.label_groups(SYSTEM, [found.id], add=[" "], now=corp.clock.now())


def test_welcome_words_are_made_at_the_platform_first(corp, group):
    made = actions.save_welcome(
        SYSTEM,
        account=corp.account,
        name="新群",
        text="欢迎",
        owners=["mei"],
        now=corp.clock.now(),
    )
    assert queries.list_welcomes(SYSTEM) == [made]
    actions.delete_welcome(SYSTEM, made.id, now=corp.clock.now())
    assert queries.list_welcomes(SYSTEM) == []
    with pytest.raises(Refused):
        actions.save_welcome(SYSTEM, account=corp.account, name="空", text="", now=corp.clock.now())


def test_a_guide_sees_the_groups_he_is_in(corp, group, mei):
    hers = view(corp, group).id
    other = corp.do("create_group", owner="an", name="别人的群")["chat_id"]
    corp.settle()
    assert [one.id for one in queries.list_groups(mei, now=corp.clock.now()).items] == [hers]
    with pytest.raises(NotFound):
        queries.get_group(mei, view(corp, other).id, now=corp.clock.now())


def test_erasure_leaves_nothing_of_a_person(corp, group):
    external = befriend(corp, "u1")
    join(corp, group, "u1")
    corp.settle()
    row = Stay.objects.get(remote_id=external)
    actions.forget_identities(identities(row))
    assert not Stay.objects.filter(remote_id=external).exists()


def test_an_erased_member_is_not_written_down_again(corp, group):
    external = befriend(corp, "u1")
    join(corp, group, "u1")
    corp.settle()
    row = Stay.objects.get(remote_id=external)
    ids = identities(row)
    pool.erase_customer(SYSTEM, row.customer_id or 0, now=corp.clock.now())
    actions.forget_identities(ids)
    corp.clock.advance(minutes=5)
    actions.refresh_group(SYSTEM, view(corp, group).id, now=corp.clock.now())
    corp.settle()
    assert not Stay.objects.filter(remote_id=external).exists()
    assert view(corp, group).members == 3


def test_a_blocked_account_waits_and_a_broken_one_says_why(corp, group):
    corp.do("knobs", blocked_ip="198.51.100.7")
    actions.refresh_group(SYSTEM, view(corp, group).id, now=corp.clock.now())
    corp.settle()
    assert "可信 IP" in view(corp, group).error
    corp.do("knobs", blocked_ip="")
    corp.clock.advance(minutes=6)
    corp.settle()
    assert view(corp, group).error == ""
