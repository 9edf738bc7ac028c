from __future__ import annotations

import pytest

from siyu.platforms.wecom import connect
from siyu.platforms.wecom.tests import kit
from siyu.platforms.wecom.tests.test_webhook import replace_fields
from siyu.ports.http import HttpAnswer
from siyu.ports.testing import MemoryTokenStore

LIST = f"GET {kit.EXTERNAL}/get_follow_user_list"
BATCH = f"POST {kit.EXTERNAL}/batch/get_by_user"
DEPARTMENTS = "GET /cgi-bin/department/list"


@pytest.fixture(autouse=True)
def quiet(wire):
    """Customers and departments that are fine."""
    wire.script(BATCH, [{"errcode": 84061, "errmsg": "not external contact"}], forever=True)
    wire.script(DEPARTMENTS, [{"errcode": 0, "department": []}], forever=True)


def failing(connector) -> dict[str, str]:
    return {check.name: check.detail for check in connector.check.run() if not check.is_ok}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (60020, "ip"),
        (48002, "permission"),
        (84074, "permission"),
        (60011, "permission"),
        (60021, "staff"),
        (45009, "quota"),
        (45033, "quota"),
        (-1, "reachable"),
    ],
)
def test_each_failure_is_named(connector, wire, code, name):
    wire.script(LIST, [kit.error(code)])
    assert list(failing(connector)) == [name]


def test_a_wrong_secret_stops_the_check(connector, wire):
    wire.script(kit.TOKEN_CALL, [kit.error(40001)], forever=True)
    assert "Secret" in failing(connector)["token"]
    assert wire.count(LIST) == 0


def test_no_visible_staff_is_a_failure(connector, wire):
    wire.script(LIST, [{"errcode": 0, "follow_user": []}])
    assert list(failing(connector)) == ["staff"]


@pytest.mark.parametrize(
    ("fields", "name"), [({"aes_key": "x"}, "callback"), ({"token": ""}, "callback")]
)
def test_wrong_callback_settings_are_found(wire, clock, fields, name):
    wire.script(kit.TOKEN_CALL, [kit.token_answer(0)], forever=True)
    wire.script(LIST, [{"errcode": 0, "follow_user": ["mei"]}])
    broken = connect(replace_fields(**fields), wire, clock, MemoryTokenStore(clock))
    assert list(failing(broken)) == [name]


@pytest.mark.parametrize(
    ("date", "is_ok"),
    [
        ("Wed, 11 Nov 2026 02:00:20 GMT", True),
        ("Wed, 11 Nov 2026 02:02:00 GMT", False),
        ("no date", True),
    ],
)
def test_the_clock_is_compared_with_the_platforms(connector, wire, date, is_ok):
    body = b'{"errcode":0,"follow_user":["mei"]}'
    wire.script(LIST, [HttpAnswer(200, {"date": date}, body)])
    assert ("clock" not in failing(connector)) == is_ok
