"""Sessions that staff have held for long are asked about: none stays theirs for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.core.access import SYSTEM
from siyu.core.runtime import runtime
from siyu.ports.sandbox import Trouble
from siyu.talk import desk_asking, desk_pulling, desks
from siyu.talk.models import DeskSession
from siyu.talk.tests.test_desks import ask, conversation, pull


@pytest.fixture
def door(corp):
    """The way to the platform."""
    return runtime().http


@pytest.fixture
def asked(door):
    """The calls that ask who answers, as they are made."""
    calls: list[str] = []
    door.on_call = lambda url: calls.append(url) if "service_state/get" in url else None
    return calls


@pytest.fixture
def held(corp, desk):
    """A customer whom staff answer since now."""
    ask(corp, desk)
    pull(corp)
    desks.hand_over(SYSTEM, conversation(corp).id, "human", "mei", now=corp.clock.now())
    return desk


def test_what_ended_without_a_word_is_ended_here_too(corp, held, asked):
    corp.clock.advance(hours=47)
    pull(corp)
    assert (conversation(corp).session, asked) == ("human", [])
    corp.clock.advance(hours=2)
    pull(corp)
    assert (conversation(corp).session, conversation(corp).session_staff) == ("ended", "")
    assert len(asked) == 1
    ask(corp, held, "又来问问")
    pull(corp)
    assert (conversation(corp).session, conversation(corp).is_open) == ("new", True)
    corp.clock.advance(days=30)
    pull(corp)
    assert len(asked) == 1


def test_without_asking_it_would_be_with_staff_for_ever(corp, held, asked):
    """The sabotage: everything but the asking runs."""
    corp.clock.advance(hours=49)
    ask(corp, held, "又来问问")
    corp.hear()
    while desk_pulling.pull_due(corp.clock.now()):
        corp.drain()
    assert (conversation(corp).session, conversation(corp).is_open) == ("human", False)
    pull(corp)
    assert (conversation(corp).session, conversation(corp).is_open) == ("new", True)
    assert len(asked) == 1


def test_whom_staff_still_answer_is_asked_about_now_and_then(corp, held, asked):
    corp.clock.advance(hours=40)
    ask(corp, held, "还在处理吗", is_silent=True)
    corp.clock.advance(hours=9)
    for _ in range(3):
        pull(corp)
        corp.clock.advance(minutes=30)
    assert (conversation(corp).session, len(asked)) == ("human", 1)
    corp.clock.advance(hours=37)
    pull(corp)
    assert (conversation(corp).session, len(asked)) == ("human", 2)
    corp.clock.advance(hours=2)
    pull(corp)
    assert (conversation(corp).session, len(asked)) == ("human", 2)
    ask(corp, held, "结果出来了吗")
    pull(corp)
    assert (conversation(corp).session, len(asked)) == ("new", 3)


def test_a_platform_that_fails_is_left_alone_for_minutes(corp, door, held, asked):
    row = DeskSession.objects.get()
    others = [f"{row.thread}{number}" for number in range(3)]
    DeskSession.objects.bulk_create(
        DeskSession(
            account=row.account,
            thread=thread,
            identity_id=row.identity_id,
            customer_id=row.customer_id,
            remote_id=row.remote_id,
            state="human",
            changed_at=row.changed_at,
            is_profiled=True,
        )
        for thread in others
    )
    corp.clock.advance(hours=49)
    now = corp.clock.now()
    door.troubles = [Trouble.BUSY] * 100
    assert not desk_asking.ask_about_held(now)
    left = len(door.troubles)
    assert left >= 97
    assert not desk_asking.ask_about_held(now + timedelta(minutes=4))
    assert len(door.troubles) == left
    door.troubles, tried = [], len(asked)
    assert desk_asking.ask_about_held(now + desk_asking.PAUSE)
    assert set(DeskSession.objects.values_list("state", flat=True)) == {"ended"}
    assert len(asked) == tried + 4


def test_customers_the_platform_does_not_know_cost_few_calls(corp, held, asked):
    row = DeskSession.objects.get()
    DeskSession.objects.bulk_create(
        DeskSession(
            account=row.account,
            thread=f"kf:{held}:gone{number}",
            identity_id=row.identity_id,
            customer_id=row.customer_id,
            remote_id=f"gone{number}",
            state="queued",
            changed_at=row.changed_at,
            is_profiled=True,
        )
        for number in range(desk_asking.AT_ONCE + 5)
    )
    corp.clock.advance(hours=49)
    now, counts = corp.clock.now(), []
    for _ in range(3):
        desk_asking.ask_about_held(now)
        counts.append(len(asked))
    assert counts == [desk_asking.AT_ONCE, desk_asking.AT_ONCE + 6, desk_asking.AT_ONCE + 6]
    assert DeskSession.objects.filter(state="queued").count() == desk_asking.AT_ONCE + 5


def test_what_is_heard_while_we_ask_stands(corp, door, held):
    corp.clock.advance(hours=49)
    heard_at = corp.clock.now() - timedelta(seconds=1)
    heard = {"state": "human", "staff": "an", "changed_at": heard_at}
    door.on_call = lambda _url: DeskSession.objects.update(**heard)
    assert desk_asking.ask_about_held(corp.clock.now())
    row = DeskSession.objects.get()
    assert (row.state, row.staff, row.changed_at) == ("human", "an", heard_at)
