"""Lanes are fair, put the urgent first, and leave a sick account alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from siyu.reach.lanes import FULL, Batch, Lanes

LANE = ("a", "ch")


def batch(account: str, campaign: str, number: int, *, is_urgent: bool = False) -> Batch:
    return Batch(account, "ch", "mei", campaign, (number,), "lease", is_urgent)


def order(lanes: Lanes) -> list[int]:
    taken = []
    while batches := lanes.take(timeout=0):
        (found,) = batches
        taken.append(found.touch_ids[0])
        lanes.done(found.lane, is_healthy=True)
    return taken


def test_campaigns_of_an_account_take_turns(clock):
    lanes = Lanes(clock)
    for number in range(3):
        lanes.put(batch("a", "big", number))
    lanes.put(batch("a", "small", 9))
    assert order(lanes) == [0, 9, 1, 2]


def test_accounts_take_turns(clock):
    lanes = Lanes(clock)
    for number in range(3):
        lanes.put(batch("a", "x", number))
        lanes.put(batch("b", "x", number + 10))
    assert order(lanes) == [0, 10, 1, 11, 2, 12]


def test_urgent_goes_first(clock):
    lanes = Lanes(clock)
    lanes.put(batch("a", "x", 1))
    lanes.put(batch("b", "x", 2, is_urgent=True))
    assert order(lanes) == [2, 1]


def test_channels_of_an_account_take_turns_too(clock):
    lanes = Lanes(clock)
    for number in range(2):
        lanes.put(batch("a", "x", number))
        lanes.put(replace(batch("a", "x", number + 10), channel="other"))
    assert order(lanes) == [0, 10, 1, 11]


def test_an_account_has_so_many_calls_at_once(clock):
    lanes = Lanes(clock, slots=2)
    for number in range(3):
        lanes.put(batch("a", "x", number))
    assert [bool(lanes.take(timeout=0)) for _ in range(3)] == [True, True, False]


def fail(lanes: Lanes, number: int) -> None:
    lanes.put(batch("a", "x", number))
    assert lanes.take(timeout=0)
    lanes.done(LANE, is_healthy=False)


def test_five_failures_block_for_longer_each_time_but_never_a_minute(clock):
    lanes = Lanes(clock)
    pauses = []
    for number in range(9):
        fail(lanes, number)
        until = lanes.blocked_until(*LANE)
        if until is not None:
            pauses.append(until - clock.now())
            clock.set(until)
    assert pauses == [timedelta(seconds=seconds) for seconds in (10, 20, 40, 40, 40)]


def test_after_the_pause_one_call_tries_and_its_success_opens_the_lane(clock):
    lanes = Lanes(clock)
    for number in range(5):
        fail(lanes, number)
    clock.advance(seconds=11)
    for number in range(3):
        lanes.put(batch("a", "x", number))
    assert [len(lanes.take(timeout=0, most=4)) for _ in range(2)] == [1, 0]
    assert lanes.is_sick(LANE)
    assert lanes.done(LANE, is_healthy=True)
    assert not lanes.is_sick(LANE)
    assert [len(lanes.take(timeout=0)) for _ in range(2)] == [1, 1]


def test_another_channel_of_the_account_goes_on(clock):
    lanes = Lanes(clock)
    for number in range(5):
        fail(lanes, number)
    lanes.put(replace(batch("a", "x", 9), channel="other"))
    assert lanes.take(timeout=0)
    assert lanes.blocked() == [LANE]


def test_a_lane_that_is_full_takes_no_more_for_a_moment(clock):
    lanes = Lanes(clock)
    big = replace(batch("a", "x", 1), touch_ids=tuple(range(FULL)))
    lanes.put(big)
    assert lanes.blocked_until(*LANE) is None
    assert lanes.busy_until(*LANE) is not None
    assert lanes.take(timeout=0)
    assert lanes.busy_until(*LANE) is None


def test_blocked_account_gives_its_batches_back(clock):
    lanes = Lanes(clock)
    lanes.put(batch("a", "x", 1))
    lanes.block(LANE, clock.now() + timedelta(minutes=1))
    assert lanes.take(timeout=0) == []
    assert [found.touch_ids for found in lanes.withdraw(LANE)] == [(1,)]


def test_closing_ends_the_wait(clock):
    lanes = Lanes(clock)
    lanes.close()
    assert lanes.take() == []


def test_several_batches_of_one_account_share_a_slot(clock):
    lanes = Lanes(clock, slots=1)
    for number in range(3):
        lanes.put(batch("a", "x", number))
    assert len(lanes.take(timeout=0, most=2)) == 2
    assert lanes.take(timeout=0, most=2) == []
