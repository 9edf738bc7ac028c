"""A rule follows its segment: entries, exits, first run, pause, loops, merges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.core.access import SYSTEM, Actor, Role
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.lake import mirror
from siyu.pool import actions as pool
from siyu.pool import belongings
from siyu.pool import queries as pool_queries
from siyu.pool.lake_tables import TABLES
from siyu.pool.tests.people import fact, feed, unionid, user, who
from siyu.pool.types import CustomerFilter, OrderTotals
from siyu.segments import actions as segments
from siyu.segments import membership
from siyu.tag_rules import actions, queries
from siyu.tag_rules.models import TagRule
from siyu.tag_rules.rules import is_circular
from siyu.tag_rules.types import RuleDraft

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time", "wired")]
BOUGHT = {"op": "trait", "field": "order_count", "cmp": "gte", "value": 1}


@pytest.fixture
def wired():
    """The slices connected as `site` connects them, put back afterwards."""
    kept: list[list[Any]] = [
        membership._listeners,
        belongings._callbacks,
        belongings._watchers,
    ]
    before = [list(one) for one in kept]
    tables = mirror.list_tables()
    for table in TABLES:
        mirror.register(table)
    membership._listeners[:] = [actions.hear]
    belongings.on_move(segments.on_customers_moved)
    belongings.on_move(actions.on_customers_moved)
    belongings._watchers[:] = [lambda people, _now: segments.touch(people)]
    yield
    for one, former in zip(kept, before, strict=True):
        one[:] = former
    for shown in mirror.list_tables():
        mirror.unregister(shown.name)
    for shown in tables:
        mirror.register(shown)


def someone(clock, *people: Any) -> int:
    return who(feed(clock, fact(*(people or (unionid("u1"),)), at=to_ms(clock.now())))[0])


def buy(clock, customer: int, count: int = 1) -> None:
    totals = OrderTotals(customer, count, 0, 100 * count, clock.now(), clock.now())
    pool.set_order_totals([totals])
    segments.touch([customer])


def live() -> None:
    while segments.live():
        pass


def segment(clock, name: str, node: Any) -> int:
    return segments.create_segment(SYSTEM, name, {"version": 1, "root": node}, now=clock.now())


def rule(clock, segment_id: int, tag_id: int, action: str = "both") -> int:
    draft = RuleDraft("规则", segment_id, tag_id, action)
    return actions.create_rule(SYSTEM, draft, now=clock.now())


def catch_up() -> None:
    while actions.work_on_rules():
        pass


def tag(clock, name: str = "买家") -> int:
    return pool.ensure_tag(SYSTEM, "规则", name, now=clock.now())


def carrying(tag_id: int) -> set[int]:
    page = pool_queries.list_customers(SYSTEM, CustomerFilter(tag_id=tag_id))
    return {row.id for row in page.items}


def test_members_get_the_tag_at_once_and_lose_it_when_they_leave(clock):
    one, two, three = (someone(clock, user(f"m{n}")) for n in range(3))
    buy(clock, one)
    bought, buyer = segment(clock, "买过", BOUGHT), tag(clock)
    assert queries.preview(SYSTEM, bought, buyer).adding == 1
    number = rule(clock, bought, buyer)
    assert queries.list_rules(SYSTEM)[0].progress == 0
    catch_up()
    [row] = queries.list_rules(SYSTEM)
    assert (carrying(buyer), row.carriers, row.progress) == ({one}, 1, None)
    buy(clock, two)
    live()
    assert carrying(buyer) == {one, two}
    buy(clock, one, 0)
    live()
    assert carrying(buyer) == {two}
    assert three not in carrying(buyer)
    assert TagRule.objects.get(pk=number).sync_total == 1


def test_a_tag_by_hand_stays_when_the_rule_lets_go(clock, lin):
    one = someone(clock)
    buy(clock, one)
    bought, buyer = segment(clock, "买过", BOUGHT), tag(clock)
    rule(clock, bought, buyer)
    catch_up()
    pool.add_tags(lin, [one], [buyer], origin="manual", now=clock.now())
    buy(clock, one, 0)
    live()
    assert carrying(buyer) == {one}


def test_two_rules_with_one_tag_do_not_take_it_from_each_other(clock):
    one = someone(clock)
    buy(clock, one)
    buyer = tag(clock)
    bought = segment(clock, "买过", BOUGHT)
    seen = segment(
        clock, "有阶段", {"op": "trait", "field": "order_count", "cmp": "gte", "value": 0}
    )
    for segment_id in (bought, seen):
        rule(clock, segment_id, buyer)
    catch_up()
    buy(clock, one, 0)
    live()
    assert carrying(buyer) == {one}


def test_only_add_and_only_remove(clock, lin):
    one, two = someone(clock), someone(clock, user("m1"))
    buy(clock, one)
    bought, buyer, lost = segment(clock, "买过", BOUGHT), tag(clock), tag(clock, "将失")
    rule(clock, bought, buyer, "add")
    rule(clock, bought, lost, "remove")
    catch_up()
    assert (carrying(buyer), carrying(lost)) == ({one}, set())
    pool.hang_tags([(lost, [one], "journey")], now=clock.now())
    pool.add_tags(lin, [two], [lost], origin="manual", now=clock.now())
    buy(clock, two)
    live()
    for customer in (one, two):
        buy(clock, customer, 0)
    live()
    assert (carrying(buyer), carrying(lost)) == ({one, two}, {two})


def test_a_pause_holds_and_going_on_catches_up(clock):
    one, two = someone(clock), someone(clock, user("m1"))
    buy(clock, one)
    bought, buyer = segment(clock, "买过", BOUGHT), tag(clock)
    number = rule(clock, bought, buyer)
    catch_up()
    actions.pause_rule(SYSTEM, number, now=clock.now())
    buy(clock, one, 0)
    buy(clock, two)
    live()
    assert carrying(buyer) == {one}
    actions.resume_rule(SYSTEM, number, now=clock.now())
    catch_up()
    assert carrying(buyer) == {two}


def test_loops_are_refused_direct_through_segments_and_through_rules(clock):
    a, b = tag(clock, "甲"), tag(clock, "乙")
    has_a = segment(clock, "有甲", {"op": "tag", "tag_id": a})
    around = segment(clock, "转一道", {"op": "segment", "segment_id": has_a})
    for segment_id in (has_a, around):
        with pytest.raises(Conflict) as refused:
            rule(clock, segment_id, a)
        assert refused.value.code == "tag_rule.loop"
    rule(clock, has_a, b)
    has_b = segment(clock, "有乙", {"op": "not", "children": [{"op": "tag", "tag_id": b}]})
    with pytest.raises(Conflict):
        rule(clock, has_b, a)


def test_a_segment_that_comes_to_loop_pauses_the_rule(clock):
    one = someone(clock)
    bought, buyer = segment(clock, "买过", BOUGHT), tag(clock)
    number = rule(clock, bought, buyer)
    catch_up()
    node = {"op": "or", "children": [BOUGHT, {"op": "tag", "tag_id": buyer}]}
    segments.update_segment(SYSTEM, bought, "买过", {"version": 1, "root": node}, now=clock.now())
    buy(clock, one)
    live()
    assert (carrying(buyer), TagRule.objects.get(pk=number).pause_reason) == (set(), "loop")
    with pytest.raises(Conflict):
        actions.resume_rule(SYSTEM, number, now=clock.now())


def test_merges_and_splits_leave_the_tag_with_the_members(clock, lin):
    one, two = someone(clock), someone(clock, user("m1"))
    buy(clock, two)
    bought, buyer = segment(clock, "买过", BOUGHT), tag(clock)
    rule(clock, bought, buyer)
    catch_up()
    live()
    survivor = pool.merge_customers(lin, one, two, reason="同一人", now=clock.now())
    buy(clock, survivor)
    live()
    assert carrying(buyer) == {survivor}


def test_what_a_rule_needs_and_who_may(clock):
    bought, buyer = segment(clock, "买过", BOUGHT), tag(clock)
    with pytest.raises(NotFound):
        rule(clock, bought, 999)
    with pytest.raises(NotFound):
        rule(clock, 999, buyer)
    with pytest.raises(Refused):
        rule(clock, bought, buyer, "dance")
    guide = Actor("mei", Role.GUIDE, "mei")
    with pytest.raises(Forbidden):
        actions.create_rule(guide, RuleDraft("x", bought, buyer, "add"), now=clock.now())
    number = rule(clock, bought, buyer)
    assert queries.users_of_tag(buyer) == ["规则"]
    actions.archive_rule(SYSTEM, number, now=clock.now())
    assert queries.list_rules(SYSTEM) == []
    assert queries.users_of_tag(buyer) == []


EDGES = st.tuples(st.frozensets(st.integers(1, 5), max_size=3), st.integers(1, 5))


@given(EDGES, st.lists(EDGES, max_size=6))
def test_a_rule_is_circular_exactly_when_its_tag_can_reach_its_segment(rule_, others):
    reads, writes = rule_
    reach = {writes}
    for _ in range(6):
        reach |= {target for sources, target in others if sources & reach}
    assert is_circular(rule_, others) == bool(reach & reads)
