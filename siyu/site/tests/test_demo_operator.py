"""The demo's operator: what he does at the end of a step, and at the end of all."""

from __future__ import annotations

from datetime import timedelta

from siyu.kernel.clock import SharedClock
from siyu.site.demo.brand import Brand
from siyu.site.demo.operator import LAST_WAIT, Operator
from siyu.site.demo.parts.part import BrandPart, Setting


class Diary(BrandPart):
    """Notes the days."""

    def __init__(self) -> None:
        super().__init__(Setting("", "", "", "", ()))
        self.days: list[int] = []

    def day(self, day: int, now) -> None:
        self.days.append(day)


def test_the_last_step_waits_for_what_happens_seconds_after(run_time, clock, tmp_path):
    run_time.clock = shared = SharedClock(tmp_path / "clock")
    waits: list[tuple[timedelta, bool, int]] = []
    diary, start = Diary(), clock.now()

    def settle(*, is_last: bool) -> None:
        waits.append((shared.now() - start, is_last, len(diary.days)))

    operator = Operator(Brand("", (), (diary,)), start, settle, steps=3)
    for hours in (0, 1, 24):
        shared.set(start + timedelta(hours=hours))
        operator.end_step()
    assert diary.days == [0, 1]
    assert [days for _, _, days in waits] == [0, 1, 1, 1, 2, 2], "settled before a day and after"
    assert [is_last for _, is_last, _ in waits] == [False] * 5 + [True]
    assert waits[-1][0] >= timedelta(hours=24) + LAST_WAIT
