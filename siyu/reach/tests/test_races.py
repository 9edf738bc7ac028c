"""Many workers at once: every promise about counts holds, whoever comes first."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.reach import follow_up
from siyu.reach.catalog import set_catalog
from siyu.reach.dispatch import Dispatcher
from siyu.reach.models import QuotaUse, Touch, Window
from siyu.reach.tests.cast import Stage

WORKERS = 8


def race(stage: Stage) -> None:
    """Eight workers dispatch until nothing is due."""
    start = threading.Barrier(WORKERS)

    def work() -> None:
        dispatcher = stage.dispatcher()
        start.wait()
        try:
            while dispatch(dispatcher):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work) for _ in range(WORKERS)]:
            done.result(60)


def dispatch(dispatcher: Dispatcher) -> bool:
    """One turn; the loser of a deadlock tries again, as the worker does."""
    try:
        return dispatcher.dispatch()
    except OperationalError as error:
        if "deadlock" in str(error):
            return True
        raise


@pytest.mark.django_db(transaction=True)
def test_eight_workers_never_exceed_the_cap_and_never_repeat(stage):
    friends = stage.befriend(*[f"p{number}" for number in range(20)])
    for number in range(10):
        stage.plan(*friends, campaign=f"race:{number}", template=f"第 {number} 封")
    race(stage)
    said = [(who, m.content.text) for m in stage.mass.sent for who in m.recipients]
    assert max(Counter(said).values()) == 1
    assert set(Counter(who for who, _ in said).values()) == {3}
    states = Counter(Touch.objects.values_list("state", "reason"))
    assert states == {("accepted", ""): 60, ("suppressed", "frequency_cap"): 140}
    assert set(QuotaUse.objects.values_list("used", flat=True)) == {3}


@pytest.mark.django_db(transaction=True)
def test_eight_workers_never_overdraw_a_reply_window(stage):
    people = stage.feed(*[stage.wrote(f"d{number}") for number in range(5)])
    for number in range(12):
        stage.plan(*people, campaign=f"race:{number}", purpose="service")
    race(stage)
    assert set(Counter(stage.dm.recipients).values()) == {6}
    assert set(Window.objects.values_list("remaining", flat=True)) == {0}


@pytest.mark.django_db(transaction=True)
def test_threads_of_one_dispatcher_send_everything_once(stage):
    import time

    friends = stage.befriend(*[f"p{number}" for number in range(30)])
    stage.plan(*friends, template="{{ first_source }} 好")
    dispatcher = stage.dispatcher(threads=4)
    try:
        stage.run(dispatcher)
        deadline = time.monotonic() + 20
        while not dispatcher.is_idle() and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        dispatcher.close()
    assert sorted(stage.mass.recipients) == sorted(f"p{number}" for number in range(30))
    assert set(Touch.objects.values_list("state", flat=True)) == {"accepted"}


STEPS = st.lists(
    st.sampled_from(["plan", "again", "run", "fail", "unknown", "poll", "settle", "hour", "day"]),
    max_size=25,
)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_any_order_of_events_keeps_every_plan_single(clock, run_time, steps):
    """Each planned message is sent at most once, except where the platform proved it was not."""
    from django.db import transaction

    from siyu.kernel.errors import RetryLater, UnknownOutcome

    with transaction.atomic():
        stage = Stage(clock)
        set_catalog(stage.catalog())
        people = stage.befriend("li", "wang", "zhao")
        dispatcher = stage.dispatcher()
        planned = 0
        for step in [*steps, "settle", "run"]:
            if step in {"plan", "again"}:
                planned += step == "plan"
                end = clock.now() + timedelta(days=9)
                text = f"n{planned}"
                stage.plan(*people, campaign=text, template=text, purpose="service", expires_at=end)
            elif step == "run":
                stage.run(dispatcher)
            elif step == "fail":
                stage.mass.answers.append(RetryLater("x", "down"))
            elif step == "unknown":
                stage.mass.answers.append(UnknownOutcome("x", "reset"))
            elif step == "poll":
                follow_up.poll(dispatcher)
            elif step == "settle":
                stage.real[0] += 60
                follow_up.reconcile(dispatcher)
            else:
                clock.advance(**{f"{step}s": 1})
        said = Counter((who, m.content.text) for m in stage.mass.sent for who in m.recipients)
        assert max(said.values(), default=1) == 1
        keys = Touch.objects.values_list("campaign", "planned_for")
        assert len(keys) == len(set(keys))
        set_catalog(None)
        transaction.set_rollback(True)
