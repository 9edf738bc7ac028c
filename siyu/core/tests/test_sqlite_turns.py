"""Writers of one process get through, whatever becomes of the one before them."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection, transaction

from siyu.core.models import Heartbeat
from siyu.kernel.clock import from_ms
from siyu.kernel.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 6
ROUNDS = 20


def beat(name: str) -> None:
    Heartbeat.objects.update_or_create(duty=name, defaults={"at": from_ms(0)})


def in_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_all_writers_get_through():
    def write(number: int) -> None:
        for turn in range(ROUNDS):
            beat(f"{number}-{turn}")

    threads = [in_thread(partial(write, number)) for number in range(WRITERS)]
    for thread in threads:
        thread.join(60)
    assert Heartbeat.objects.count() == WRITERS * ROUNDS


def test_a_writer_goes_on_as_soon_as_the_other_commits():
    started = threading.Event()

    def write_later():
        started.set()
        beat("second")

    with transaction.atomic():
        beat("first")
        thread = in_thread(write_later)
        started.wait(10)
        time.sleep(0.2)
    thread.join(10)
    assert {row.duty for row in Heartbeat.objects.all()} == {"first", "second"}


def test_a_failed_transaction_lets_the_next_one_go():
    def fail():
        with suppress(Refused), transaction.atomic():
            beat("undone")
            raise Refused("test.undone", "")

    in_thread(fail).join(10)
    in_thread(lambda: beat("kept")).join(10)
    assert [row.duty for row in Heartbeat.objects.all()] == ["kept"]


def test_a_connection_closed_inside_a_transaction_lets_the_next_one_go():
    def vanish():
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        Heartbeat.objects.create(duty="undone", at=from_ms(0))
        connection.close()

    in_thread(vanish).join(10)
    in_thread(lambda: beat("kept")).join(10)
    assert [row.duty for row in Heartbeat.objects.all()] == ["kept"]
