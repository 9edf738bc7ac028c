"""Every failure the sandbox can produce has its cause and its advice in the self-check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from siyu.kernel.errors import RetryLater
from siyu.platforms.wecom import connect
from siyu.platforms.wecom.errors import RULES
from siyu.platforms.wecom.sandbox.books import Knobs
from siyu.platforms.wecom.tests import kit
from siyu.platforms.wecom.tests.test_webhook import replace_fields
from siyu.ports.capabilities import Check
from siyu.ports.http import HttpAnswer
from siyu.ports.sandbox import Trouble
from siyu.ports.testing import MemoryTokenStore
from siyu.wechat.codes import Recovery

ANYWHERE = [
    code
    for code, rule in RULES.items()
    if rule.recovery in {Recovery.RETRY, Recovery.WAIT, Recovery.REFRESH, Recovery.REAUTH}
]
"""Codes that any call may meet; the others answer one wish and are shown beside it."""
HARMLESS = {
    "shows_left": True,
    "month_quota": 1,
    "max_ways": 1,
    "has_empty_pages": True,
}
"""Knobs that are no failure of the account: what they refuse is shown beside the wish."""
KNOBS: dict[str, tuple[Any, str]] = {
    "blocked_ip": ("198.51.100.7", "ip"),
    "is_permitted": (False, "permission"),
    "is_directory_open": (False, "directory"),
    "is_developer_bound": (False, "unionid"),
    "visible": ([], "staff"),
    "refuse": (48004, "permission"),
    "per_minute": (0, "quota"),
}


def failing(connector) -> dict[str, Check]:
    return {check.name: check for check in connector.check.run() if not check.is_ok}


def assert_named(found: dict[str, Check], name: str) -> None:
    assert list(found) == [name]
    assert found[name].detail
    assert found[name].advice


@pytest.fixture(autouse=True)
def friend(people):
    """Somebody is a customer already."""
    return people("add_friend", userid="mei", unionid="oU1", name="小王")


def test_a_healthy_account_has_no_complaint(live):
    assert failing(live) == {}


@pytest.mark.parametrize("knob", sorted(KNOBS))
def test_each_knob_that_breaks_the_account_is_named(live, people, knob):
    value, name = KNOBS[knob]
    people("knobs", **{knob: value})
    assert_named(failing(live), name)


def test_every_knob_is_covered():
    ours = {"visible", *KNOBS, *HARMLESS}
    assert set(Knobs.__dataclass_fields__) <= ours, "a new knob needs its cause, or a reason"


@pytest.mark.parametrize("knob", sorted(HARMLESS))
def test_other_knobs_raise_no_false_alarm(live, people, knob):
    people("knobs", **{knob: HARMLESS[knob]})
    assert failing(live) == {}


@pytest.mark.parametrize("code", ANYWHERE)
def test_each_code_any_call_may_meet_is_named(live, people, code):
    people("knobs", refuse=code)
    (check,) = failing(live).values()
    assert RULES[code].sentence in check.detail
    assert check.advice


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Trouble.RATE_LIMITED, ["quota"]),
        (Trouble.BUSY, ["reachable"]),
        (Trouble.TOKEN_REJECTED, []),
    ],
)
def test_the_platforms_own_troubles_are_named(live, door, kind, names):
    """A rejected token is renewed without anybody noticing."""
    live.check.run()
    door.troubles = [kind] * 9
    assert [name for name in failing(live) if name != "token"] == names
    door.troubles = []


@pytest.mark.parametrize(
    "account",
    [replace_fields(secret="wrong"), structs.replace(kit.ACCOUNT, remote_id="wwNOBODY")],
    ids=["secret", "corp"],
)
def test_wrong_credentials_are_named(door, clock, account):
    assert_named(failing(connect(account, door, clock, MemoryTokenStore(clock))), "token")


@pytest.mark.parametrize(
    ("fields", "part"), [({"token": ""}, "Token"), ({"aes_key": "short"}, "43")]
)
def test_wrong_callback_secrets_are_named(door, clock, fields, part):
    broken = connect(replace_fields(**fields), door, clock, MemoryTokenStore(clock))
    found = failing(broken)
    assert_named(found, "callback")
    assert part in found["callback"].detail + found["callback"].advice


@pytest.mark.parametrize(
    "answer",
    [
        HttpAnswer(503, {}, b""),
        HttpAnswer(200, {}, b"<html>proxy</html>"),
        RetryLater("http.connect", "连接不上 qyapi.weixin.qq.com"),
        RetryLater("http.broken", "与 qyapi.weixin.qq.com 的通信中断"),
    ],
    ids=["5xx", "proxy", "connect", "reset"],
)
def test_a_network_that_is_broken_is_named(connector, wire, answer):
    wire.script(kit.TOKEN_CALL, [answer], forever=True)
    assert_named(failing(connector), "reachable")


def test_a_wrong_clock_is_named(live, clock, door):
    real = door.request

    def dated(*arguments: Any, **more: Any) -> HttpAnswer:
        answer = real(*arguments, **more)
        late = clock.now() - timedelta(minutes=9)
        date = late.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return HttpAnswer(answer.status, {**answer.headers, "date": date}, answer.body)

    door.request = dated
    assert_named(failing(live), "clock")
