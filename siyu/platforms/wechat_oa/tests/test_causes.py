"""Every failure the sandbox can produce has its cause and its advice in the self-check."""

from __future__ import annotations

from dataclasses import fields

import pytest
from msgspec import structs

from siyu.platforms.wechat_oa import connect
from siyu.platforms.wechat_oa.tests import kit
from siyu.ports.http import HttpAnswer
from siyu.ports.testing import MemoryTokenStore, SandboxDoor, ScriptedDoor
from siyu.wechat.codes import Recovery
from siyu.wechat.errors import RULES
from siyu.wechat.sandbox.books import Knobs
from siyu.wechat.testing import TOKEN_CALL, error, token_answer

KNOBS = {
    "per_minute": (0, "quota"),
    "per_day": (0, "quota"),
    "is_union_bound": (False, "unionid"),
    "blocked_ip": ("198.51.100.7", "ip"),
}
PERSON = [code for code, rule in RULES.items() if rule.recovery is Recovery.REAUTH]
"""Codes that any call may meet and that a person must act upon."""


@pytest.fixture(autouse=True)
def fan(sandbox):
    """Somebody follows already."""
    sandbox.control("follow", {"unionid": "oU1", "name": "小王"})


def failing(connector):
    return {check.name: check for check in connector.check.run() if not check.is_ok}


def test_a_healthy_account_has_no_complaint(connector):
    assert failing(connector) == {}


@pytest.mark.parametrize("knob", sorted(KNOBS))
def test_each_knob_that_breaks_the_account_is_named(connector, sandbox, knob):
    value, name = KNOBS[knob]
    sandbox.control("knobs", {knob: value})
    found = failing(connector)
    assert list(found) == [name]
    assert found[name].detail
    assert found[name].advice


def test_every_knob_is_covered():
    ours = {*KNOBS, "clears_per_month"}
    assert {field.name for field in fields(Knobs)} == ours, "a new knob needs its cause"


def test_a_token_that_ended_early_is_renewed_by_the_check(connector, sandbox):
    assert failing(connector) == {}
    sandbox.control("expire_token", {})
    assert failing(connector) == {}


def test_an_account_without_fans_raises_no_alarm(connector, sandbox):
    fan = sandbox.control("people", {})[0]
    sandbox.control("unfollow", {"openid": fan["openid"]})
    assert failing(connector) == {}


@pytest.mark.parametrize("code", PERSON)
def test_each_code_a_person_must_act_upon_has_advice(clock, code):
    wire = ScriptedDoor()
    wire.script(TOKEN_CALL, [token_answer(0)], forever=True)
    wire.script("GET /cgi-bin/tags/get", [error(code)], forever=True)
    (line,) = failing(connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock))).values()
    assert RULES[code].sentence in line.detail
    assert line.advice


@pytest.mark.parametrize(
    ("changes", "line"),
    [({"secret": "wrong"}, "token"), ({"token": ""}, "callback"), ({"aes_key": "x"}, "callback")],
)
def test_wrong_secrets_are_named(sandbox, clock, changes, line):
    account = structs.replace(kit.ACCOUNT, fields={**kit.ACCOUNT.fields, **changes})
    door = SandboxDoor(sandbox, kit.ACCOUNT.base_url)
    assert list(failing(connect(account, door, clock, MemoryTokenStore(clock)))) == [line]


@pytest.mark.parametrize("answer", [HttpAnswer(503, {}, b""), HttpAnswer(200, {}, b"<html>")])
def test_a_proxy_or_a_broken_server_is_named(clock, answer):
    wire = ScriptedDoor()
    wire.script(TOKEN_CALL, [answer], forever=True)
    found = failing(connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock)))
    assert list(found) == ["reachable"]
    assert found["reachable"].advice
