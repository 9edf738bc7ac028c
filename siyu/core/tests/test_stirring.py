"""An idle worker hears of every commit, also of one that began long before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from siyu.core.models import Heartbeat
from siyu.core.stirring import Stir

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def somebody() -> Iterator[ThreadPoolExecutor]:
    """A thread with a database connection of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(connections.close_all).result(10)


def rings(stir: Stir) -> bool:
    before = stir.count
    stir.look()
    return stir.count > before


def beat(name: str, now) -> None:
    Heartbeat.objects.create(duty=name, at=now)


def test_a_commit_of_somebody_is_a_change(run_time, somebody):
    stir = Stir()
    stir.look()
    somebody.submit(beat, "one", run_time.clock.now()).result(10)
    assert rings(stir)


def test_a_commit_that_began_before_others_is_a_change(run_time, somebody):
    """Its number is lower than one that has already been seen."""
    stir, has_begun, may_end = Stir(), threading.Event(), threading.Event()
    now = run_time.clock.now()

    def write_slowly() -> None:
        with transaction.atomic():
            beat("old", now)
            has_begun.set()
            may_end.wait(10)

    slow = somebody.submit(write_slowly)
    assert has_begun.wait(10)
    if connection.vendor == "postgresql":
        beat("young", now)
    stir.look()
    may_end.set()
    slow.result(10)
    assert rings(stir)
