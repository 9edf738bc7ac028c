from __future__ import annotations

import threading
import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction

from siyu.core.duties import PATIENCE_SECONDS, Duty, Worker, wake
from siyu.core.models import Heartbeat

pytestmark = pytest.mark.django_db(transaction=True)


def run_until(worker: Worker, condition) -> None:
    thread = threading.Thread(target=worker.run)
    thread.start()
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.stop()
    thread.join(10)
    assert not thread.is_alive()


def is_asleep(turns: list[float]) -> bool:
    """No turn for half a second; or kept awake by commits of others, who may share the server."""
    return bool(turns) and time.monotonic() > min(turns[-1] + 0.5, turns[0] + 2)


def test_duties_run_again_at_once_while_there_is_work(run_time):
    turns: list[int] = []

    def work() -> bool:
        turns.append(1)
        return len(turns) < 5

    run_until(Worker([Duty("count", 60, work)]), lambda: len(turns) >= 5)
    assert len(turns) == 5


def test_an_error_is_noted_and_neither_ends_its_duty_nor_the_others(run_time):
    turns: list[int] = []
    calm: list[int] = []

    def fail() -> bool:
        turns.append(1)
        raise RuntimeError("no luck")

    def rest() -> bool:
        calm.append(1)
        return False

    duties = [Duty("fail", 0.01, fail), Duty("calm", 0.01, rest)]
    run_until(Worker(duties), lambda: len(turns) >= 2 and len(calm) >= 2)
    assert len(turns) >= 2
    assert "no luck" in Heartbeat.objects.get(duty="fail").error
    assert Heartbeat.objects.get(duty="calm").error == ""


def test_who_waits_for_a_turn_is_alive_and_who_is_stuck_in_one_is_not(run_time):
    begun, free = threading.Event(), threading.Event()
    leap = run_time.clock.now() + timedelta(hours=1)

    def stuck() -> bool:
        begun.set()
        free.wait(20)
        return False

    def fail() -> bool:
        """An error is written at once, and with it what is known of the others."""
        begun.wait(20)
        run_time.clock.set(leap)
        raise RuntimeError("no luck")

    alive: set[str] = set()

    def is_over() -> bool:
        alive.update(Heartbeat.objects.filter(at__gte=leap).values_list("duty", flat=True))
        if "late" in alive:
            free.set()
        return free.is_set()

    duties = [Duty("stuck", 60, stuck), Duty("late", 60, stuck, first=60), Duty("fail", 1, fail)]
    run_until(Worker(duties), is_over)
    assert "late" in alive
    assert "stuck" not in alive


def test_a_sleeping_duty_can_be_woken(run_time):
    turns: list[int] = []

    def work() -> bool:
        turns.append(1)
        return False

    def woken() -> bool:
        wake("sleeper", "nobody")
        return len(turns) >= 3

    run_until(Worker([Duty("sleeper", 60, work)]), woken)
    assert len(turns) >= 3


def test_an_idle_duty_sleeps_longer_until_somebody_commits(run_time):
    turns: list[float] = []
    calm: list[int] = []

    def look() -> bool:
        turns.append(time.monotonic())
        return False

    def is_over() -> bool:
        if not calm and is_asleep(turns):
            calm.append(len(turns))
            Heartbeat.objects.create(duty="somebody", at=run_time.clock.now())
        return bool(calm) and len(turns) > calm[0]

    started = time.monotonic()
    run_until(Worker([Duty("idle", 0.01, look)]), is_over)
    assert len(turns) > calm[0]
    assert turns[calm[0]] - turns[calm[0] - 1] < PATIENCE_SECONDS[0]
    assert len(turns) < (time.monotonic() - started) / 0.01 / 2


def test_a_stop_does_not_wait_for_who_holds_the_database(run_time):
    def fail() -> bool:
        raise RuntimeError("no luck")

    worker = Worker([Duty("fail", 60, fail)], grace=0.3)
    thread = threading.Thread(target=worker.run)
    with transaction.atomic():
        Heartbeat.objects.create(duty="fail", at=run_time.clock.now())
        thread.start()
        time.sleep(0.5)
        worker.stop()
        thread.join(10)
        assert not thread.is_alive()
    for other in threading.enumerate():
        if other.name == "watch":
            other.join(10)


def test_a_watchful_duty_looks_as_often_as_it_says(run_time):
    turns: list[int] = []

    def look() -> bool:
        turns.append(1)
        return False

    started = time.monotonic()
    run_until(Worker([Duty("watch", 0.01, look, is_watchful=True)]), lambda: len(turns) >= 50)
    assert time.monotonic() - started < PATIENCE_SECONDS[0]


def test_a_leap_of_the_clock_wakes_idle_duties(run_time):
    turns: list[float] = []

    def look() -> bool:
        turns.append(time.monotonic())
        return False

    leapt: list[int] = []

    def is_over() -> bool:
        if not leapt and is_asleep(turns):
            leapt.append(len(turns))
            run_time.clock.advance(hours=4)
        return bool(leapt) and len(turns) > leapt[0]

    run_until(Worker([Duty("idle", 0.01, look)]), is_over)
    assert turns[leapt[0]] - turns[leapt[0] - 1] < PATIENCE_SECONDS[0]


def test_a_resting_duty_lets_work_gather_however_often_it_is_woken(run_time):
    turns: list[float] = []

    def work() -> bool:
        turns.append(time.monotonic())
        wake("calm")
        return True

    run_until(Worker([Duty("calm", 60, work, rest=0.1)]), lambda: len(turns) >= 3)
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(turns))


def test_after_a_quiet_time_a_brisk_duty_looks_less_often():
    brisk, slow = (Duty("duty", every, lambda: False) for every in (0.04, 2))
    assert [brisk.pause(quiet) for quiet in (0, 1, 3, 5, 600)] == [0.04, 0.04, 0.06, 0.1, 0.1]
    assert slow.pause(600) == 2
