"""What accompanies a long simulation: its memory and its weather."""

from __future__ import annotations

from datetime import timedelta

from siyu.site.demo.memory import MemoryWatch
from siyu.site.demo.watch import CLEAR_STEPS, Watch

CALL = "POST /_sandbox/bad_days"


def test_the_weather_is_bad_at_once_and_clear_for_the_last_two_days(run_time, wire, clock):
    wire.script(CALL, [{}, {}])
    days: dict[str, float | str] = {"drop": 0.2, "late": 0.1, "late_seconds": 0.3, "only": "/wecom"}
    watch = Watch("http://127.0.0.1:8801", days, is_talking=False)
    watch.begin()
    steps, heard = 40, []
    for step in range(1, steps + 1):
        watch.step(step, steps, clock.now() + timedelta(hours=6 * step))
        heard.append(wire.count(CALL))
    assert heard == [1] * (steps - CLEAR_STEPS - 1) + [2] * (CLEAR_STEPS + 1)
    assert [sent.json for sent in wire.sent(CALL)] == [days, {"drop": 0.0, "late": 0.0}]


def test_without_bad_days_nobody_is_told(run_time, wire, clock):
    watch = Watch("http://127.0.0.1:8801", {}, is_talking=False)
    watch.begin()
    for step in range(1, 9):
        watch.step(step, 8, clock.now())
    assert not wire.calls


def test_progress_is_a_line_a_day(run_time, clock, capsys):
    watch = Watch("http://127.0.0.1:8801", {}, is_talking=True)
    for step in range(1, 9):
        watch.step(step, 8, clock.now() + timedelta(hours=6 * step))
    lines = capsys.readouterr().err.splitlines()
    assert len(watch.memory.looks) == 8
    assert 2 <= len(lines) <= 4
    assert " 8/8 " in lines[-1]


def test_memory_is_kept_look_by_look():
    watch = MemoryWatch()
    looks = [watch.look() for _ in range(5)]
    assert watch.looks == looks
    assert sum(watch.by_process.values()) == looks[-1]
    assert watch.at_quarters() == looks[1:]
    assert MemoryWatch().at_quarters() == []
