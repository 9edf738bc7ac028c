"""Tags go both ways, the last word wins, and our own echo is not taken for somebody's word."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM
from siyu.guides import queries as guides
from siyu.pool import tagging
from siyu.writeback import actions, queries
from siyu.writeback.tests.brand import ACCOUNT

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_a_tag_put_on_here_goes_to_every_friend_and_comes_off_again(brand):
    brand.group("意向")
    hot = brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.befriend("小王", "lan")
    brand.put_on("小王", hot)
    brand.write()
    assert brand.at_platform("小王") == brand.at_platform("小王", "lan") == {"高意向"}
    brand.clock.advance(minutes=1)
    brand.take_off("小王", hot)
    brand.write()
    assert brand.at_platform("小王") == brand.at_platform("小王", "lan") == set()


def test_a_tag_of_a_group_that_is_not_switched_on_stays_here(brand):
    brand.group("内部", is_on=False)
    brand.befriend("小王")
    brand.put_on("小王", brand.tag("内部", "难缠"))
    brand.write()
    assert brand.at_platform("小王") == set()


def test_a_tag_marked_there_comes_in_and_is_not_sent_to_others(brand):
    brand.group("意向")
    brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.befriend("小王", "lan")
    brand.do("make_tags", group="意向", names=["高意向"])
    brand.mark_there("小王", add=("意向/高意向",))
    brand.hear()
    brand.write()
    assert brand.carried("小王") == {"高意向"}
    assert brand.at_platform("小王", "lan") == set()


def test_our_echo_is_not_a_word_of_staff(brand):
    """After a rule takes its tag off, it goes at the platform, too, pull or no pull."""
    brand.group("意向")
    hot = brand.tag("意向", "高意向")
    who = brand.befriend("小王")
    tagging.add_tags(SYSTEM, [who], [hot], origin="rule", now=brand.clock.now())
    brand.write()
    brand.clock.advance(minutes=5)
    brand.pull()
    brand.clock.advance(minutes=5)
    tagging.take_tags([who], hot, origins=["rule"], now=brand.clock.now())
    brand.write()
    assert (brand.carried("小王"), brand.at_platform("小王")) == (set(), set())


def test_what_staff_take_off_later_is_taken_off_here(brand):
    brand.group("意向")
    hot = brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.put_on("小王", hot)
    brand.write()
    brand.clock.advance(minutes=5)
    brand.mark_there("小王", remove=("意向/高意向",))
    brand.hear()
    brand.write()
    assert (brand.carried("小王"), brand.at_platform("小王")) == (set(), set())


def test_what_we_put_on_after_staff_took_it_off_stays(brand):
    brand.group("意向")
    hot = brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.put_on("小王", hot)
    brand.write()
    brand.clock.advance(minutes=5)
    brand.mark_there("小王", remove=("意向/高意向",))
    brand.hear()
    brand.clock.advance(minutes=5)
    brand.put_on("小王", hot)
    brand.write()
    assert (brand.carried("小王"), brand.at_platform("小王")) == ({"高意向"}, {"高意向"})


def test_switching_on_compares_everybody_who_carries_a_tag(brand):
    group = brand.group("意向", is_on=False)
    hot = brand.tag("意向", "高意向")
    for name in ("小王", "小李"):
        brand.befriend(name)
        brand.put_on(name, hot)
    brand.write()
    actions.switch_group(SYSTEM, ACCOUNT, group, is_on=True, now=brand.clock.now())
    brand.write()
    assert brand.at_platform("小王") == brand.at_platform("小李") == {"高意向"}
    (state,) = queries.list_group_states(SYSTEM)
    assert (state.is_walking, state.written, state.waiting, state.refused) == (False, 2, 0, 0)


def test_a_new_friend_of_a_tagged_customer_gets_the_tag(brand):
    brand.group("意向")
    hot = brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.put_on("小王", hot)
    brand.write()
    brand.befriend("小王", "lan")
    brand.write()
    assert brand.at_platform("小王", "lan") == {"高意向"}


def test_who_is_a_friend_no_more_is_refused_with_the_reason_and_tried_again_by_hand(brand):
    group = brand.group("意向")
    hot = brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.do("delete_friend", **_who(brand), by="customer")
    brand.world.outbox.clear()
    brand.put_on("小王", hot)
    brand.write()
    (state,) = queries.list_group_states(SYSTEM)
    assert (state.refused, state.reasons[0][1]) == (1, 1)
    assert "84061" in state.reasons[0][0]
    brand.do("add_friend", userid="mei", unionid="u-小王", name="小王")
    assert actions.retry_group(SYSTEM, ACCOUNT, group, now=brand.clock.now()) == 1
    brand.write()
    assert brand.at_platform("小王") == {"高意向"}


def test_a_busy_platform_is_asked_again_later(brand):
    brand.group("意向")
    hot = brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.world.change_bad_days({"busy": 1.0})
    brand.put_on("小王", hot)
    brand.write()
    assert queries.list_group_states(SYSTEM)[0].waiting == 1
    brand.world.change_bad_days({"busy": 0.0})
    brand.clock.advance(minutes=1)
    brand.write()
    assert brand.at_platform("小王") == {"高意向"}


def test_a_pull_learns_names_and_follows_a_renaming(brand):
    brand.do("make_tags", group="渠道", names=["海报", "门店"])
    brand.pull()
    names = {row.name for group in _groups() for row in group.tags}
    assert names == {"海报", "门店"}
    brand.clock.advance(hours=1)
    brand.do("rename_tag", group="渠道", name="海报", to="海报2026")
    brand.pull()
    names = {row.name for group in _groups() for row in group.tags}
    assert names == {"海报2026", "门店"}


def test_a_tag_made_there_is_known_within_a_minute_by_one_call(brand):
    brand.pull()
    brand.do("make_tags", group="渠道", names=["海报"])
    calls = sum(brand.do("calls").values())
    brand.hear()
    assert _groups() == []
    brand.clock.advance(seconds=31)
    brand.work()
    assert [row.name for group in _groups() for row in group.tags] == ["海报"]
    assert sum(brand.do("calls").values()) == calls + 1


def test_a_member_of_staff_who_is_renamed_is_read_again(brand):
    brand.pull()
    brand.do("update_staff", userid="mei", name="梅店长")
    brand.hear()
    brand.clock.advance(seconds=31)
    brand.work()
    names = {one.staff: one.name for one in guides.list_staff_names(SYSTEM)}
    assert names["mei"] == "梅店长"


def _groups():
    from siyu.pool import tag_groups

    return tag_groups.list_groups(SYSTEM)


def _who(brand) -> dict[str, str]:
    return {"external_userid": brand.people["小王"]["external_userid"], "userid": "mei"}
