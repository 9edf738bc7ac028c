"""Every failure of the account that the sandbox can produce is named by the self-check."""

from __future__ import annotations

from dataclasses import fields

import pytest
from msgspec import structs

from siyu.kernel.clock import FakeClock
from siyu.kernel.errors import Forbidden
from siyu.platforms.wechat_pay import connect
from siyu.platforms.wechat_pay.sandbox import make_sandbox
from siyu.platforms.wechat_pay.sandbox.books import Knobs
from siyu.platforms.wechat_pay.tests import kit
from siyu.ports.http import HttpAnswer
from siyu.ports.testing import MemoryTokenStore, QuietWorld, SandboxDoor, ScriptedDoor

HARMLESS = {"has_bills": False, "day_limit_fen": 0}
"""Knobs that are no failure of the account: shown beside the bill and the reward."""


@pytest.fixture
def clock():
    return FakeClock(kit.NOW)


@pytest.fixture
def world(clock):
    return QuietWorld(clock)


@pytest.fixture
def sandbox(world):
    made = make_sandbox(world)
    kit.set_up(made)
    return made


def reach(sandbox, clock, account=kit.ACCOUNT):
    door = SandboxDoor(sandbox, kit.ACCOUNT.base_url)
    return connect(account, door, clock, MemoryTokenStore(clock))


def failing(connector):
    return {check.name: check for check in connector.check.run() if not check.is_ok}


def test_too_many_calls_are_no_matter_of_keys(sandbox, clock):
    sandbox.control("knobs", {"per_minute": 0})
    found = failing(reach(sandbox, clock))
    assert list(found) == ["quota"]
    assert "私钥" not in found["quota"].advice


@pytest.mark.parametrize("knob", sorted(HARMLESS))
def test_other_knobs_raise_no_false_alarm(sandbox, clock, knob):
    sandbox.control("knobs", {knob: HARMLESS[knob]})
    assert failing(reach(sandbox, clock)) == {}


def test_every_knob_is_covered():
    assert {field.name for field in fields(Knobs)} == {"per_minute", *HARMLESS}


def test_a_certificate_that_cannot_be_downloaded_yet_is_named(sandbox, clock):
    connector = reach(sandbox, clock)
    assert failing(connector) == {}
    sandbox.control("rotate_certificate", {"is_announced": False})
    clock.advance(minutes=2)
    found = failing(connector)
    assert list(found) == ["answer_signature"]
    assert "平台证书" in found["answer_signature"].advice


def test_a_certificate_that_is_announced_is_learned(sandbox, clock):
    connector = reach(sandbox, clock)
    assert failing(connector) == {}
    sandbox.control("rotate_certificate", {})
    clock.advance(minutes=2)
    assert failing(connector) == {}


@pytest.mark.parametrize(
    "changes", [{"serial_no": "0" * 40}, {"api_v3_key": "f" * 32}, {"mchid": "1900000000"}]
)
def test_keys_that_do_not_belong_together_are_named(sandbox, clock, changes):
    account = structs.replace(kit.ACCOUNT, fields={**kit.ACCOUNT.fields, **changes})
    found = failing(reach(sandbox, clock, account))
    assert list(found) == ["keys"]
    assert found["keys"].advice


def test_a_proxy_that_answers_instead_is_not_believed(clock):
    wire = ScriptedDoor()
    wire.script(kit.CERTIFICATES, [kit.certificates(1)], forever=True)
    wire.script(kit.QUERY, [HttpAnswer(200, {}, b"<html>")], forever=True)
    found = failing(connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock)))
    assert list(found) == ["answer_signature"]


def test_a_server_that_fails_is_no_matter_of_keys(clock):
    wire = ScriptedDoor()
    wire.script(kit.CERTIFICATES, [HttpAnswer(503, {}, b"")], forever=True)
    found = failing(connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock)))
    assert list(found) == ["reachable"]


def test_the_platforms_own_probe_is_refused_as_such(sandbox, clock, world):
    connector = reach(sandbox, clock)
    sandbox.control("probe", {})
    (request,) = world.take()
    with pytest.raises(Forbidden) as refusal:
        connector.webhook.verify(request, clock.now())
    assert refusal.value.code == "callback.probe"
