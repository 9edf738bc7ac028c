"""The sandbox keeps the platform's rules: codes used once, windows, permissions, links, orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from siyu.kernel.errors import PlatformRefused, WaitUntil
from siyu.platforms.wechat_mini.tests import kit
from siyu.ports.app_links import LinkKind
from siyu.ports.orders import Parcel, Shipment
from siyu.ports.sandbox import WireRequest
from siyu.wechat.testing import outgoing

CARD = "template: TPL-SHIP\nthing1: 明前龙井"
PARCEL = Parcel(item="明前龙井 50g", express="SF", number="SF1001")


def user(sandbox, unionid="oU1"):
    return sandbox.control("log_in", {"unionid": unionid, "name": "小王"})


def say(connector, openid, text="你好", channel="wechat_mini.custom"):
    return connector.senders[channel].send(outgoing(text, recipients=(openid,)))


def refused(act, *args, **more) -> str:
    """The platform's own code for what it does not do."""
    with pytest.raises(PlatformRefused) as caught:
        act(*args, **more)
    return caught.value.platform_code


def ordered(sandbox, openid, count=1):
    return [
        sandbox.control("order", {"openid": openid, "items": [kit.GOODS]})["order_id"]
        for _ in range(count)
    ]


def test_a_login_code_works_once_and_for_five_minutes(connector, sandbox, clock):
    first, second = user(sandbox), user(sandbox)
    assert first["openid"] == second["openid"], "one person has one openid"
    values = {one.value for one in connector.app_login.fetch_visitor(first["code"]).identities}
    assert values == {first["openid"], "oU1"}
    assert refused(connector.app_login.fetch_visitor, first["code"]) == "40163"
    clock.advance(minutes=5, seconds=1)
    assert refused(connector.app_login.fetch_visitor, second["code"]) == "40029"
    assert sandbox.witness()["logins"] == 1


def test_a_phone_code_is_no_login_code(connector, sandbox):
    openid = user(sandbox)["openid"]
    code = sandbox.control("share_phone", {"openid": openid, "phone": "13912345678"})["code"]
    assert refused(connector.app_login.fetch_visitor, code) == "40029"
    code = sandbox.control("share_phone", {"openid": openid, "phone": "13912345678"})["code"]
    assert connector.app_login.fetch_phone(code) == "+8613912345678"
    assert refused(connector.app_login.fetch_phone, code) == "40163"


def test_without_an_open_platform_there_is_no_unionid(connector, sandbox):
    sandbox.control("knobs", {"is_union_bound": False})
    (only,) = connector.app_login.fetch_visitor(user(sandbox)["code"]).identities
    assert only.namespace == "wechat_mini_openid"


def test_two_messages_within_a_minute_of_entering_and_five_after_writing(connector, sandbox, clock):
    openid = user(sandbox)["openid"]
    assert refused(say, connector, openid) == "45015"
    sandbox.control("enter_chat", {"openid": openid})
    for _ in range(2):
        say(connector, openid)
    assert refused(say, connector, openid) == "45047"
    sandbox.control("write", {"openid": openid, "text": "在吗"})
    clock.advance(hours=47)
    for _ in range(5):
        say(connector, openid)
    assert refused(say, connector, openid) == "45047"
    clock.advance(hours=2)
    assert refused(say, connector, openid) == "45015"


def test_one_notice_for_one_permission_and_none_after_withdrawal(connector, sandbox):
    openid = user(sandbox)["openid"]
    notice = "wechat_mini.subscribe"
    assert refused(say, connector, openid, CARD, notice) == "43101"
    for _ in range(2):
        sandbox.control("answer_popup", {"openid": openid, "template": "TPL-SHIP"})
    say(connector, openid, CARD, notice)
    sandbox.control("withdraw_permit", {"openid": openid, "template": "TPL-SHIP"})
    assert refused(say, connector, openid, CARD, notice) == "43101"
    assert sandbox.witness()["notice_messages"] == 1


def test_a_link_lives_thirty_days_at_most_whoever_asks(connector, sandbox, clock):
    for kind in LinkKind:
        assert connector.app_links.create_link(kind, "pages/a", "from=sms", expires_at=None)
    assert sandbox.witness()["links"] == 3
    body = {"path": "pages/a", "expire_type": 1, "expire_interval": 31}
    assert call(sandbox, "/wxa/generate_urllink", body)["errcode"] == 40097
    late = int((clock.now() + timedelta(days=31)).timestamp())
    body = {"path": "pages/a", "expire_type": 0, "expire_time": late}
    assert call(sandbox, "/wxa/generate_urllink", body)["errcode"] == 40097
    body = {"jump_wxa": {}, "expire_type": 1, "expire_interval": 1}
    assert call(sandbox, "/wxa/generatescheme", body)["errcode"] == 40165


def test_a_shipment_is_taken_once_for_its_payer_only(connector, sandbox, clock):
    openid = user(sandbox)["openid"]
    (number,) = ordered(sandbox, openid)
    paid = sandbox.control("pay", {"order_id": number})["transaction_id"]
    shipment = Shipment(transaction_id=paid, payer=openid, kind="express", parcels=(PARCEL,))
    wrong = replace(shipment, payer="oSOMEBODYELSE")
    assert refused(connector.shipping.upload_shipment, wrong, clock.now()) == "10060001"
    for _ in range(2):
        connector.shipping.upload_shipment(shipment, clock.now())
    assert sandbox.witness()["shipped"] == 1


def test_orders_come_in_pages_of_what_changed(connector, sandbox, clock):
    openid = user(sandbox)["openid"]
    early = ordered(sandbox, openid)
    clock.advance(days=1)
    begun = clock.now()
    numbers = ordered(sandbox, openid, 130)
    found, cursor = connector.orders.list_orders(begun, clock.now(), "")
    more, end = connector.orders.list_orders(begun, clock.now(), cursor)
    assert (len(found), end) == (100, "")
    assert sorted(found + more) == sorted(numbers)
    assert not set(early) & set(found + more)
    old = begun - timedelta(days=8)
    assert refused(connector.orders.list_orders, old, clock.now(), "") == "40097"


def test_an_order_is_told_when_it_is_paid_and_what_came_back_of_it(connector, sandbox):
    (number,) = ordered(sandbox, user(sandbox)["openid"])
    assert connector.orders.fetch_order(number) == []
    sandbox.control("pay", {"order_id": number})
    sandbox.control("return_goods", {"order_id": number, "count": 1})
    names = [fact.name for fact in connector.orders.fetch_order(number)]
    assert names == ["order_completed", "order_refunded"]
    sandbox.control("return_goods", {"order_id": number})
    (_, back) = connector.orders.fetch_order(number)
    assert back.properties["total_fen"] == 33600
    assert connector.orders.fetch_order("3700000000000009999") == []


def test_limits_blocked_addresses_and_ended_tokens(connector, sandbox):
    sandbox.control("knobs", {"per_minute": 1})
    connector.templates.list_templates()
    with pytest.raises(WaitUntil):
        connector.templates.list_templates()
    sandbox.control("knobs", {"per_minute": 100})
    sandbox.control("expire_token", {})
    connector.templates.list_templates()
    assert sandbox.control("calls", {})["token"] == 2
    failing = [line.name for line in connector.check.run() if not line.is_ok]
    assert failing == []
    sandbox.control("knobs", {"blocked_ip": "198.51.100.7"})
    (line,) = [line for line in connector.check.run() if not line.is_ok]
    assert line.name == "ip"
    assert "198.51.100.7" in line.detail


def call(sandbox, path, body):
    """A call past our own checks, as any client may make it."""
    asked = {"grant_type": "client_credential", "appid": kit.APP, "secret": kit.SECRET}
    token = post(sandbox, "/cgi-bin/stable_token", asked)["access_token"]
    return post(sandbox, path, body, access_token=token)


def post(sandbox, path, body, **query):
    request = WireRequest(method="POST", path=path, query=query, body=msgspec.json.encode(body))
    return msgspec.json.decode(sandbox.answer(request).body)


def test_events_of_a_store_are_pushed_ten_times_and_messages_three(sandbox, world):
    openid = user(sandbox)["openid"]
    ordered(sandbox, openid)
    sandbox.control("write", {"openid": openid, "text": "在吗"})
    assert [callback.attempts for callback in world.sent] == [10, 3]
