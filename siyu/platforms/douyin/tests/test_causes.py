"""Every failure of the account that the sandbox can produce is named by the self-check."""

from __future__ import annotations

import pytest
from msgspec import structs

from siyu.kernel.clock import FakeClock
from siyu.platforms.douyin import connect
from siyu.platforms.douyin.sandbox import make_sandbox
from siyu.platforms.douyin.tests import kit
from siyu.ports.http import HttpAnswer
from siyu.ports.testing import MemoryTokenStore, QuietWorld, SandboxDoor, ScriptedDoor
from siyu.ports.testing.suite import NOW


@pytest.fixture
def clock():
    return FakeClock(NOW)


@pytest.fixture
def sandbox(clock):
    made = make_sandbox(QuietWorld(clock))
    kit.set_up(made)
    return made


def reach(sandbox, clock, account=kit.ACCOUNT):
    door = SandboxDoor(sandbox, kit.ACCOUNT.base_url)
    return connect(account, door, clock, MemoryTokenStore(clock))


def failing(connector):
    return {check.name: check for check in connector.check.run() if not check.is_ok}


def test_a_withdrawn_authorisation_asks_for_a_new_one(sandbox, clock):
    connector = reach(sandbox, clock)
    assert failing(connector) == {}
    sandbox.control("revoke", {})
    found = failing(connector)
    assert list(found) == ["user_token"]
    assert "授权" in found["user_token"].advice


def test_ended_tokens_are_renewed_by_the_check(sandbox, clock):
    connector = reach(sandbox, clock)
    assert failing(connector) == {}
    sandbox.control("expire_tokens", {})
    assert failing(connector) == {}


def test_a_wrong_secret_is_named(sandbox, clock):
    fields = {**kit.ACCOUNT.fields, "client_secret": "wrong"}
    found = failing(reach(sandbox, clock, structs.replace(kit.ACCOUNT, fields=fields)))
    assert list(found) == ["client_token"]
    assert found["client_token"].advice


@pytest.mark.parametrize("answer", [HttpAnswer(503, {}, b""), HttpAnswer(200, {}, b"<html>")])
def test_a_broken_server_is_no_matter_of_authorisation(clock, answer):
    wire = ScriptedDoor()
    wire.script(kit.KIT.token_call, [answer], forever=True)
    found = failing(connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock)))
    assert list(found) == ["reachable"]
