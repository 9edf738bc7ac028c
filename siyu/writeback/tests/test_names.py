"""Names go both ways: renamed or archived here, they change there; renamed there, here."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.pool import tag_groups, tagging
from siyu.pool.tag_groups import GroupDraft, TagDraft
from siyu.writeback import actions, queries
from siyu.writeback.tests.brand import ACCOUNT, CORP

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def marked(brand):
    """The tag 意向/高意向, written to the platform: (group's id, tag's id)."""
    group = brand.group("意向")
    tag = brand.tag("意向", "高意向")
    brand.befriend("小王")
    brand.put_on("小王", tag)
    brand.write()
    brand.clock.advance(minutes=1)
    return group, tag


def _rename(brand, tag: int, group: int, name: str) -> None:
    tag_groups.update_tag(SYSTEM, tag, TagDraft(name, group), now=brand.clock.now())


def _there(brand) -> dict[str, set[str]]:
    """The platform's own books: tags by group."""
    platform: Any = brand.world.sandboxes["wecom"]
    groups = platform._corps[CORP].groups.values()
    return {group.name: set(group.tags.values()) for group in groups}


def _here() -> dict[str, set[str]]:
    groups = tag_groups.list_groups(SYSTEM)
    return {group.name: {tag.name for tag in group.tags} for group in groups}


def _states() -> list[tuple[str, str, str]]:
    (group,) = queries.list_group_states(SYSTEM)
    return [(one.before, one.name, one.state) for one in group.names]


def _calls(brand, name: str) -> int:
    return sum(count for path, count in brand.do("calls").items() if name in path)


def test_a_tag_and_a_group_renamed_here_are_renamed_there_once(brand, marked):
    group, tag = marked
    _rename(brand, tag, group, "很想买")
    tag_groups.update_group(SYSTEM, group, GroupDraft("购买意向"), now=brand.clock.now())
    assert {state for _, _, state in _states()} == {"waiting"}
    brand.write()
    assert _there(brand) == _here() == {"购买意向": {"很想买"}}
    assert brand.at_platform("小王") == {"很想买"}
    assert sorted(_states()) == [("意向", "购买意向", ""), ("高意向", "很想买", "")]
    for _ in range(2):
        brand.clock.advance(hours=1)
        brand.pull()
        brand.write()
    assert (_there(brand), _here()) == ({"购买意向": {"很想买"}}, {"购买意向": {"很想买"}})
    assert _calls(brand, "edit_corp_tag") == 2


def test_two_renamings_in_a_row_are_one(brand, marked):
    group, tag = marked
    for name in ("想买", "很想买"):
        _rename(brand, tag, group, name)
    brand.write()
    assert _there(brand) == {"意向": {"很想买"}}
    assert _states() == [("高意向", "很想买", "")]
    assert _calls(brand, "edit_corp_tag") == 1


def test_an_archived_tag_is_deleted_there_and_stays_deleted(brand, marked):
    tagging.archive_tag(SYSTEM, marked[1], now=brand.clock.now())
    brand.write()
    assert (_there(brand), brand.at_platform("小王")) == ({}, set())
    brand.pull()
    brand.write()
    assert _here() == {"意向": set()}
    assert _calls(brand, "del_corp_tag") == 1


def test_a_tag_that_is_made_again_before_its_deletion_was_written_stays(brand, marked):
    tagging.archive_tag(SYSTEM, marked[1], now=brand.clock.now())
    assert brand.tag("意向", "高意向") == marked[1]
    brand.write()
    assert _there(brand) == {"意向": {"高意向"}}
    assert _calls(brand, "del_corp_tag") == 0


def test_a_name_given_there_meanwhile_stands(brand, marked):
    group, tag = marked
    _rename(brand, tag, group, "想买")
    brand.do("rename_tag", group="意向", name="高意向", to="必买")
    brand.write()
    assert _there(brand) == _here() == {"意向": {"必买"}}
    ((_, _, state),) = _states()
    assert state == "yielded"
    _rename(brand, tag, group, "想买")
    brand.write()
    assert _there(brand) == _here() == {"意向": {"想买"}}


def test_what_was_renamed_there_meanwhile_is_not_deleted(brand, marked):
    tagging.archive_tag(SYSTEM, marked[1], now=brand.clock.now())
    brand.do("rename_tag", group="意向", name="高意向", to="必买")
    brand.write()
    assert _there(brand) == _here() == {"意向": {"必买"}}


@pytest.mark.parametrize("is_deletion", [False, True])
def test_a_write_whose_answer_was_lost_is_looked_up_and_not_repeated(brand, marked, is_deletion):
    group, tag = marked
    if is_deletion:
        tagging.archive_tag(SYSTEM, tag, now=brand.clock.now())
    else:
        _rename(brand, tag, group, "想买")
    call = "del_corp_tag" if is_deletion else "edit_corp_tag"
    brand.world.change_bad_days({"reset": 1.0, "only": f"/wecom/cgi-bin/externalcontact/{call}"})
    brand.write()
    assert {state for _, _, state in _states()} == {"waiting"}
    brand.world.change_bad_days({"reset": 0.0})
    made = _calls(brand, call)
    brand.clock.advance(minutes=1)
    brand.write()
    assert {state for _, _, state in _states()} == {""}
    assert _there(brand) == ({} if is_deletion else {"意向": {"想买"}})
    assert made == _calls(brand, call) == 1


def test_a_name_given_here_after_one_whose_answer_was_lost_is_written(brand, marked):
    group, tag = marked
    _rename(brand, tag, group, "想买")
    only = "/wecom/cgi-bin/externalcontact/edit_corp_tag"
    brand.world.change_bad_days({"reset": 1.0, "only": only})
    brand.write()
    brand.world.change_bad_days({"reset": 0.0})
    _rename(brand, tag, group, "很想买")
    brand.write()
    assert _there(brand) == _here() == {"意向": {"很想买"}}


def test_a_tag_that_an_administrator_made_there_is_refused_with_the_reason(brand):
    brand.do("make_tags", group="渠道", names=["海报"])
    brand.pull()
    (group,) = tag_groups.list_groups(SYSTEM)
    actions.switch_group(SYSTEM, ACCOUNT, group.id, is_on=True, now=brand.clock.now())
    _rename(brand, group.tags[0].id, group.id, "大海报")
    brand.write()
    (state,) = queries.list_group_states(SYSTEM)
    assert [one.state for one in state.names] == ["refused"]
    assert "81011" in state.names[0].reason
    assert queries.count_refused(ACCOUNT) == 1
    assert actions.retry_group(SYSTEM, ACCOUNT, group.id, now=brand.clock.now()) == 1
    brand.pull()
    assert (_here(), _there(brand)) == ({"渠道": {"大海报"}}, {"渠道": {"海报"}})


def test_a_name_too_long_for_the_platform_is_refused_without_a_call(brand, marked):
    group, tag = marked
    _rename(brand, tag, group, "长" * 31)
    brand.write()
    assert [state for _, _, state in _states()] == ["refused"]
    assert _calls(brand, "edit_corp_tag") == 0


def test_renamed_in_a_group_that_is_not_kept_equal_both_names_stay(brand):
    brand.do("make_tags", group="渠道", names=["海报"])
    brand.pull()
    (group,) = tag_groups.list_groups(SYSTEM)
    _rename(brand, group.tags[0].id, group.id, "大海报")
    brand.clock.advance(hours=1)
    brand.pull()
    brand.write()
    assert (_here(), _there(brand)) == ({"渠道": {"大海报"}}, {"渠道": {"海报"}})


def test_names_changed_there_arrive_by_their_callback_with_the_switch(brand, marked):
    group, tag = marked
    brand.do("rename_tag", group="意向", name="高意向", to="必买")
    brand.do("rename_tag_group", group="意向", to="购买意向")
    brand.hear()
    brand.clock.advance(seconds=31)
    brand.work()
    assert _here() == {"购买意向": {"必买"}}
    (found,) = tag_groups.list_groups(SYSTEM)
    assert (found.id, found.tags[0].id) == (group, tag)
    brand.take_off("小王", tag)
    brand.write()
    assert brand.at_platform("小王") == set()
