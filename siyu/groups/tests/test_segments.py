"""Segments of group members follow who comes, leaves, and turns out to have stayed."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM, Actor, Role
from siyu.groups import actions, queries
from siyu.groups.lake_tables import TABLES as GROUP_TABLES
from siyu.groups.models import Stay
from siyu.groups.tests.stage import make_corp
from siyu.kernel.errors import Refused
from siyu.lake.tests.mirroring import mirrored
from siyu.pool import actions as pool
from siyu.pool import belongings
from siyu.pool.lake_tables import TABLES as POOL_TABLES
from siyu.segments import actions as segments
from siyu.segments import catalogue, fields
from siyu.segments import queries as segment_queries

LIN = Actor("lin", Role.OWNER)
STAGES = (pool.resolve, actions.hear, segments.hear)


@pytest.fixture
def corp(transactional_db, run_time, clock):
    belongings.register("groups_stay")
    watched = list(belongings._watchers)
    belongings.on_change(lambda who, _now: segments.touch(who))
    with mirrored(*POOL_TABLES, *GROUP_TABLES):
        yield make_corp(clock, STAGES)
    belongings._watchers[:] = watched


@pytest.fixture
def group(corp) -> str:
    """Mei's group, and somebody in it who is a customer."""
    chat = corp.do("create_group", owner="mei", name="福利群1", staff=["an"])["chat_id"]
    who = {"unionid": "u1", "name": "u1"}
    corp.do("add_friend", userid="mei", **who)
    corp.settle()
    corp.do("join_group", chat_id=chat, **who)
    corp.settle()
    return str(chat)


def _segment(corp, group_id: int) -> int:
    root = {"op": "in_group", "group_id": group_id}
    definition = {"version": 1, "root": root}
    return segments.create_segment(LIN, f"群{group_id}", definition, now=corp.clock.now())


def _members(segment: int) -> int:
    while segments.live():
        pass
    return len(segment_queries.member_ids(segment))


def test_who_joins_enters_and_who_leaves_goes(corp, group):
    ref = queries.refs_by_remote(corp.account, [group])[group]
    certain, any_group, other = (_segment(corp, one) for one in (ref.id, 0, ref.id + 1))
    assert [_members(one) for one in (certain, any_group, other)] == [1, 1, 0]
    who = Stay.objects.get(customer_id__isnull=False)
    told = segment_queries.explain(LIN, certain, who.customer_id or 0, now=corp.clock.now())
    assert (told.holds, told.label) == (True, f"在社群 #{ref.id} 里")
    corp.do("leave_group", chat_id=group, external_userid=who.remote_id)
    corp.settle()
    assert [_members(one) for one in (certain, any_group)] == [0, 0]


def test_who_was_thought_to_have_left_is_back(corp, group):
    segment = _segment(corp, 0)
    stay = Stay.objects.get(customer_id__isnull=False)
    Stay.objects.filter(pk=stay.pk).update(left_at=corp.clock.now(), is_leave_told=True)
    segments.touch([stay.customer_id or 0])
    assert _members(segment) == 0
    corp.clock.advance(hours=1)
    corp.do("join_group", chat_id=group, unionid="u2", name="u2")
    corp.settle()
    assert Stay.objects.get(pk=stay.pk).left_at is None
    assert _members(segment) == 1


def test_the_builder_offers_groups_by_name(corp, group):
    before = fields.set_group_names(queries.group_names)
    try:
        (offered,) = catalogue.build_catalogue(LIN)["groups"][-2]["fields"]
    finally:
        fields.set_group_names(before)
    assert [(one["zh"], one["value"] > 0) for one in offered["values"]] == [
        ("任一社群", False),
        ("福利群1", True),
    ]
    assert queries.group_names(SYSTEM)


def test_a_group_that_cannot_be_is_refused(corp):
    with pytest.raises(Refused, match="编号"):
        _segment(corp, -1)
