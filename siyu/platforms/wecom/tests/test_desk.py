"""Service desks at WeCom: messages, windows, sessions."""

from __future__ import annotations

import msgspec
import pytest

from siyu.kernel.errors import PlatformRefused, UnknownOutcome
from siyu.platforms.wecom.kf_mapping import desk_of, message_facts, profile_fact, thread_of
from siyu.platforms.wecom.tests import kit
from siyu.platforms.wecom.wire_kf import Customer, MessagePage
from siyu.ports import facts
from siyu.ports.capabilities import Content, Outgoing
from siyu.ports.desk import DeskState
from siyu.ports.testing import golden_cases

SEND = "POST /cgi-bin/kf/send_msg"


@golden_cases("desk")
def test_golden_messages(case):
    page = msgspec.json.decode(case.body, type=MessagePage)
    case.check([message_facts(one, kit.ACCOUNT, 1794362500000) for one in page.msg_list])


@pytest.fixture
def desk(people):
    return people("kf_open", name="山茶客服", staff=["mei"])["open_kfid"]


@pytest.fixture
def asked(people, desk):
    return people("kf_ask", open_kfid=desk, unionid="u1", name="小李", text="在吗")[
        "external_userid"
    ]


def answer(live, desk, customer, text, key="key1"):
    return live.senders["wecom.kf"].send(
        Outgoing(
            recipients=(customer,),
            content=Content(text),
            idempotency_key=key,
            context={"conversation_id": thread_of(desk, customer)},
        )
    )


def test_a_thread_names_desk_and_customer():
    assert desk_of(thread_of("wk1", "wm1")) == ("wk1", "wm1")
    assert desk_of("identity:12") == ("", "")


def test_pages_go_on_where_they_ended(live, people, desk, asked):
    first = live.desk.fetch_page(desk, "", "tok")
    assert [fact.name for fact in first.facts] == [facts.MESSAGE_RECEIVED]
    again = live.desk.fetch_page(desk, first.cursor, "")
    assert (again.facts, again.has_more) == ((), False)
    people("kf_ask", open_kfid=desk, unionid="u1", name="小李", text="还在吗", is_silent=True)
    assert [f.private["text"] for f in live.desk.fetch_page(desk, again.cursor, "").facts] == [
        "还在吗"
    ]


@pytest.mark.usefixtures("asked")
def test_the_doorbell_names_the_desk(live, world, desk, clock):
    (request,) = world.take()
    verified = live.webhook.verify(request, clock.now())
    (fact,) = live.webhook.read(verified.body, clock.now(), verified.message_id)
    assert (fact.name, fact.properties) == (facts.DESK_CALLED, {"desk": desk})
    assert fact.private["token"]


def test_rights_given_and_taken_come_in_one_callback(live, world, people, desk, clock):
    other, third = (
        people("kf_open", name=name, staff=[])["open_kfid"] for name in ("售后", "售前")
    )
    people("kf_grant", remove=[desk, other])
    world.take()
    people("kf_grant", add=[desk, other], remove=[third])
    (request,) = world.take()
    verified = live.webhook.verify(request, clock.now())
    told = live.webhook.read(verified.body, clock.now(), verified.message_id)
    assert {fact.name for fact in told} == {facts.DESK_RIGHT_CHANGED}
    assert [tuple(fact.properties.values()) for fact in told] == [
        (desk, "granted"),
        (other, "granted"),
        (third, "withdrawn"),
    ]
    assert len({fact.message_id for fact in told}) == 3
    assert [one.is_managed for one in live.desk.list_desks()] == [True, True, False]


def test_at_a_desk_that_is_not_ours_nothing_is_said(live, people, desk, asked):
    people("kf_grant", remove=[desk])
    with pytest.raises(PlatformRefused) as caught:
        answer(live, desk, asked, "答")
    assert caught.value.code == "wecom.desk_lost"
    people("kf_grant", add=[desk])
    answer(live, desk, asked, "答")


def test_five_answers_then_no_more_until_the_customer_speaks(live, people, desk, asked):
    for number in range(5):
        answer(live, desk, asked, f"答{number}", key=f"k{number}")
    with pytest.raises(PlatformRefused) as caught:
        answer(live, desk, asked, "答5", key="k5")
    assert caught.value.code == "wecom.window_full"
    people("kf_ask", open_kfid=desk, unionid="u1", name="小李", text="谢谢")
    answer(live, desk, asked, "不客气", key="k6")


def test_after_48_hours_the_window_is_closed(live, desk, asked, clock):
    clock.advance(hours=49)
    with pytest.raises(PlatformRefused) as caught:
        answer(live, desk, asked, "答")
    assert caught.value.code == "wecom.window_closed"


def test_the_same_key_is_never_said_twice(live, people, desk, asked):
    answer(live, desk, asked, "答")
    with pytest.raises(PlatformRefused):
        answer(live, desk, asked, "答")
    assert len(people("delivered")["items"]) == 1


def test_in_a_human_s_hands_the_app_may_not_speak(live, people, desk, asked):
    live.desk.hand_over(desk, asked, DeskState.HUMAN, "mei")
    seen = next(one for one in people("kf_accounts") if one["open_kfid"] == desk)
    assert seen["sessions"] == [{"external_userid": asked, "state": 3, "servicer": "mei"}]
    assert live.desk.fetch_session(desk, asked).staff == "mei"
    with pytest.raises(PlatformRefused) as caught:
        answer(live, desk, asked, "答")
    assert caught.value.code == "wecom.session"


def test_what_the_servicer_says_comes_back_as_ours(live, people, desk, asked):
    live.desk.hand_over(desk, asked, DeskState.HUMAN, "mei")
    people("kf_answer", open_kfid=desk, external_userid=asked, text="我是小美")
    people("kf_end", open_kfid=desk, external_userid=asked)
    told = live.desk.fetch_page(desk, "", "").facts
    assert [fact.name for fact in told] == [
        facts.MESSAGE_RECEIVED,
        facts.DESK_SESSION_CHANGED,
        facts.MESSAGE_SENT,
        facts.DESK_SESSION_CHANGED,
    ]
    assert told[2].properties["is_manual"]
    assert (told[3].properties["session"], told[2].staff) == ("ended", "mei")


def test_who_is_not_there_gets_nobody(live, desk, asked):
    with pytest.raises(PlatformRefused) as caught:
        live.desk.hand_over(desk, asked, DeskState.HUMAN, "lin")
    assert caught.value.code == "wecom.servicer"


def test_a_welcome_is_said_once_and_within_20_seconds(live, people, desk, clock):
    people("kf_enter", open_kfid=desk, unionid="u1", name="小李", scene="store12")
    (fact,) = live.desk.fetch_page(desk, "", "").facts
    greet = Outgoing(
        recipients=(fact.identities[0].value,),
        content=Content("您好"),
        idempotency_key="w1",
        context={"welcome_code": fact.private["welcome_code"]},
    )
    live.senders["wecom.kf_welcome"].send(greet)
    with pytest.raises(PlatformRefused):
        live.senders["wecom.kf_welcome"].send(greet)
    assert fact.properties == {"desk": desk, "scene": "store12"}


def test_profiles_carry_the_unionid(live, asked):
    (fact,) = live.desk.fetch_profiles([asked, "wmNOBODY"])
    assert [one.namespace for one in fact.identities] == ["wecom_external_userid", "wx_unionid"]
    assert fact.traits["name"] == "小李"


def test_a_profile_without_unionid_has_one_identity():
    fact = profile_fact(Customer("wm1", nickname="小周"), kit.ACCOUNT, 1794362500000)
    assert (len(fact.identities), fact.evidence) == (1, "")


def test_desks_and_servicers_are_made_changed_and_deleted(live):
    made = live.desk.create_desk("售后", "")
    live.desk.rename_desk(made, "售后客服")
    assert [(one.remote_id, one.name) for one in live.desk.list_desks()] == [(made, "售后客服")]
    assert set(live.desk.add_servicers(made, ["mei", "nobody"])) == {"nobody"}
    assert [one.staff for one in live.desk.list_servicers(made)] == ["mei"]
    assert live.desk.remove_servicers(made, ["mei"]) == {}
    assert "store12" in live.desk.make_link(made, "store12")
    live.desk.delete_desk(made)
    live.desk.delete_desk(made)


def test_a_broken_answer_to_an_answer_is_unknown_and_stays_so(connector, wire):
    wire.script(SEND, [b""])
    with pytest.raises(UnknownOutcome):
        answer(connector, "wk1", "wm1", "答")
    with pytest.raises(UnknownOutcome):
        connector.senders["wecom.kf"].find_sent(
            Outgoing(recipients=("wm1",), content=Content("答"), idempotency_key="k"), None
        )


def test_an_answer_needs_to_know_the_desk(connector):
    with pytest.raises(PlatformRefused):
        answer(connector, "", "wm1", "答")
