"""Writes of many threads done by one of them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from siyu.core.combining import Combining


def test_every_thread_gets_the_results_of_its_own_items():
    calls: list[int] = []

    def write(items):
        calls.append(len(items))
        time.sleep(0.005)
        return [item * 10 for item in items]

    combining = Combining(write)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: list(combining.run([n, n + 100])), range(40)))
    assert found == [[n * 10, (n + 100) * 10] for n in range(40)]
    assert sum(calls) == 80
    assert len(calls) < 40


def test_one_thread_s_bad_items_do_not_fail_the_others():
    gate = threading.Event()

    def write(items):
        gate.wait(5)
        if "bad" in items:
            raise ValueError(items)
        return items

    combining = Combining(write)
    with ThreadPoolExecutor(5) as threads:
        told = [threads.submit(combining.run, [word]) for word in ("a", "b", "bad", "c", "d")]
        time.sleep(0.05)
        gate.set()
        with pytest.raises(ValueError, match="bad"):
            told[2].result(5)
        assert [list(told[n].result(5)) for n in (0, 1, 3, 4)] == [["a"], ["b"], ["c"], ["d"]]
