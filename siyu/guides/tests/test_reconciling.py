"""Nightly pulls make good what callbacks did not tell."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import structs

from siyu.core.intake import open_inbox
from siyu.core.intake.worker import unload
from siyu.core.models import IntakeState
from siyu.core.pipeline import run_stages
from siyu.guides import actions, jobs
from siyu.guides.models import Known, Sync
from siyu.guides.tests.pulling import BATCH, OK, STAFF, added, hear, page
from siyu.kernel.errors import RetryLater
from siyu.pool.actions import resolve
from siyu.pool.queries import find_customer, relations_of
from siyu.ports import facts
from siyu.ports.facts import Fact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


def drain(clock) -> list[Fact]:
    """What waits in the inbox, heard and returned."""
    IntakeState.objects.get_or_create(pk=1)
    store = open_inbox().store
    chunks = store.take(10_000)
    told = unload(chunks).facts
    run_stages(told, (resolve, actions.hear), clock.now())
    store.done(chunks)
    return told


def pull(wire, clock, *pages, leaves: bool = False) -> list[Fact]:
    """A whole pull that finds these pages; what it told, already heard.

    leaves: Mei is gone when the platform is asked a second time who works there.
    """
    mei = {**OK, "follow_user": ["mei"]}
    wire.script(STAFF, [mei, {**OK, "follow_user": ["lan"]} if leaves else mei], forever=True)
    wire.script(BATCH, list(pages))
    jobs.sync_accounts()
    return drain(clock)


def next_night(clock) -> None:
    clock.advance(hours=24)


def names(told: list[Fact]) -> list[str]:
    return [fact.name for fact in told]


def friends() -> set[str]:
    return {row.remote_id for row in Known.objects.filter(ended_at=None)}


def test_every_account_is_pulled_again_each_night(account, wire, clock):
    pull(wire, clock, page([1]))
    assert not jobs.sync_accounts()
    next_night(clock)
    pull(wire, clock, page([1]))
    assert [sync.requested_by for sync in Sync.objects.order_by("pk")] == ["system", "nightly"]
    clock.advance(hours=1)
    assert not jobs.sync_accounts()


def test_what_is_unchanged_is_not_told_again(account, wire, clock):
    assert names(pull(wire, clock, page([1, 2]))) == [facts.FRIEND_SYNCED] * 2
    next_night(clock)
    assert pull(wire, clock, page([1, 2])) == []
    sync = Sync.objects.latest("pk")
    assert (sync.contacts, sync.changed, sync.gone) == (2, 0, 0)


def test_what_changed_is_told(account, wire, clock):
    pull(wire, clock, page([1, 2]))
    next_night(clock)
    found = page([1, 2])
    found["external_contact_list"][1]["follow_info"]["remark"] = "爱喝红茶"
    (told,) = pull(wire, clock, found)
    assert (told.name, told.identities[0].value) == (facts.FRIEND_SYNCED, "wm2")


def test_customers_of_who_leaves_during_the_pull_are_not_taken_for_lost(account, wire, clock):
    pull(wire, clock, page([1, 2]))
    next_night(clock)
    assert pull(wire, clock, page([]), leaves=True) == []
    assert friends() == {"wm1", "wm2"}
    assert Sync.objects.latest("pk").state == "done"


def test_friend_whose_loss_was_not_told_is_lost_after_the_night(account, wire, clock):
    pull(wire, clock, page([1, 2]))
    next_night(clock)
    (told,) = pull(wire, clock, page([1]))
    assert (told.name, told.identities[0].value) == (facts.FRIEND_LOST, "wm2")
    assert told.properties["found_by"] == "sync"
    found = find_customer(told.identities[0])
    assert found is not None
    customer = found[0]
    assert [relation.is_friend for relation in relations_of([customer])[customer]] == [False]
    next_night(clock)
    assert pull(wire, clock, page([1])) == []


def test_friend_whose_addition_was_not_told_is_added_after_the_night(account, wire, clock):
    pull(wire, clock, page([1]))
    clock.advance(hours=20)
    found = page([1, 2])
    began = int((clock.now() - timedelta(hours=2)).timestamp())
    found["external_contact_list"][1]["follow_info"] |= {"createtime": began, "state": "poster"}
    told = pull(wire, clock, found)
    assert names(told) == [facts.FRIEND_SYNCED, facts.FRIEND_ADDED]
    added_fact = told[1]
    assert (added_fact.at, added_fact.is_late) == (began * 1000, False)
    assert added_fact.properties == {"found_by": "sync", "state": "poster"}


def test_addition_that_may_still_be_on_its_way_is_not_told_twice(account, wire, clock):
    pull(wire, clock, page([1]))
    next_night(clock)
    found = page([1, 2])
    just_now = int((clock.now() - timedelta(minutes=1)).timestamp())
    found["external_contact_list"][1]["follow_info"]["createtime"] = just_now
    assert names(pull(wire, clock, found)) == [facts.FRIEND_SYNCED]


def test_friend_told_by_a_callback_is_not_told_as_missed(account, wire, clock):
    pull(wire, clock, page([1]))
    clock.advance(hours=20)
    hear(clock, added(clock, 2))
    clock.advance(hours=2)
    found = page([1, 2])
    began = int((clock.now() - timedelta(hours=2)).timestamp())
    found["external_contact_list"][1]["follow_info"]["createtime"] = began
    assert names(pull(wire, clock, found)) == [facts.FRIEND_SYNCED]


def test_friend_added_while_the_pull_runs_is_not_lost(account, wire, clock):
    pull(wire, clock, page([1]))
    next_night(clock)
    wire.script(STAFF, [{**OK, "follow_user": ["mei"]}])
    wire.script(BATCH, [page([1], "next"), RetryLater("http.broken", "断了"), page([])])
    jobs.sync_accounts()
    clock.advance(seconds=5)
    hear(clock, added(clock, 2))
    jobs.sync_accounts()
    assert drain(clock) == []
    assert friends() == {"wm1", "wm2"}


def test_friend_lost_by_a_callback_is_not_compared_any_more(account, wire, clock):
    pull(wire, clock, page([1, 2]))
    clock.advance(hours=1)
    lost = structs.replace(added(clock, 2), name=facts.FRIEND_LOST, message_id="lost:2")
    hear(clock, lost)
    assert friends() == {"wm1"}
    next_night(clock)
    assert pull(wire, clock, page([1])) == []


def test_suspiciously_many_missing_are_not_taken_for_lost(account, wire, clock):
    everybody = list(range(100))
    pull(wire, clock, page(everybody[:50], "next"), page(everybody[50:]))
    next_night(clock)
    assert pull(wire, clock, page(everybody[:50])) == []
    sync = Sync.objects.latest("pk")
    assert (sync.state, sync.gone) == ("failed", 0)
    assert "50" in sync.error
    assert len(friends()) == 100
