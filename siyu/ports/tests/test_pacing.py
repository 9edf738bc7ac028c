from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import WaitUntil
from siyu.ports.pacing import Pacer, Rate

NOON = datetime(2026, 11, 11, 12, 0, 30, tzinfo=UTC)


def make(clock: FakeClock, **limits: int) -> Pacer:
    return Pacer([Rate(api="*", valid_from="2026-01-01", source="test", **limits)], clock)


def call(pacer: Pacer, api: str = "a") -> None:
    with pacer.turn(api):
        pass


def test_a_minute_s_calls_are_not_exceeded_and_the_next_minute_is_new():
    clock = FakeClock(NOON)
    pacer = make(clock, minute=2)
    call(pacer)
    call(pacer)
    with pytest.raises(WaitUntil) as caught:
        call(pacer)
    assert caught.value.until == datetime(2026, 11, 11, 12, 1, tzinfo=UTC)
    call(pacer, "b")
    clock.set(caught.value.until)
    call(pacer)


def test_an_hour_s_calls_are_not_exceeded_over_minutes():
    clock = FakeClock(NOON)
    pacer = make(clock, minute=2, hour=3)
    call(pacer)
    call(pacer)
    clock.advance(minutes=1)
    call(pacer)
    assert pacer.left_this_hour("a") == 0
    with pytest.raises(WaitUntil) as caught:
        call(pacer)
    assert caught.value.until == datetime(2026, 11, 11, 13, 0, tzinfo=UTC)


def test_never_more_at_a_time_than_allowed():
    pacer = make(FakeClock(NOON), concurrent=3)
    lock, most, inside = threading.Lock(), [0], [0]

    def work() -> None:
        with pacer.turn("a"):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            threading.Event().wait(0.01)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 3


def test_without_a_rate_nothing_is_counted():
    pacer = Pacer([], FakeClock(NOON))
    call(pacer)
    assert pacer.left_this_hour("a") is None
