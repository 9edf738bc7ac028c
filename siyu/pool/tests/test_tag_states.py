"""Tag groups, exclusive tags, expiry, merging, and tags for many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.core.access import SYSTEM, Actor, Role
from siyu.core.models import AuditEntry
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.pool import actions, queries, tag_batches, tag_groups, tagging
from siyu.pool.models import CustomerTag, Edge, Tag, TagGroup
from siyu.pool.tag_groups import GroupDraft, TagDraft
from siyu.pool.tag_states import Carried, Policies, judge
from siyu.pool.tests.people import fact, feed, unionid, user, who
from siyu.pool.types import CustomerFilter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
GUIDE = Actor("mei", Role.GUIDE, "mei")


@pytest.fixture
def users():
    """Who uses tags, put back afterwards."""
    before = list(tagging._users)
    tagging._users.clear()
    yield tagging
    tagging._users[:] = before


def someone(clock, *people: Any) -> int:
    return who(feed(clock, fact(*(people or (unionid("u1"),)), at=to_ms(clock.now())))[0])


def tag(clock, group: str, name: str) -> int:
    return actions.ensure_tag(SYSTEM, group, name, now=clock.now())


def exclusive(clock, *names: str) -> list[int]:
    ids = [tag(clock, "会员", name) for name in names]
    group = TagGroup.objects.get(name="会员")
    tag_groups.update_group(
        SYSTEM, group.pk, GroupDraft("会员", is_exclusive=True), now=clock.now()
    )
    settle()
    return ids


def settle() -> None:
    while actions.work_on_tags():
        pass


def put(clock, customer: int, tag_id: int, origin: str = "manual") -> None:
    clock.advance(seconds=1)
    actions.hang_tags([(tag_id, [customer], origin)], now=clock.now(), source=f"{origin}:1")


def names(customer: int) -> list[str]:
    return [row.name for row in queries.get_customer(SYSTEM, customer).row.tags]


def test_of_an_exclusive_group_the_last_by_time_shows(clock):
    silver, gold = exclusive(clock, "银卡", "金卡")
    customer = someone(clock)
    put(clock, customer, silver)
    put(clock, customer, gold, "rule")
    assert names(customer) == ["金卡"]
    put(clock, customer, silver)
    assert names(customer) == ["银卡"]


def test_becoming_exclusive_settles_all_and_ending_it_gives_all_back(clock):
    customer = someone(clock)
    for name in ("银卡", "金卡"):
        put(clock, customer, tag(clock, "会员", name))
    exclusive(clock)
    assert names(customer) == ["金卡"]
    group = TagGroup.objects.get(name="会员")
    tag_groups.update_group(SYSTEM, group.pk, GroupDraft("会员"), now=clock.now())
    settle()
    assert sorted(names(customer)) == ["金卡", "银卡"]


def test_what_was_replaced_does_not_come_back_when_the_new_one_is_taken_off(clock, lin):
    silver, gold = exclusive(clock, "银卡", "金卡")
    customer = someone(clock)
    put(clock, customer, silver)
    put(clock, customer, gold)
    actions.remove_tags(lin, [customer], [gold], now=clock.now())
    assert names(customer) == []


def test_merge_shows_one_and_unmerge_gives_back_both(clock, lin):
    silver, gold = exclusive(clock, "银卡", "金卡")
    one, other = someone(clock), someone(clock, user("m1"))
    put(clock, one, silver)
    put(clock, other, gold)
    survivor = actions.merge_customers(lin, one, other, reason="同一人", now=clock.now())
    assert names(survivor) == ["金卡"]
    actions.retract_edge(lin, Edge.objects.get().pk, reason="认错", now=clock.now())
    assert (names(one), names(other)) == (["银卡"], ["金卡"])


def test_tags_expire_by_the_clock_and_putting_them_on_again_renews(clock):
    hot = tag(clock, "意向", "高意向")
    change(clock, hot, expires_days=7)
    settle()
    customer = someone(clock)
    put(clock, customer, hot)
    clock.advance(days=6)
    put(clock, customer, hot)
    clock.advance(days=6)
    assert actions.work_on_tags() is False
    assert names(customer) == ["高意向"]
    clock.advance(days=1, seconds=1)
    assert actions.work_on_tags() is True
    assert names(customer) == []
    assert queries.count_customers(SYSTEM, CustomerFilter(tag_id=hot)) == 0
    put(clock, customer, hot)
    assert names(customer) == ["高意向"]


def test_a_tag_can_end_for_everybody_on_a_day(clock):
    sale = tag(clock, "活动", "双十一")
    customer = someone(clock)
    put(clock, customer, sale)
    change(clock, sale, expires_at=clock.now() + timedelta(days=2))
    settle()
    assert names(customer) == ["双十一"]
    clock.advance(days=3)
    settle()
    assert names(customer) == []


def change(clock, tag_id: int, **expiry: Any) -> None:
    row = Tag.objects.get(pk=tag_id)
    draft = TagDraft(row.name, row.group_id, **expiry)
    tag_groups.update_tag(SYSTEM, tag_id, draft, now=clock.now())


def test_a_rule_takes_off_its_own_and_never_what_a_person_or_platform_put_on(clock):
    vip = tag(clock, "会员", "VIP")
    customer = someone(clock)
    for origin in ("manual", "platform", "rule", "journey"):
        put(clock, customer, vip, origin)
    origins = ("rule", "manual", "platform")
    assert actions.take_tags([customer], vip, origins=origins, now=clock.now()) == 1
    left = CustomerTag.objects.values_list("origin", flat=True)
    assert sorted(left) == ["journey", "manual", "platform"]


def test_merging_tags_moves_everybody_and_what_platforms_call_it(clock, users):
    old, new = tag(clock, "会员", "贵宾"), tag(clock, "会员", "VIP")
    one, both = someone(clock), someone(clock, user("m1"))
    put(clock, one, old)
    for tag_id in (old, new):
        put(clock, both, tag_id)
    tag_groups.merge_tags(SYSTEM, old, new, now=clock.now())
    assert names(one) == names(both) == ["VIP"]
    assert actions.ensure_tag(SYSTEM, "会员", "贵宾", now=clock.now()) == new
    actions.set_tag_users(lambda _tag: ["沉睡客户"])
    with pytest.raises(Conflict) as refused:
        tag_groups.merge_tags(SYSTEM, new, tag(clock, "会员", "新"), now=clock.now())
    assert refused.value.code == "tag.used"
    with pytest.raises(Conflict):
        actions.archive_tag(SYSTEM, new, now=clock.now())


def test_groups_have_order_colour_and_unique_names(clock, lin):
    first = tag_groups.create_group(lin, GroupDraft("偏好", "#AA3355"), now=clock.now())
    second = tag_groups.create_group(lin, GroupDraft("来源"), now=clock.now())
    tag_groups.order_groups(lin, [second, first], now=clock.now())
    assert [group.name for group in tag_groups.list_groups(lin)] == ["来源", "偏好"]
    assert tag_groups.list_groups(lin)[1].color == "#aa3355"
    for draft, code in (
        (GroupDraft("来源"), "tag_group.taken"),
        (GroupDraft("x", "red"), "tag_group.color"),
        (GroupDraft(" "), "tag.name"),
    ):
        with pytest.raises(Refused) as refused:
            tag_groups.update_group(lin, first, draft, now=clock.now())
        assert refused.value.code == code
    tag(clock, "偏好", "花茶")
    with pytest.raises(Conflict):
        tag_groups.delete_group(lin, first, now=clock.now())
    tag_groups.delete_group(lin, second, now=clock.now())
    with pytest.raises(Forbidden):
        tag_groups.create_group(GUIDE, GroupDraft("x"), now=clock.now())
    with pytest.raises(NotFound):
        tag_groups.order_groups(lin, [999], now=clock.now())


@pytest.mark.parametrize(
    ("expiry", "code"),
    [
        ({"expires_days": 0}, "tag.expires_days"),
        ({"expires_days": 4000}, "tag.expires_days"),
    ],
)
def test_bad_expiry_is_refused(clock, expiry, code):
    with pytest.raises(Refused) as refused:
        change(clock, tag(clock, "会员", "VIP"), **expiry)
    assert refused.value.code == code
    with pytest.raises(Refused):
        change(clock, tag(clock, "会员", "VIP"), expires_days=1, expires_at=clock.now())


def test_a_batch_counts_before_puts_on_and_is_taken_back(clock, lin, users):
    vip = tag(clock, "会员", "VIP")
    people = [someone(clock, user(f"m{number}")) for number in range(7)]
    put(clock, people[0], vip)
    everybody = CustomerFilter()
    assert tag_batches.preview_batch(lin, everybody, [vip]) == (7, 1)
    batch = tag_batches.start_batch(lin, everybody, [vip], is_removal=False, now=clock.now())
    settle()
    assert queries.count_customers(lin, CustomerFilter(tag_id=vip)) == 7
    [row] = tag_batches.list_batches(lin)
    assert (row.state, row.done, row.wanted) == ("done", 7, 7)
    tag_batches.undo_batch(lin, batch, now=clock.now())
    settle()
    assert queries.count_customers(lin, CustomerFilter(tag_id=vip)) == 1
    assert tag_batches.list_batches(lin)[0].state == "undone"
    verbs = AuditEntry.objects.order_by("id").values_list("verb", flat=True)
    assert [verb for verb in verbs if "batch" in verb] == ["tag_batch", "undo_tag_batch"]
    with pytest.raises(Conflict):
        tag_batches.undo_batch(lin, batch, now=clock.now())


def test_a_batch_that_takes_off_gives_everything_back_after_a_merge_too(clock, lin):
    vip = tag(clock, "会员", "VIP")
    one, other = someone(clock), someone(clock, user("m1"))
    put(clock, one, vip, "platform")
    put(clock, other, vip)
    before = sorted(CustomerTag.objects.values_list("identity_id", "origin", "source", "at"))
    wanted = CustomerFilter(tag_id=vip)
    batch = tag_batches.start_batch(lin, wanted, [vip], is_removal=True, now=clock.now())
    settle()
    assert not CustomerTag.objects.exists()
    survivor = actions.merge_customers(lin, one, other, reason="同一人", now=clock.now())
    tag_batches.undo_batch(lin, batch, now=clock.now())
    settle()
    after = sorted(CustomerTag.objects.values_list("identity_id", "origin", "source", "at"))
    assert after == before
    assert set(CustomerTag.objects.values_list("customer_id", flat=True)) == {survivor}


def test_who_may_and_what_a_batch_needs(clock, lin):
    vip = tag(clock, "会员", "VIP")
    with pytest.raises(Forbidden):
        tag_batches.preview_batch(GUIDE, CustomerFilter(), [vip])
    with pytest.raises(Refused):
        tag_batches.preview_batch(lin, CustomerFilter(), [])
    with pytest.raises(NotFound):
        tag_batches.preview_batch(lin, CustomerFilter(), [999])


ROWS = st.lists(
    st.builds(
        Carried,
        st.integers(1, 10**6),
        st.integers(1, 2),
        st.integers(1, 4),
        st.booleans(),
        st.integers(0, 5 * 86_400_000),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda row: row.id,
)


@given(ROWS, st.integers(0, 9 * 86_400_000), st.randoms())
def test_what_shows_depends_on_rows_and_time_alone(rows, now, random):
    policies = Policies(days={1: 1, 3: 2}, ends={2: 4 * 86_400_000}, groups={1: 7, 2: 7, 3: 7})
    mixed = list(rows)
    random.shuffle(mixed)
    shows = judge(rows, policies, now)
    assert judge(mixed, policies, now) == shows
    showing = {(r.customer_id, r.tag_id) for r in rows if shows[r.id] and r.tag_id < 4}
    assert len(showing) == len({customer for customer, _ in showing})
