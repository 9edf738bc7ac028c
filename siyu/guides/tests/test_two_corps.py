"""Figures of the staff's work where a brand has two corps, one of which must pause."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from siyu.core.access import SYSTEM
from siyu.core.accounts import create_account
from siyu.core.runtime import runtime, set_runtime
from siyu.guides import behaviour, org_actions
from siyu.guides.models import BehaviourDay, BehaviourPull
from siyu.ports.sandbox import Trouble, load_sandbox
from siyu.ports.testing import QuietWorld, SandboxDoor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
BASE = "https://qyapi.weixin.qq.com"
CORPS = ("ww1111111111111111", "ww2222222222222222")
FIELDS = {
    "agent_id": "1000002",
    "secret": "s",
    "token": "callbacktoken",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}


@pytest.fixture
def door(clock):
    sandbox = load_sandbox("wecom")(QuietWorld(clock, random.Random(3)))
    door = SandboxDoor(sandbox, BASE)
    set_runtime(replace(runtime(), http=door))
    org_actions.save_store(SYSTEM, "s1", {"name": "一店"}, now=clock.now())
    for corp in CORPS:
        told = {name: FIELDS[name] for name in ("secret", "token", "aes_key")}
        sandbox.control("configure", {"corp_id": corp, **told})
        people = [{"userid": who, "name": who} for who in ("mei", "lin")]
        sandbox.control("add_staff", {"staff": people})
        key = create_account(
            SYSTEM, "wecom", {"corp_id": corp, **FIELDS}, name=corp, now=clock.now()
        )
        for who in ("mei", "lin"):
            org_actions.set_post(SYSTEM, (key, who), "guide", store="s1", now=clock.now())
    return door


def test_a_corp_that_must_pause_holds_up_no_other(door, clock):
    while behaviour.pull(clock.now()):
        pass
    clock.advance(hours=24)
    before = dict(BehaviourPull.objects.values_list("account", "through"))
    door.troubles += [Trouble.RATE_LIMITED]
    count = door.count
    for _ in range(3):
        behaviour.pull(clock.now())
    after = dict(BehaviourPull.objects.values_list("account", "through"))
    first, second = (f"wecom:{corp}" for corp in CORPS)
    assert after[first] == before[first]
    assert after[second] > before[second]
    assert door.count - count <= 4, "a corp that pauses is not asked for its next member"
    clock.advance(minutes=11)
    behaviour.pull(clock.now())
    assert not BehaviourPull.objects.exclude(error="").exists()
    assert BehaviourDay.objects.values("account", "staff").distinct().count() == 4
