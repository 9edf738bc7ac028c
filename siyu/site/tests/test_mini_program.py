"""A mini program and its store from the platform's wire to the pool and back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from siyu.commerce.models import Order
from siyu.core.access import SYSTEM
from siyu.core.duties import Duty, Worker
from siyu.core.intake.asgi import IntakeApp
from siyu.core.tests.intake_client import IntakeClient
from siyu.core.write_keys import MISS_SECONDS, create_write_key
from siyu.fans.app_links import create_app_link
from siyu.fans.models import OrderFetch
from siyu.fans.orders import compare_orders, count_due, fetch_orders, report_shipment
from siyu.fans.stuck import list_stuck
from siyu.kernel.errors import PlatformRefused, Refused
from siyu.pool.models import Customer, Identity
from siyu.ports.orders import Parcel, Shipment
from siyu.reach import actions as reach
from siyu.reach.catalog import catalog
from siyu.reach.dispatch import Dispatcher
from siyu.site.subscriptions import subscribe
from siyu.site.tests.wechat_brand import GOODS, MINI, OFFICIAL, Brand, open_brand
from siyu.talk import queries as conversations
from siyu.talk.actions import reply
from siyu.talk.auto_replies import save_auto_reply

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNT = f"wechat_mini:{MINI}"


@pytest.fixture
def brand(run_time, clock) -> Iterator[Brand]:
    subscribe()
    time.sleep(MISS_SECONDS)  # keys read for the test before are old enough to be read again
    app = IntakeApp()
    reach.set_dispatcher(Dispatcher(catalog(), clock, threads=0))
    yield open_brand(run_time, clock, IntakeClient(app))
    reach.set_dispatcher(None)
    app.close()


def log_in(brand: Brand, key: str, unionid: str = "oU1"):
    given = brand.mini.control("log_in", {"unionid": unionid})
    return given, post("app-session", {"write_key": key, "code": given["code"]})


def post(what: str, body: dict[str, str]):
    path = f"/api/visits/{ACCOUNT}/{what}"
    return Client().post(path, json.dumps(body), content_type="application/json")


def test_login_gives_a_session_of_ours_and_never_the_platform_s(brand, clock, lin):
    key = create_write_key(lin, "mini", "mini", now=clock.now())
    given, answer = log_in(brand, key)
    told = answer.json()
    assert answer.status_code == 200
    assert given["openid"] not in answer.content.decode()
    assert "session_key" not in answer.content.decode()
    assert told["anonymous_id"].startswith("wx")
    event = {"anonymousId": told["anonymous_id"], "event": "Product Viewed", "messageId": "m1"}
    brand.client.key = key
    assert brand.client.post("/v1/track", {"type": "track", **event}).status == 200
    brand.deliver()
    assert Customer.objects.count() == 1
    spaces = set(Identity.objects.values_list("namespace", flat=True))
    assert spaces == {"wechat_mini_openid", "wx_unionid", "anonymous_id"}


def test_login_needs_a_write_key_and_a_fresh_code(brand, clock, lin):
    key = create_write_key(lin, "mini", "mini", now=clock.now())
    given, answer = log_in(brand, key)
    assert answer.status_code == 200
    again = post("app-session", {"write_key": key, "code": given["code"]})
    assert (again.status_code, again.json()["code"]) == (502, "wechat.code")
    assert post("app-session", {"write_key": "swk_no", "code": "x"}).status_code == 403


def test_a_phone_number_is_strong_evidence(brand, clock, lin):
    key = create_write_key(lin, "mini", "mini", now=clock.now())
    given, answer = log_in(brand, key)
    session = answer.json()["session"]
    shared = {"openid": given["openid"], "phone": "13912345678"}
    code = brand.mini.control("share_phone", shared)["code"]
    assert post("app-phone", {"session": session, "code": code}).status_code == 200
    assert post("app-phone", {"session": "x" + session, "code": code}).status_code == 403
    brand.deliver()
    assert Identity.objects.get(namespace="phone").value == "+8613912345678"
    assert Customer.objects.count() == 1


def test_one_person_follows_the_account_and_uses_the_app(brand, clock, lin):
    from siyu.guides.fetching import fetch_due

    key = create_write_key(lin, "mini", "mini", now=clock.now())
    log_in(brand, key, "oU7")
    brand.official.control("follow", {"unionid": "oU7"})
    brand.deliver()
    assert Customer.objects.count() == 2
    fetch_due(clock.now())
    brand.deliver()
    living = Identity.objects.values("customer_id").distinct().count()
    assert living == 1, "the unionid joined them"


def test_page_login_comes_back_to_our_page_only(brand, clock):
    browser = Client()
    path = f"/api/visits/wechat_oa:{OFFICIAL}/authorize"
    assert browser.get(path, {"to": "https://evil.example/"}).status_code == 422
    assert browser.get(path, {"to": "//evil.example"}).status_code == 422
    away = browser.get(path, {"to": "/h5/coupon"})
    assert away.status_code == 302
    assert away["Location"].startswith("https://open.weixin.qq.com/connect/oauth2/authorize?appid=")
    state = away["Location"].split("state=")[1].split("#")[0]
    code = brand.official.control("authorize", {"unionid": "oU1"})["code"]
    other = Client().get("/api/visits/return", {"code": code, "state": state})
    assert other.status_code == 403, "begun by another browser"
    back = browser.get("/api/visits/return", {"code": code, "state": state})
    assert (back.status_code, back["Location"]) == (302, "/h5/coupon")
    assert browser.get("/api/visits/me").json()["is_known"]
    brand.deliver()
    assert Identity.objects.filter(namespace="wechat_oa_openid").count() == 1


def test_links_have_a_life_of_thirty_days_at_most(brand, clock):
    made: dict[str, Any] = {
        "account": ACCOUNT,
        "name": "春茶短信",
        "page": "pages/new",
        "query": "from=sms",
    }
    link = create_app_link(SYSTEM, kind="url", days=7, **made, now=clock.now())
    assert link.url.startswith("https://wxaurl.cn/")
    assert create_app_link(SYSTEM, kind="scheme", **made, now=clock.now()).url.startswith("weixin:")
    assert create_app_link(SYSTEM, kind="short", **made, now=clock.now()).url.startswith("#小程序")
    with pytest.raises(Refused):
        create_app_link(SYSTEM, kind="url", days=31, **made, now=clock.now())


def ordered(brand: Brand) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    who = {"openid": brand.mini.control("log_in", {"unionid": "oU1"})["openid"]}
    made = brand.mini.control("order", {**who, "items": [GOODS]})
    return who, made, brand.mini.control("pay", made)


def test_a_store_order_becomes_an_order_of_the_customer(brand, clock):
    _, made, _ = ordered(brand)
    brand.deliver(repeat=2)
    while fetch_orders():
        pass
    brand.deliver()
    order = Order.objects.get()
    assert (order.order_no, order.amount_fen, order.shop) == (made["order_id"], 33600, "视频号小店")
    assert order.customer_id == Customer.objects.get().pk
    brand.mini.control("return_goods", {**made, "count": 1})
    brand.deliver()
    fetch_orders()
    brand.deliver()
    order.refresh_from_db()
    assert (order.refund_fen, order.net_fen) == (16800, 16800)


def test_an_order_is_read_when_it_is_told_and_is_due_until_then(brand, clock):
    turns: list[int] = []

    def turn() -> bool:
        turns.append(1)
        return False

    duty = Worker([Duty("fans.orders", 60, turn)])
    thread = threading.Thread(target=duty.run)
    thread.start()
    try:
        wait_for(lambda: len(turns) == 1)
        ordered(brand)
        brand.deliver()
        assert count_due(clock.now()) == 1
        wait_for(lambda: len(turns) == 2)
    finally:
        duty.stop()
        thread.join(10)
    fetch_orders()
    assert count_due(clock.now()) == 0


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_lost_order_event_is_found_by_comparing(brand, clock):
    ordered(brand)
    brand.world.sent.clear()
    assert compare_orders()
    assert OrderFetch.objects.count() == 1
    fetch_orders()
    brand.deliver()
    assert Order.objects.count() == 1
    assert not compare_orders()


def test_an_order_that_cannot_be_read_is_named_until_it_can(brand, clock):
    ordered(brand)
    brand.deliver()
    brand.mini.control("knobs", {"per_minute": 0})
    for expected in ([], ["store_orders"]):
        fetch_orders()
        assert [line.name for line in list_stuck(ACCOUNT)] == expected
        clock.advance(hours=1)
    brand.mini.control("knobs", {"per_minute": 5000})
    fetch_orders()
    assert list(list_stuck(ACCOUNT)) == []


def test_a_shipment_is_reported_once_and_for_its_payer_only(brand, clock):
    who, _, paid = ordered(brand)
    given: dict[str, Any] = {"transaction_id": paid["transaction_id"], "kind": "express"}
    parcels = (Parcel("明前龙井", "SF", "SF123"),)
    shipment = Shipment(**given, payer=who["openid"], parcels=parcels)
    stranger = Shipment(**given, payer="oNobody", parcels=parcels)
    with pytest.raises(PlatformRefused):
        report_shipment(SYSTEM, ACCOUNT, stranger, now=clock.now())
    report_shipment(SYSTEM, ACCOUNT, shipment, now=clock.now())
    report_shipment(SYSTEM, ACCOUNT, shipment, now=clock.now())
    assert brand.mini.witness()["shipped"] == 1


def test_a_keyword_is_answered_by_the_ledger_where_callbacks_carry_no_reply(brand, clock):
    values = {
        "name": "门店",
        "account": "",
        "trigger": "message",
        "match": "exact",
        "words": ["门店"],
        "reply": {"kind": "text", "text": "湖滨银泰 3 楼"},
        "position": 0,
        "is_active": True,
    }
    save_auto_reply(SYSTEM, None, values, now=clock.now())
    who = {"openid": brand.mini.control("log_in", {"unionid": "oU1"})["openid"]}
    brand.mini.control("write", {**who, "text": "门店"})
    assert [reply.body for reply in brand.deliver(repeat=2)] == [b"success"] * 2
    reach.dispatch()
    said = brand.mini.control("delivered", {})["items"]
    assert [(item["kind"], item["text"]) for item in said] == [("custom", "湖滨银泰 3 楼")]


def test_what_was_replied_by_hand_stays_in_the_conversation(brand, clock):
    who = {"openid": brand.mini.control("log_in", {"unionid": "oU1"})["openid"]}
    brand.mini.control("write", {**who, "text": "在吗"})
    brand.deliver()
    (talk,) = conversations.list_conversations(SYSTEM, None, 50, now=clock.now()).items
    clock.advance(seconds=5)
    reply(SYSTEM, talk.id, "在的", now=clock.now())
    reach.dispatch()
    page = conversations.list_messages(SYSTEM, talk.id, None, 50)
    assert [(one.text, one.is_ours) for one in page.items] == [("在的", True), ("在吗", False)]
