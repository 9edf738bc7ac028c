from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from siyu.core.duties import Duty, Worker, wake
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


def test_a_resting_duty_lets_work_gather_however_often_it_is_woken(run_time):
    turns: list[float] = []

    def work() -> bool:
        turns.append(time.monotonic())
        wake("calm")
        return True

    run_until(Worker([Duty("calm", 60, work, rest=0.1)]), lambda: len(turns) >= 3)
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(turns))
