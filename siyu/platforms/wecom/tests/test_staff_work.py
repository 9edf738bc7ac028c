"""Take-over, behaviour, pages and notices: the connector against the sandbox."""

from __future__ import annotations

import json
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from siyu.kernel.errors import PlatformRefused, Refused
from siyu.platforms.wecom.member_pages import sign_page
from siyu.platforms.wecom.tests import kit
from siyu.ports import facts
from siyu.ports.sandbox import WireRequest
from siyu.ports.transfers import MoveState

DAY = date(2026, 11, 10)


@pytest.fixture
def customers(people):
    """Three friends of Mei's."""
    return [
        people("add_friend", userid="mei", unionid=f"oU{n}", name=f"客{n}")["external_userid"]
        for n in range(3)
    ]


def move(live, customers, *, has_left=False, taker="lin"):
    return live.transfers.move_customers(
        "mei", taker, customers, has_left=has_left, message="以后由林姐为您服务"
    )


def states(live, *, has_left=False):
    found, cursor = live.transfers.list_results("mei", "lin", "", has_left=has_left)
    assert cursor == ""
    return {one.remote_id: one.state for one in found}


def told(live, world, clock):
    return [
        (fact.name, fact.staff, fact.properties.get("reason"))
        for request in world.take()
        for fact in live.webhook.read(
            live.webhook.verify(request, clock.now()).body, clock.now(), "m"
        )
    ]


def test_a_customer_moves_after_a_day_and_both_sides_are_told(
    live, people, world, clock, customers
):
    assert move(live, customers) == []
    people("refuse_move", external_userid=customers[1])
    world.take()
    clock.advance(hours=23)
    assert states(live)[customers[0]] is MoveState.WAITING
    clock.advance(hours=1)
    found = states(live)
    assert [found[one] for one in customers] == [
        MoveState.DONE,
        MoveState.REFUSED,
        MoveState.DONE,
    ]
    heard = told(live, world, clock)
    assert heard.count((facts.FRIEND_REMOVED, "mei", "delete_by_transfer")) == 2
    assert heard.count((facts.FRIEND_ADDED, "lin", None)) == 2


def test_who_may_not_be_moved_and_why(live, people, clock, customers):
    codes = {one.remote_id: one.code for one in move(live, [customers[0], "wmNobody"])}
    assert codes == {"wmNobody": "wecom.external_userid"}
    (again,) = move(live, customers[:1])
    assert again.code == "wecom.moving"
    (same,) = move(live, customers[1:2], taker="mei")
    assert same.code == "wecom.same_person"
    people("set_full", userids=["lin"])
    (full,) = move(live, customers[1:2])
    assert full.code == "wecom.taker_full"
    (working,) = move(live, customers[1:2], has_left=True)
    assert working.code == "wecom.not_resigned"


def test_twice_in_ninety_days_and_not_a_third_time(live, clock, customers):
    pairs = [("mei", "lin"), ("lin", "mei"), ("mei", "lin")]
    refusals = []
    for giver, taker in pairs:
        refusals.append(
            live.transfers.move_customers(giver, taker, customers[:1], has_left=False, message="")
        )
        clock.advance(hours=24)
        live.transfers.list_results(giver, taker, "", has_left=False)
    assert [len(one) for one in refusals] == [0, 0, 1]
    assert refusals[2][0].code == "wecom.too_often"
    clock.advance(hours=24 * 90)
    assert move(live, customers[:1]) == []


def test_who_leaves_leaves_orphans_who_can_be_given_away(live, people, world, clock, customers):
    world.take()
    assert people("leave", userid="mei") == {"left": True, "customers": 3}
    assert told(live, world, clock)[0][0] == facts.STAFF_SYNCED
    orphans, cursor = live.transfers.list_orphans("")
    assert ({one.remote_id for one in orphans}, cursor) == (set(customers), "")
    assert {one.staff for one in orphans} == {"mei"}
    assert move(live, customers, has_left=True) == []
    people("settle_moves", is_forced=True)
    assert set(states(live, has_left=True).values()) == {MoveState.DONE}
    assert live.transfers.list_orphans("") == ([], "")


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_of_a_wrong_size_is_refused_before_it_is_sent(live, door, count):
    before = door.count
    with pytest.raises(Refused):
        move(live, ["wm"] * count)
    assert door.count == before


def test_days_are_counted_per_member(live, people):
    row = {"chats": 4, "messages": 30, "replied": 3, "reply_seconds": 540, "added": 2}
    people("behave", rows=[{"userid": "mei", "day": "2026-11-10", **row}])
    people("behave", rows=[{"userid": "lin", "day": "2026-11-10", "chats": 1, "negative": 1}])
    mei = live.behaviour.fetch_days("mei", DAY - timedelta(days=1), DAY)
    assert [(one.day, one.chats) for one in mei] == [(DAY - timedelta(days=1), 0), (DAY, 4)]
    assert (mei[0].reply_percent, mei[0].first_reply_minutes) == (None, None)
    assert (mei[1].reply_percent, mei[1].first_reply_minutes, mei[1].added) == (75.0, 3, 2)
    (both,) = live.behaviour.fetch_sum(["mei", "lin"], DAY, DAY)
    assert (both.staff, both.chats, both.negative) == ("", 5, 1)


def test_more_days_than_the_platform_gives_are_refused(live):
    with pytest.raises(Refused):
        live.behaviour.fetch_days("mei", DAY - timedelta(days=30), DAY)


def test_the_published_signature_of_a_page():
    ticket = (
        "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
    )
    signed = sign_page(
        ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value"
    )
    assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"


def register(sandbox, setup, url):
    signed = {
        kind: {"timestamp": one.timestamp, "nonceStr": one.nonce, "signature": one.signature}
        for kind, one in (("corp", setup.config), ("agent", setup.agent_config))
    }
    body = json.dumps({"corp": kit.CORP, "url": url, "signed": signed}).encode()
    return json.loads(
        sandbox.answer(WireRequest(method="POST", path="/client/register", body=body)).body
    )


def test_a_page_signed_by_us_is_trusted_and_another_is_not(live, sandbox, door, clock):
    url = "https://scrm.example.com/sidebar/?account=wecom"
    setup = live.member_pages.setup(url + "#member=mei")
    assert register(sandbox, setup, url)["errcode"] == 0
    assert register(sandbox, setup, url + "&x=1")["errcode"] == 40093
    before = door.count
    live.member_pages.setup(url)
    assert door.count == before, "tickets are kept"
    clock.advance(hours=2)
    assert register(sandbox, setup, url)["errcode"] == 42012
    assert register(sandbox, live.member_pages.setup(url), url)["errcode"] == 0


def test_a_code_of_a_member_signs_in_once(live, people, clock):
    code = people("client_code", userid="mei")["code"]
    assert live.member_pages.fetch_member(code) == "mei"
    with pytest.raises(PlatformRefused):
        live.member_pages.fetch_member(code)
    late = people("client_code", userid="mei")["code"]
    clock.advance(minutes=5)
    with pytest.raises(PlatformRefused):
        live.member_pages.fetch_member(late)


def test_somebody_who_is_no_member_does_not_sign_in(live, people):
    code = people("client_code", userid="stranger")["code"]
    with pytest.raises(PlatformRefused) as error:
        live.member_pages.fetch_member(code)
    assert error.value.code == "wecom.not_a_member"


def test_the_login_page_sends_the_browser_back_with_a_code(live, sandbox):
    back = "https://scrm.example.com/sidebar/?account=wecom"
    parts = urlsplit(live.member_pages.login_url(back, "s1"))
    assert parts.netloc == "open.weixin.qq.com"
    query = dict(parse_qsl(parts.query)) | {"member": "lin"}
    page = sandbox.answer(WireRequest(method="GET", path=parts.path, query=query)).body.decode()
    target = dict(parse_qsl(urlsplit(page.split("url=")[1].split('"')[0]).query))
    assert target["state"] == "s1"
    assert live.member_pages.fetch_member(target["code"]) == "lin"


def test_a_notice_reaches_members_once(live, people):
    assert live.notices.notify(["mei", "nobody"], "客户小王删除了您", key="loss:1") == ["nobody"]
    live.notices.notify(["mei"], "客户小王删除了您", key="loss:1")
    live.notices.notify(["mei"], "客户小王删除了您", key="loss:2")
    items = people("noted")["items"]
    assert [one["userid"] for one in items] == ["mei", "mei"]
    assert items[0]["text"].startswith("客户小王删除了您")


def test_what_a_member_sends_from_a_page_reaches_the_customer(sandbox, people, customers):
    body = {"corp": kit.CORP, "member": "mei", "customer": customers[0]}
    body |= {"msgtype": "text", "text": {"content": "您好"}}
    answer = sandbox.answer(
        WireRequest(method="POST", path="/client/send", body=json.dumps(body).encode())
    )
    assert json.loads(answer.body)["errcode"] == 0
    assert people("delivered")["items"][-1]["text"] == "您好"
    lost = {**body, "member": "lin"}
    refused = sandbox.answer(
        WireRequest(method="POST", path="/client/send", body=json.dumps(lost).encode())
    )
    assert json.loads(refused.body)["errcode"] == 84061
