"""R12: one sick platform does not slow the rest, and is used again within a minute of healing.

Some accounts, each a platform of its own, are sent to by one dispatcher. One of them falls sick:
timeouts, 5xx, 45009, rubbish, answers of 10 MB. The others must keep 95 % of their pace. The
sabotage twin has no breaker and no limit per lane: it must be seen to slow down.
`SIYU_SICK_SECONDS` sets how long each run takes (default 2.5).
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from siyu.core.http import MAX_BODY
from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import RetryLater, SiyuError, UnknownOutcome, WaitUntil
from siyu.reach import lanes as lane_rules
from siyu.reach.lanes import Batch, LaneKey, Lanes

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

SECONDS = float(os.environ.get("SIYU_SICK_SECONDS", "2.5"))
THREADS = 12
HEALTHY = [f"p{number}:a" for number in range(4)]
SICK = "sick:a"
CALL, STALL = 0.004, 1.0
"""Seconds a healthy call takes, and one that runs into a timeout (scaled 1 : 10)."""


class RealClock:
    def now(self) -> datetime:
        return datetime.fromtimestamp(time.monotonic(), UTC)


class Careless(Lanes):
    """The sabotage: a lane may fail for ever and take every thread."""

    def __init__(self, clock) -> None:
        super().__init__(clock, slots=THREADS)

    def done(self, key: LaneKey, *, is_healthy: bool) -> bool:
        return super().done(key, is_healthy=True)


@dataclass
class Works:
    """Threads that send as the dispatcher's do; healthy lanes never run dry."""

    lanes: Lanes
    illness: str = ""
    sent: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    is_over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, seconds: float) -> dict[str, float]:
        """Messages of each account a second."""
        for account in (*HEALTHY, SICK):
            for number in range(60):
                self.lanes.put(batch(account, number))
        threads = [threading.Thread(target=self._work) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.is_over = True
        self.lanes.close()
        counted = dict(self.sent)
        for thread in threads:
            thread.join()
        return {account: counted.get(account, 0) / seconds for account in (*HEALTHY, SICK)}

    def _work(self) -> None:
        while not self.is_over and (batches := self.lanes.take(most=4)):
            account = batches[0].account
            is_healthy = all(self._call(account) for _ in batches)
            self.lanes.done(batches[0].lane, is_healthy=is_healthy)
            for one in batches:
                self.lanes.put(one)

    def _call(self, account: str) -> bool:
        with self.lock:
            self.tried[account] += 1
        try:
            if account == SICK:
                fall_ill(self.illness)
            time.sleep(CALL)
        except SiyuError:
            return False
        with self.lock:
            self.sent[account] += 1
        return True


def batch(account: str, number: int) -> Batch:
    return Batch(account, "ch", "mei", "c", (number,), "lease")


def fall_ill(illness: str) -> None:
    """What the door and the connector make of each illness, at the time it really takes."""
    if illness == "timeouts":
        time.sleep(STALL)
        raise UnknownOutcome("http.timeout", "超时")
    if illness == "5xx":
        raise RetryLater("http.503", "503")
    if illness == "45009":
        raise WaitUntil("wecom.rate", "频率", until=datetime.now(UTC) + timedelta(seconds=60))
    if illness in {"rubbish", "10 MB"}:
        time.sleep(0.05)
        raise UnknownOutcome("http.body", "答案无法读取")


@pytest.mark.parametrize("illness", ["timeouts", "5xx", "45009", "rubbish", "10 MB"])
def test_the_others_keep_their_pace(illness):
    well = Works(Lanes(RealClock())).run(SECONDS / 2)
    ill = Works(Lanes(RealClock()), illness).run(SECONDS)
    before, after = (sum(run[account] for account in HEALTHY) for run in (well, ill))
    assert after >= 0.95 * before, f"{after:.0f} of {before:.0f} messages a second"
    assert ill[SICK] == 0


def test_a_dispatcher_without_a_breaker_is_seen_to_slow_down():
    well = Works(Careless(RealClock())).run(SECONDS / 2)
    ill = Works(Careless(RealClock()), "timeouts").run(SECONDS)
    before, after = (sum(run[account] for account in HEALTHY) for run in (well, ill))
    assert after < 0.7 * before, f"{after:.0f} of {before:.0f} messages a second"


def test_a_healed_platform_is_used_again_within_a_minute():
    clock = FakeClock(datetime(2026, 11, 11, tzinfo=UTC))
    lanes = Lanes(clock)
    for number in range(30):
        lanes.put(batch(SICK, number))
        if lanes.take(timeout=0):
            lanes.done((SICK, "ch"), is_healthy=False)
        clock.advance(seconds=30)
    healed = clock.now()
    lanes.put(batch(SICK, 99))
    while not lanes.take(timeout=0):
        clock.advance(seconds=1)
    assert not lanes.done((SICK, "ch"), is_healthy=True) or not lanes.is_sick((SICK, "ch"))
    assert clock.now() - healed <= timedelta(seconds=60)
    assert timedelta(seconds=60) > lane_rules.LONGEST_PAUSE


def test_an_answer_of_ten_megabytes_is_not_read():
    assert MAX_BODY <= 1024 * 1024
