from __future__ import annotations

import pytest

from siyu.kernel.errors import PlatformRefused, UnknownOutcome
from siyu.platforms.wecom.tests import kit
from siyu.ports.capabilities import Content, DeliveryState, Outgoing

WELCOME = f"POST {kit.EXTERNAL}/send_welcome_msg"
TEMPLATE = f"POST {kit.EXTERNAL}/add_msg_template"
OK = {"errcode": 0, "errmsg": "ok"}


def welcome(text: str = "欢迎", **context: str) -> Outgoing:
    return kit.outgoing(text, context=context)


def test_a_welcome_is_delivered_at_once(connector, wire):
    wire.script(WELCOME, [OK])
    receipt = connector.senders["wecom.welcome"].send(welcome(welcome_code="C1"))
    assert [d.state for d in receipt.deliveries] == [DeliveryState.DELIVERED]
    assert wire.sent(WELCOME)[0].json == {"welcome_code": "C1", "text": {"content": "欢迎"}}


def test_a_welcome_needs_its_code(connector, wire):
    with pytest.raises(PlatformRefused) as caught:
        connector.senders["wecom.welcome"].send(welcome())
    assert caught.value.field == "welcome_code"


def test_a_broken_connection_repeats_a_welcome_once_with_the_same_code(connector, wire):
    sender = connector.senders["wecom.welcome"]
    wire.script(WELCOME, [UnknownOutcome("http", "reset"), OK])
    assert sender.send(welcome(welcome_code="C1")).deliveries
    assert {sent.json["welcome_code"] for sent in wire.sent(WELCOME)} == {"C1"}


def test_a_spent_code_after_a_broken_connection_stays_unknown(connector, wire):
    wire.script(WELCOME, [UnknownOutcome("http", "reset"), kit.error(41051)])
    with pytest.raises(UnknownOutcome):
        connector.senders["wecom.welcome"].send(welcome(welcome_code="C1"))


def test_nobody_can_tell_whether_a_welcome_went_out(connector, clock):
    sender = connector.senders["wecom.welcome"]
    assert sender.poll("C1", "mei") == []
    with pytest.raises(UnknownOutcome):
        sender.find_sent(welcome(welcome_code="C1"), clock.now())


def test_refused_recipients_are_known_at_once(connector, wire):
    wire.script(TEMPLATE, [{**OK, "msgid": "m1", "fail_list": ["wm2"]}])
    message = kit.outgoing("券", recipients=("wm1", "wm2"))
    receipt = connector.senders["wecom.mass_send"].send(message)
    assert receipt.remote_id == "m1"
    assert [(d.recipient, d.state) for d in receipt.deliveries] == [
        ("wm1", DeliveryState.WAITING),
        ("wm2", DeliveryState.REFUSED),
    ]


@pytest.mark.parametrize("text", ["", "长" * 1334])
def test_empty_and_too_long_texts_are_refused_before_sending(connector, wire, text):
    with pytest.raises(PlatformRefused):
        connector.senders["wecom.mass_send"].send(kit.outgoing(text))
    assert wire.count(TEMPLATE) == 0


def test_attachments_take_wecoms_shape(connector, wire):
    wire.script(TEMPLATE, [{**OK, "msgid": "m1"}])
    link = {"kind": "link", "title": "新品", "url": "https://shop.example/1", "image_url": ""}
    program = {"kind": "mini_program", "title": "店", "app_id": "wx1", "page": "p", "media_id": "M"}
    message = Outgoing(("wm1",), Content("", (link, program)), "k", "mei")
    connector.senders["wecom.mass_send"].send(message)
    assert wire.sent(TEMPLATE)[0].json["attachments"] == [
        {"msgtype": "link", "link": {"title": "新品", "url": "https://shop.example/1"}},
        {
            "msgtype": "miniprogram",
            "miniprogram": {"title": "店", "appid": "wx1", "page": "p", "pic_media_id": "M"},
        },
    ]


@pytest.mark.parametrize(
    "attachments",
    [
        ({"kind": "poll"},),
        ({"kind": "image", "media_id": "M"},) * 10,
        ({"kind": "link", "title": "茶" * 43, "url": "https://a.cn"},),
        ({"kind": "link", "title": "茶", "url": "https://a.cn/" + "x" * 2040},),
        ({"kind": "link", "title": "茶", "description": "茶" * 171, "url": "https://a.cn"},),
        ({"kind": "mini_program", "title": "茶" * 22, "app_id": "a", "page": "p"},),
    ],
)
def test_unknown_and_too_many_attachments_are_refused(connector, attachments):
    message = Outgoing(("wm1",), Content("x", attachments), "k", "mei")
    with pytest.raises(PlatformRefused):
        connector.senders["wecom.mass_send"].send(message)


# over the sandbox


@pytest.fixture
def friends(people):
    """Three friends of Mei's."""
    return [
        people("add_friend", userid="mei", unionid=f"oU{n}", name=f"客户{n}")["external_userid"]
        for n in range(3)
    ]


def fates(live, receipt, sender: str = "mei"):
    return {
        d.recipient: (d.state, d.reason)
        for d in live.senders["wecom.mass_send"].poll(receipt.remote_id, sender)
    }


def test_nothing_is_delivered_before_staff_confirm(live, people, friends):
    receipt = live.senders["wecom.mass_send"].send(kit.outgoing("券", recipients=tuple(friends)))
    assert receipt.deliveries == ()
    assert set(fates(live, receipt).values()) == {(DeliveryState.WAITING, "not_confirmed")}
    assert people("delivered")["items"] == []


def test_results_after_the_tap_say_what_became_of_each(live, people, friends, clock):
    receipt = live.senders["wecom.mass_send"].send(kit.outgoing("券", recipients=tuple(friends)))
    people("knobs", month_quota=1)
    first = live.senders["wecom.mass_send"].send(kit.outgoing("先到", recipients=(friends[1],)))
    people("confirm_sends", msgid=first.remote_id)
    people("delete_friend", external_userid=friends[2], userid="mei", by="customer")
    people("confirm_sends")
    assert fates(live, receipt) == {
        friends[0]: (DeliveryState.DELIVERED, ""),
        friends[1]: (DeliveryState.REFUSED, "over_quota"),
        friends[2]: (DeliveryState.REFUSED, "not_friend"),
    }
    assert fates(live, receipt, sender="") == fates(live, receipt)
    assert len(people("delivered")["items"]) == 2


def test_a_message_of_unknown_outcome_is_found_again(live, people, friends, clock):
    sender = live.senders["wecom.mass_send"]
    since = clock.now()
    mine = kit.outgoing("券 🎉", recipients=(friends[0],))
    assert sender.find_sent(mine, since) is None
    sender.send(kit.outgoing("券 🎉", recipients=(friends[1],)))
    sender.send(kit.outgoing("别的", recipients=(friends[0],)))
    receipt = sender.send(mine)
    clock.advance(seconds=2)
    sender.send(kit.outgoing("券 🎉", recipients=(friends[2],)))
    clock.advance(seconds=10)
    found = sender.find_sent(mine, since)
    assert found is not None
    assert found.remote_id == receipt.remote_id
    clock.advance(minutes=1)
    assert sender.find_sent(mine, clock.now()) is None


def test_another_senders_task_is_not_ours(live, people, clock):
    people("add_friend", userid="lin", unionid="oU9", name="客户")
    external = people("add_friend", userid="mei", unionid="oU9", name="客户")["external_userid"]
    sender = live.senders["wecom.mass_send"]
    sender.send(kit.outgoing("券", recipients=(external,), sender="lin"))
    assert sender.find_sent(kit.outgoing("券", recipients=(external,)), clock.now()) is None


def test_results_of_thousands_are_paged(live, people):
    names = [
        people("add_friend", userid="mei", unionid=f"oX{n}", name="客")["external_userid"]
        for n in range(1001)
    ]
    sender = live.senders["wecom.mass_send"]
    receipt = sender.send(kit.outgoing("券", recipients=tuple(names)))
    people("confirm_sends")
    assert len(sender.poll(receipt.remote_id, "mei")) == 1001
    assert people("calls")["get_groupmsg_send_result"] == 2
