"""A welcome that names the customer does not queue behind a backlog of profiles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.intake import open_inbox
from siyu.core.intake.worker import unload
from siyu.core.models import IntakeState
from siyu.core.pipeline import run_stages
from siyu.core.runtime import Runtime, set_runtime
from siyu.growth import actions as growth
from siyu.growth import welcomes
from siyu.growth.tests.conftest import Town
from siyu.guides import actions as guides
from siyu.guides.fetching import fetch_due, set_awaited
from siyu.guides.models import Fetch
from siyu.kernel.clock import FakeClock
from siyu.platforms.wecom.tests import kit
from siyu.pool import actions as pool
from siyu.reach import actions as reach
from siyu.reach.catalog import catalog
from siyu.reach.dispatch import Dispatcher

pytestmark = [pytest.mark.django_db(transaction=True)]
BACKLOG = 400


@pytest.fixture
def town(run_time: Runtime, clock: FakeClock) -> Iterator[Town]:
    made = Town(clock)
    set_runtime(Runtime(run_time.home, clock, made.door, run_time.namespaces))
    fields = {name: value for name, value in kit.ACCOUNT.fields.items() if value}
    create_account(SYSTEM, "wecom", fields, name="山茶记", now=clock.now())
    reach.set_dispatcher(Dispatcher(catalog(), clock, threads=0))
    set_awaited(welcomes.names_awaited)
    yield made
    set_awaited(None)
    reach.set_dispatcher(None)


def crowd(town: Town) -> None:
    """Hundreds of profiles that were due a minute ago."""
    town.people("populate", customers=BACKLOG, staff=2)
    platform: Any = town.sandbox
    known = platform._corps[kit.CORP].people
    due = town.clock.now() - timedelta(minutes=1)
    Fetch.objects.bulk_create(
        Fetch(account=town.account, remote_id=one, due_at=due) for one in known
    )


def arrive(town: Town, name: str) -> None:
    """Somebody comes through a code whose words need his name."""
    code = growth.create_live_code(
        SYSTEM,
        account=town.account,
        name="门店",
        channel="海报",
        staff=["mei"],
        welcome_text="{{ name }}您好",
        now=town.clock.now(),
    )
    town.people("scan", state=code.state, unionid=f"u-{name}", name=name)
    guides.hear(town.hear())


def turn(town: Town) -> list[str]:
    """The shortest turn of fetching there is; the welcomes on phones after it."""
    now = town.clock.now()
    fetch_due(now, seconds=0)
    IntakeState.objects.get_or_create(pk=1)
    chunks = open_inbox().store.take(1_000)
    stages = (pool.resolve, reach.hear, growth.hear, guides.hear)
    run_stages(unload(chunks).facts, stages, now)
    open_inbox().store.done(chunks)
    return [one["text"] for one in town.said()]


def test_a_waiting_welcome_comes_before_everything_that_is_due(town):
    crowd(town)
    arrive(town, "甲")
    assert turn(town) == ["甲您好"]
    assert Fetch.objects.count() == BACKLOG
    assert welcomes.names_awaited() == set()


def test_without_being_told_who_waits_the_oldest_goes_first(town):
    crowd(town)
    arrive(town, "甲")
    set_awaited(None)
    assert turn(town) == []
    town.clock.advance(seconds=9)
    welcomes.greet_waiting()
    assert [one["text"] for one in town.said()] == ["朋友您好"]
