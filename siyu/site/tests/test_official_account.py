"""An official account from the platform's wire to the pool and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from siyu.core.access import SYSTEM
from siyu.core.accounts import connector
from siyu.core.intake.answering import set_answerer
from siyu.core.intake.asgi import IntakeApp
from siyu.core.models import User
from siyu.core.tests.intake_client import IntakeClient
from siyu.fans import visits
from siyu.fans.follow_codes import create_follow_code, list_follow_codes
from siyu.fans.models import CodeFollow
from siyu.fans.templates import send_template
from siyu.guides.fetching import fetch_due
from siyu.guides.models import Staff
from siyu.guides.syncing import start_sync, work
from siyu.kernel.errors import PlatformRefused, Refused
from siyu.materials.actions import add_material
from siyu.materials.jobs import renew_due
from siyu.pool.actions import ensure_tag
from siyu.pool.models import Customer, CustomerTag, Identity, Relation, Trait
from siyu.pool.queries import names_of
from siyu.ports.menus import MenuRule
from siyu.reach import actions as reach
from siyu.reach.catalog import catalog
from siyu.reach.dispatch import Dispatcher
from siyu.reach.models import Permit, Touch, Window
from siyu.reach.permits import customers_allowing
from siyu.site.subscriptions import subscribe
from siyu.site.tests.wechat_brand import OFFICIAL, Brand, open_brand
from siyu.talk.answering import QuickAnswers
from siyu.talk.auto_replies import list_auto_replies, save_auto_reply
from siyu.talk.conditional_menus import (
    add_conditional_menu,
    delete_conditional_menu,
    list_conditional_menus,
    list_menu_tags,
    match_menu,
)
from siyu.talk.menus import delete_menu, get_menu, publish_menu, save_menu
from siyu.talk.models import Message

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNT = f"wechat_oa:{OFFICIAL}"
NOTICE = {"template": "TPL-NEW", "title": "新品上架", "content": "新品:{{thing1.DATA}}"}
PICTURE = b"\x89PNG\r\n\x1a\n-tea"
CARD = "template: TPL-NEW\nthing1: 明前龙井"


@pytest.fixture
def brand(run_time, clock) -> Iterator[Brand]:
    subscribe()
    app = IntakeApp()
    reach.set_dispatcher(Dispatcher(catalog(), clock, threads=0))
    yield open_brand(run_time, clock, IntakeClient(app))
    reach.set_dispatcher(None)
    app.close()


def login():
    found = connector(ACCOUNT).page_login
    assert found is not None
    return found


def rule(clock, **values):
    given = {
        "name": "新茶",
        "account": "",
        "trigger": "message",
        "match": "contains",
        "words": ["新茶", "龙井"],
        "reply": {"kind": "text", "text": "明前龙井已到店"},
        "position": 0,
        "is_active": True,
        **values,
    }
    return save_auto_reply(SYSTEM, None, given, now=clock.now())


def heard(brand: Brand) -> list[tuple[str, str]]:
    items = brand.official.control("delivered", {})["items"]
    return [(item["kind"], item["text"]) for item in items]


def test_a_keyword_is_answered_inside_the_callback_and_kept_once(brand, clock):
    rule(clock)
    fan = brand.official.control("follow", {"unionid": "oU1", "name": "小王"})
    brand.deliver()
    brand.official.control("write", {**fan, "text": "请问龙井有吗"})
    replies = brand.deliver(repeat=3)
    assert all(b"<Encrypt>" in reply.body for reply in replies)
    assert heard(brand) == [("passive", "明前龙井已到店")]
    said = Message.objects.order_by("is_ours").values_list("is_ours", "text")
    assert list(said) == [(False, "请问龙井有吗"), (True, "明前龙井已到店")]
    assert list_auto_replies(SYSTEM)[0].hits == 1


def test_a_keyword_is_answered_with_a_picture_of_ours_once_it_is_uploaded(brand, clock):
    made = add_material(SYSTEM, kind="image", name="茶.png", content=PICTURE, now=clock.now())
    rule(clock, words=["图"], reply={"kind": "text", "text": "稍等"}, position=9)
    image = {"kind": "image", "material": str(made.id)}
    rule(clock, words=["图"], reply=image, account=ACCOUNT)
    fan = brand.official.control("follow", {"unionid": "oU1"})
    brand.official.control("write", {**fan, "text": "看图"})
    brand.deliver()
    assert [view.is_ready for view in list_auto_replies(SYSTEM)] == [False, True]
    renew_due(clock.now())
    for _ in range(4):
        clock.advance(days=1)
        renew_due(clock.now())
    assert [view.is_ready for view in list_auto_replies(SYSTEM)] == [True, True]
    set_answerer(QuickAnswers())
    brand.official.control("write", {**fan, "text": "再看图"})
    brand.deliver()
    said = heard(brand)
    assert [kind for kind, _ in said] == ["passive", "passive"]
    assert said[0][1] == "稍等"
    assert said[1][1].startswith("[image MEDIA")
    assert brand.official.witness().get("malformed_replies", 0) == 0
    assert brand.official.witness()["uploads"] == 3


@pytest.mark.parametrize("material", ["", "abc", "999"])
def test_a_reply_names_a_picture_that_is_there(brand, clock, material):
    with pytest.raises(Refused) as caught:
        rule(clock, account=ACCOUNT, reply={"kind": "image", "material": material})
    assert (caught.value.code, caught.value.field) == ("attachment.material", "material")


def test_without_a_fitting_rule_the_platform_hears_success(brand, clock):
    rule(clock)
    fan = brand.official.control("follow", {"unionid": "oU1"})
    brand.official.control("write", {**fan, "text": "在吗"})
    assert [reply.body for reply in brand.deliver()] == [b"success", b"success"]
    assert heard(brand) == []


def test_followers_of_a_code_and_clicks_get_words_of_their_own(brand, clock):
    code = create_follow_code(SYSTEM, account=ACCOUNT, name="门店台卡", now=clock.now())
    follow = {"trigger": "follow", "match": "exact"}
    rule(clock, **follow, words=[code.scene], reply={"kind": "text", "text": "欢迎光临门店"})
    rule(clock, **follow, words=[], reply={"kind": "text", "text": "谢谢关注"})
    link = {"kind": "link", "title": "新品", "url": "https://brand.example/new"}
    rule(clock, trigger="click", match="exact", words=["NEW"], reply=link, account=ACCOUNT)
    fan = brand.official.control("follow", {"unionid": "oU1", "scene": code.scene})
    brand.official.control("follow", {"unionid": "oU2"})
    brand.official.control("click", {**fan, "key": "NEW"})
    brand.deliver()
    assert heard(brand) == [
        ("passive", "欢迎光临门店"),
        ("passive", "谢谢关注"),
        ("passive", "新品"),
    ]


def test_an_answer_takes_less_than_100_ms(brand, clock):
    for number in range(200):
        rule(clock, words=[f"词{number}"], match="regex" if number % 2 else "contains")
    fan = brand.official.control("follow", {"unionid": "oU1"})
    brand.deliver()
    slowest = 0.0
    for number in (0, 77, 199, 50):
        brand.official.control("write", {**fan, "text": f"有词{number}吗"})
        began = time.perf_counter()
        (reply,) = brand.deliver_only()
        slowest = max(slowest, time.perf_counter() - began)
        assert b"<Encrypt>" in reply.body
    assert slowest < 0.5, "100 ms on a quiet machine"


def test_a_code_is_the_first_source_and_tags_its_followers(brand, clock):
    tag = ensure_tag(SYSTEM, "渠道", "门店", now=clock.now())
    code = create_follow_code(
        SYSTEM, account=ACCOUNT, name="门店台卡", days=7, tag_ids=[tag], now=clock.now()
    )
    assert code.expires_at is not None
    fan = brand.official.control("follow", {"unionid": "oU1", "scene": code.scene})
    brand.official.control("scan", {**fan, "scene": code.scene})
    brand.deliver(repeat=2)
    (view,) = list_follow_codes(SYSTEM, now=clock.now())
    assert (view.followed, view.followed_today, view.left, view.scans) == (1, 1, 0, 1)
    assert Customer.objects.get().first_source == "门店台卡"
    assert CustomerTag.objects.filter(tag_id=tag).count() == 1
    clock.advance(seconds=5)
    brand.official.control("unfollow", fan)
    brand.deliver()
    assert CodeFollow.objects.get().left_at is not None
    assert not Relation.objects.get().is_friend


@pytest.mark.parametrize("act", ["unfollow", "revoke"])
def test_who_leaves_or_revokes_is_no_longer_called_by_the_profile(brand, clock, act):
    fan = brand.official.control("follow", {"unionid": "oU1"})
    brand.deliver()
    scope = {"unionid": "oU1", "name": "小满", "scope": "snsapi_userinfo"}
    code = brand.official.control("authorize", scope)["code"]
    visits._remember(ACCOUNT, login().fetch_visitor(code), "", clock.now())
    brand.deliver()
    (customer,) = Customer.objects.values_list("pk", flat=True)
    assert names_of([customer]) == {customer: "小满"}
    clock.advance(minutes=1)
    brand.official.control(act, fan)
    brand.deliver(repeat=2)
    assert names_of([customer]).get(customer, "") == ""
    assert "小满" not in str(list(Trait.objects.values()))


def test_a_new_fan_s_unionid_joins_him_with_the_mini_program(brand, clock):
    brand.official.control("follow", {"unionid": "oU1"})
    brand.deliver()
    assert fetch_due(clock.now())
    brand.deliver()
    names = set(Identity.objects.values_list("namespace", flat=True))
    assert names == {"wechat_oa_openid", "wx_unionid"}
    assert Customer.objects.count() == 1


def test_a_notice_is_sent_once_for_each_permission(brand, clock):
    brand.official.control("add_notice", NOTICE)
    fan = brand.official.control("follow", {"unionid": "oU1"})
    who = {**fan, "template": "TPL-NEW"}
    for act in (True, True, None, True, False):
        clock.advance(seconds=1)
        if act is None:
            brand.official.control("withdraw_permit", who)
        else:
            brand.official.control("answer_popup", {**who, "is_accepted": act})
    brand.official.control("answer_popup", who)
    brand.world.sent.pop()
    brand.deliver(repeat=2)
    permit = Permit.objects.get()
    assert (permit.left, permit.granted, permit.withdrawn) == (1, 3, 2)
    allowing = partial(customers_allowing, ACCOUNT, "wechat_oa.subscribe", 10)
    assert allowing() == [permit.customer_id]
    for _ in range(2):
        send(clock, "wechat_oa.subscribe", CARD)
    assert heard(brand) == [("notice", "明前龙井")]
    states = Touch.objects.order_by("id").values_list("state", "reason")
    assert list(states) == [("delivered", ""), ("suppressed", "no_channel")]
    permit.refresh_from_db()
    assert (permit.left, permit.spent) == (0, 1)
    assert allowing() == []


def test_a_declined_pop_up_leaves_earlier_permissions_as_they_are(brand, clock):
    brand.official.control("add_notice", NOTICE)
    fan = brand.official.control("follow", {"unionid": "oU1"})
    who = {**fan, "template": "TPL-NEW"}
    brand.official.control("answer_popup", who)
    clock.advance(seconds=1)
    left = brand.official.control("answer_popup", {**who, "is_accepted": False})["left"]
    brand.deliver()
    permit = Permit.objects.get()
    assert (permit.left, permit.granted, permit.withdrawn) == (left, 1, 0)
    send(clock, "wechat_oa.subscribe", CARD)
    assert heard(brand) == [("notice", "明前龙井")]


def test_the_platform_s_no_ends_all_permissions(brand, clock):
    brand.official.control("add_notice", NOTICE)
    fan = brand.official.control("follow", {"unionid": "oU1"})
    who = {**fan, "template": "TPL-NEW"}
    brand.official.control("answer_popup", who)
    clock.advance(seconds=1)
    brand.official.control("answer_popup", who)
    brand.deliver()
    brand.official.control("withdraw_permit", who)
    brand.world.sent.clear()
    send(clock, "wechat_oa.subscribe", CARD)
    assert Touch.objects.get().reason == "wechat.no_permit"
    permit = Permit.objects.get()
    assert (permit.left, permit.spent, permit.withdrawn) == (0, 0, 2)


def test_a_template_message_that_fails_later_did_not_arrive(brand, clock):
    brand.official.control("add_template", {**NOTICE, "template": "TPL-ORDER"})
    fan = brand.official.control("follow", {"unionid": "oU1"})
    for is_refusing in (True, False):
        brand.official.control("refuse_messages", {**fan, "is_refusing": is_refusing})
        brand.deliver()
        send(clock, "wechat_oa.template", CARD.replace("TPL-NEW", "TPL-ORDER"))
        assert Touch.objects.latest("id").state == "delivered"
        brand.deliver()
        clock.advance(days=2)
    states = Touch.objects.order_by("id").values_list("state", "reason")
    assert list(states) == [("failed", "user_block"), ("delivered", "")]
    assert heard(brand) == [("template", "明前龙井")]


def test_windows_have_the_length_of_their_trigger(brand, clock):
    fan = brand.official.control("follow", {"unionid": "oU1"})
    brand.deliver()
    window = Window.objects.get(channel="wechat_oa.custom")
    assert (window.remaining, (window.until - window.opened_at).total_seconds()) == (3, 60)
    clock.advance(seconds=1)
    brand.official.control("write", {**fan, "text": "在吗"})
    brand.deliver()
    window.refresh_from_db()
    assert (window.remaining, (window.until - window.opened_at).total_seconds()) == (5, 172_800)


def test_a_newer_click_shuts_the_long_window_even_when_it_is_heard_late(brand, clock):
    fan = brand.official.control("follow", {"unionid": "oU1"})
    brand.deliver()
    clock.advance(hours=1)
    for late in (timedelta(0), timedelta(minutes=5)):
        brand.official.control("write", {**fan, "text": "在吗"})
        brand.official.control("click", {**fan, "key": "NEW"})
        clock.advance(seconds=late.total_seconds())
        brand.deliver()
        window = Window.objects.get(channel="wechat_oa.custom")
        assert window.until == window.opened_at + timedelta(seconds=60)
        assert window.opened_at > clock.now() - timedelta(minutes=6)
        clock.advance(hours=1)


def test_a_menu_is_drafted_published_and_taken_away(brand, clock):
    buttons: list[dict[str, Any]] = [
        {"name": "新品", "kind": "click", "value": "NEW"},
        {
            "name": "服务",
            "kind": "group",
            "buttons": [{"name": "门店", "kind": "view", "value": "https://brand.example/s"}],
        },
    ]
    save_menu(SYSTEM, ACCOUNT, buttons, now=clock.now())
    menus = connector(ACCOUNT).menus
    assert menus is not None
    assert menus.fetch_menu() == ()
    assert publish_menu(SYSTEM, ACCOUNT, now=clock.now()).published_at == clock.now()
    assert [button.name for button in menus.fetch_menu()] == ["新品", "服务"]
    delete_menu(SYSTEM, ACCOUNT, now=clock.now())
    assert menus.fetch_menu() == ()
    assert get_menu(SYSTEM, ACCOUNT).published_at is None


def test_some_fans_see_a_menu_of_their_own(brand, clock):
    button = {"name": "新品", "kind": "click", "value": "NEW"}
    own = {"name": "会员日", "kind": "click", "value": "VIP"}
    with pytest.raises(PlatformRefused) as caught:
        add_conditional_menu(SYSTEM, ACCOUNT, [own], rule=MenuRule(client="ios"), now=clock.now())
    assert caught.value.platform_code == "65303"
    save_menu(SYSTEM, ACCOUNT, [button], now=clock.now())
    publish_menu(SYSTEM, ACCOUNT, now=clock.now())
    fan = brand.official.control("follow", {"unionid": "oU1"})
    brand.deliver()
    customer = Customer.objects.get().pk
    tags = connector(ACCOUNT).tags
    assert tags is not None
    (tag,) = tags.create_tags("", ["老客"])
    assert [one.name for one in list_menu_tags(SYSTEM, ACCOUNT)] == ["老客"]
    rule = MenuRule(tag_id=tag.remote_id, client="android")
    made = add_conditional_menu(SYSTEM, ACCOUNT, [own], rule=rule, now=clock.now())
    (view,) = list_conditional_menus(SYSTEM, ACCOUNT)
    assert (view.id, view.tag_name, view.client) == (made, "老客", "android")
    assert view.buttons == [own]
    assert match_menu(SYSTEM, ACCOUNT, customer, now=clock.now()).buttons == [button]
    tags.mark("", fan["openid"], [tag.remote_id], [])
    matched = match_menu(SYSTEM, ACCOUNT, customer, now=clock.now())
    assert (matched.id, matched.buttons) == (made, [own])
    for _ in range(2):
        delete_conditional_menu(SYSTEM, ACCOUNT, made, now=clock.now())
    assert list_conditional_menus(SYSTEM, ACCOUNT) == []
    clock.advance(seconds=5)
    brand.official.control("unfollow", fan)
    brand.deliver()
    for wrong in (
        lambda: match_menu(SYSTEM, ACCOUNT, customer, now=clock.now()),
        lambda: add_conditional_menu(SYSTEM, ACCOUNT, [own], rule=MenuRule(), now=clock.now()),
    ):
        with pytest.raises((Refused, PlatformRefused)):
            wrong()


def test_the_routes_of_menus_for_some(brand, clock):
    publish = {"buttons": [{"name": "新品", "kind": "click", "value": "NEW"}]}
    save_menu(SYSTEM, ACCOUNT, publish["buttons"], now=clock.now())
    publish_menu(SYSTEM, ACCOUNT, now=clock.now())
    person = User.objects.create(username="ann", role="operator", created_at=clock.now())
    client = Client()
    client.force_login(person)
    path = f"/api/menus/{ACCOUNT}/conditional"
    json = "application/json"
    made = client.post(path, {**publish, "client": "ios"}, content_type=json)
    assert made.status_code == 201
    assert [one["id"] for one in client.get(path).json()["items"]] == [made.json()["id"]]
    assert client.post(path, publish, content_type=json).json()["code"] == "menu.rule"
    assert client.post(path, {**publish, "client": "nokia"}, content_type=json).status_code == 422
    assert client.get(f"/api/menus/{ACCOUNT}/tags").json() == {"items": []}
    assert client.delete(f"{path}/{made.json()['id']}").status_code == 204
    match = client.post(f"/api/menus/{ACCOUNT}/match", {"customer_id": 7}, content_type=json)
    assert match.status_code in {404, 422}


def send(clock, channel: str, text: str) -> None:
    customer = Customer.objects.get().pk
    send_template(SYSTEM, ACCOUNT, channel, customer, text, now=clock.now())
    reach.dispatch()


def test_fans_are_pulled_by_pages_and_the_lost_ones_told(brand, clock):
    for number in range(250):
        brand.official.control("follow", {"unionid": f"oU{number}"})
    brand.world.sent.clear()
    pull_all(clock)
    brand.deliver()
    assert (Relation.objects.count(), Customer.objects.count()) == (250, 250)
    assert Identity.objects.filter(namespace="wx_unionid").count() == 250
    calls = brand.official.control("calls", {})
    assert calls["/cgi-bin/user/get"] == 2
    assert calls["/cgi-bin/user/info/batchget"] == 3
    clock.advance(seconds=86_400)
    people = brand.official.control("people", {})
    brand.official.control("unfollow", {"openid": people[0]["openid"]})
    brand.world.sent.clear()
    pull_all(clock)
    brand.deliver()
    assert Relation.objects.filter(is_friend=False).count() == 1
    assert Staff.objects.count() == 0


def pull_all(clock) -> None:
    start_sync(ACCOUNT, "lin", clock.now())
    while work(clock.now(), account=ACCOUNT):
        pass
