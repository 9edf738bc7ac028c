"""Comparing a group with what was known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.groups.rules import LAG, compare
from siyu.ports.groups import RemoteMember

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)


@dataclass
class Stay:
    remote_id: str
    joined_at: datetime
    left_at: datetime | None = None


def member(who, minute):
    return RemoteMember(remote_id=who, is_staff=False, joined_at=NOW - timedelta(minutes=minute))


def stay(who, minute, left=None):
    at = None if left is None else NOW - timedelta(seconds=left)
    return Stay(who, NOW - timedelta(minutes=minute), at)


def test_who_is_shown_and_not_known_is_new():
    assert compare([], [member("a", 9)], NOW).new == [member("a", 9)]


def test_who_is_known_and_not_shown_is_gone():
    found = compare([stay("a", 9)], [], NOW)
    assert [one.remote_id for one in found.gone] == ["a"]


def test_who_came_again_left_in_between():
    found = compare([stay("a", 9)], [member("a", 1)], NOW)
    assert (len(found.new), len(found.gone)) == (1, 1)


def test_details_that_lag_do_not_bring_anybody_back():
    assert compare([stay("a", 9, left=5)], [member("a", 9)], NOW).back == []
    late = LAG.total_seconds() + 1
    assert len(compare([stay("a", 9, left=late)], [member("a", 9)], NOW).back) == 1


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sets(st.tuples(st.sampled_from("abcde"), st.integers(1, 5))),
    st.sets(st.tuples(st.sampled_from("abcde"), st.integers(1, 5))),
)
def test_after_a_comparison_the_open_stays_are_those_shown(known, shown):
    stays = [stay(who, minute) for who, minute in known]
    found = compare(stays, [member(who, minute) for who, minute in shown], NOW)
    gone = {(one.remote_id, one.joined_at) for one in found.gone}
    open_ = {(one.remote_id, one.joined_at) for one in stays} - gone
    open_ |= {(one.remote_id, one.joined_at) for one in found.new}
    assert open_ == {(who, NOW - timedelta(minutes=minute)) for who, minute in shown}
