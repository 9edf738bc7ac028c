"""A platform takes a message and says afterwards that it could not deliver it."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from siyu.kernel.errors import UnknownOutcome
from siyu.ports.capabilities import Delivery, DeliveryState, Outgoing, Receipt
from siyu.ports.facts import SEND_FINISHED, Fact
from siyu.reach import follow_up
from siyu.reach.models import EarlyFailure, Touch
from siyu.reach.tests.cast import DOUYIN, Stage, fact

LATER = "user_block"


def failed(stage: Stage, remote_id: str, account: str = DOUYIN) -> Fact:
    return fact(
        stage.clock,
        SEND_FINISHED,
        account=account,
        platform="douyin",
        properties={"remote_id": remote_id, "failure": LATER},
    )


def states() -> list[tuple[str, str]]:
    return list(Touch.objects.order_by("id").values_list("state", "reason"))


def plan_one(stage: Stage) -> None:
    (person,) = stage.feed(stage.wrote("lin"))
    stage.plan(person, purpose="service")


@pytest.mark.django_db
def test_a_failure_heard_after_the_answer_marks_the_message(stage):
    plan_one(stage)
    stage.run()
    stage.feed(failed(stage, "remote-9"), failed(stage, "remote-1", "douyin:other"))
    assert states() == [("delivered", "")]
    stage.feed(failed(stage, "remote-1"))
    assert states() == [("failed", LATER)]
    assert not EarlyFailure.objects.exists()


@pytest.mark.django_db
def test_a_failure_heard_before_the_answer_is_kept_for_it(stage):
    stage.dm.on_send = lambda _message: stage.feed(failed(stage, "remote-1"))
    plan_one(stage)
    stage.run()
    assert states() == [("failed", LATER)]
    assert not EarlyFailure.objects.exists()


@pytest.mark.django_db
def test_the_word_about_messages_of_others_is_not_kept_for_ever(stage, clock):
    stage.dm.on_send = lambda _message: stage.feed(failed(stage, "somebody-else-s"))
    plan_one(stage)
    stage.run()
    assert states() == [("delivered", "")]
    assert EarlyFailure.objects.count() == 1
    clock.advance(days=2)
    stage.feed(failed(stage, "unheard-of"))
    assert not EarlyFailure.objects.exists()


@pytest.mark.django_db
def test_a_message_found_at_the_platform_takes_its_failure_along(stage):
    stage.dm.answers = [UnknownOutcome("http.unknown", "中断")]
    delivery = Delivery("lin", DeliveryState.DELIVERED)
    stage.dm.find = lambda _message: Receipt("found-1", (delivery,))
    plan_one(stage)
    dispatcher = stage.run()
    assert states() == [("unknown", "http.unknown")]
    stage.feed(failed(stage, "found-1"))
    stage.real[0] += 11
    assert follow_up.reconcile(dispatcher)
    assert states() == [("failed", LATER)]


@pytest.mark.django_db(transaction=True)
def test_an_answer_waits_for_a_failure_that_is_being_written(stage):
    heard = threading.Event()

    def hear() -> None:
        with transaction.atomic():
            stage.feed(failed(stage, "remote-1"))
            heard.set()
            time.sleep(0.3)
        connection.close()

    thread = threading.Thread(target=hear)

    def send(_message: Outgoing) -> None:
        thread.start()
        assert heard.wait(10)

    stage.dm.on_send = send
    plan_one(stage)
    stage.run()
    thread.join(10)
    assert states() == [("failed", LATER)]
