"""Every failure of the account that the sandbox can produce is named by the self-check."""

from __future__ import annotations

from dataclasses import fields

import pytest
from msgspec import structs

from siyu.kernel.errors import Forbidden
from siyu.platforms.wechat_pay import connect
from siyu.platforms.wechat_pay.sandbox.books import Knobs
from siyu.platforms.wechat_pay.tests import kit
from siyu.ports.http import HttpAnswer
from siyu.ports.testing import MemoryTokenStore, ScriptedDoor

HARMLESS = {"has_bills": False, "day_limit_fen": 0}
"""Knobs that are no failure of the account: shown beside the bill and the reward."""


def failing(connector):
    return {check.name: check for check in connector.check.run() if not check.is_ok}


def test_too_many_calls_are_no_matter_of_keys(connector, sandbox):
    sandbox.control("knobs", {"per_minute": 0})
    found = failing(connector)
    assert list(found) == ["quota"]
    assert "私钥" not in found["quota"].advice


@pytest.mark.parametrize("knob", sorted(HARMLESS))
def test_other_knobs_raise_no_false_alarm(connector, sandbox, knob):
    sandbox.control("knobs", {knob: HARMLESS[knob]})
    assert failing(connector) == {}


def test_every_knob_is_covered():
    assert {field.name for field in fields(Knobs)} == {"per_minute", *HARMLESS}


def test_a_certificate_that_cannot_be_downloaded_yet_is_named(connector, sandbox, clock):
    assert failing(connector) == {}
    sandbox.control("rotate_certificate", {"is_announced": False})
    clock.advance(minutes=2)
    found = failing(connector)
    assert list(found) == ["answer_signature"]
    assert "平台证书" in found["answer_signature"].advice


def test_a_certificate_that_is_announced_is_learned(connector, sandbox, clock):
    assert failing(connector) == {}
    sandbox.control("rotate_certificate", {})
    clock.advance(minutes=2)
    assert failing(connector) == {}


@pytest.mark.parametrize(
    "changes", [{"serial_no": "0" * 40}, {"api_v3_key": "f" * 32}, {"mchid": "1900000000"}]
)
def test_keys_that_do_not_belong_together_are_named(reach, changes):
    account = structs.replace(kit.ACCOUNT, fields={**kit.ACCOUNT.fields, **changes})
    found = failing(reach(account))
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


def test_the_platforms_own_probe_is_refused_as_such(connector, sandbox, clock, world):
    sandbox.control("probe", {})
    (request,) = world.take()
    with pytest.raises(Forbidden) as refusal:
        connector.webhook.verify(request, clock.now())
    assert refusal.value.code == "callback.probe"
