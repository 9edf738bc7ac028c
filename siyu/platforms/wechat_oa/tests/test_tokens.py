"""Tokens and the day's quota as any client meets them."""

from __future__ import annotations

import msgspec
import pytest

from siyu.kernel.errors import WaitUntil
from siyu.platforms.wechat_oa.tests import kit
from siyu.ports.sandbox import WireRequest

TAGS = "/cgi-bin/tags/get"


@pytest.fixture
def plain_token(sandbox):
    def ask() -> str:
        query = {"grant_type": "client_credential", "appid": kit.APP, "secret": kit.SECRET}
        request = WireRequest(method="GET", path="/cgi-bin/token", query=query)
        return str(msgspec.json.decode(sandbox.answer(request).body)["access_token"])

    return ask


@pytest.fixture
def code(sandbox):
    """The errcode of a harmless call with a token."""

    def ask(token: str) -> int:
        request = WireRequest(method="GET", path=TAGS, query={"access_token": token})
        return int(msgspec.json.decode(sandbox.answer(request).body).get("errcode", 0))

    return ask


def test_a_stable_token_is_the_same_until_five_minutes_before_its_end(stable_token, code, clock):
    first = stable_token()
    clock.advance(minutes=114)
    assert stable_token() == first
    clock.advance(minutes=2)
    second = stable_token()
    assert second != first
    assert (code(first), code(second)) == (0, 0)
    clock.advance(minutes=5)
    assert (code(first), code(second)) == (42001, 0)


def test_a_forced_token_ends_the_one_before_at_once(stable_token, code):
    first = stable_token()
    second = stable_token(force_refresh=True)
    assert (code(first), code(second)) == (42001, 0)


def test_a_plain_token_replaces_the_plain_one_and_leaves_the_stable_one(
    stable_token, plain_token, code, clock
):
    stable, first, second = stable_token(), plain_token(), plain_token()
    assert [code(one) for one in (stable, first, second)] == [0, 0, 0]
    clock.advance(minutes=5)
    assert [code(one) for one in (stable, first, second)] == [0, 42001, 0]
    assert stable_token() == stable


def test_the_day_s_quota_is_cleared_a_few_times_a_month(connector, sandbox, post):
    sandbox.control("knobs", {"per_day": 1, "clears_per_month": 1})
    connector.tags.list_tags()
    with pytest.raises(WaitUntil) as caught:
        connector.tags.list_tags()
    assert caught.value.platform_code == "45009"
    assert post("/cgi-bin/clear_quota", {"appid": kit.APP})["errcode"] == 0
    connector.tags.list_tags()
    assert post("/cgi-bin/clear_quota", {"appid": kit.APP})["errcode"] == 48006
    assert post("/cgi-bin/clear_quota", {"appid": "wx-other"})["errcode"] == 40013


def test_the_next_day_begins_anew(connector, sandbox, clock):
    sandbox.control("knobs", {"per_day": 1})
    connector.tags.list_tags()
    clock.advance(days=1)
    connector.tags.list_tags()
