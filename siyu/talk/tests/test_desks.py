"""Service desks: pulled whole, answered within the window, handed over, shown in the inbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.core.access import SYSTEM
from siyu.kernel.errors import PlatformRefused, Refused
from siyu.pool import queries as pool_queries
from siyu.reach import actions as reach
from siyu.reach import queries as reach_queries
from siyu.reach.types import SERVICE, TouchPlan
from siyu.talk import actions, desk_pulling, desks, queries
from siyu.talk.models import Conversation, Desk, DeskSession, Message


def pull(corp):
    """Callbacks, pulls, and what they bring."""
    corp.hear()
    while desk_pulling.work_on_desks():
        corp.drain()
    corp.drain()


def ask(corp, desk, text="在吗", **more):
    corp.do("kf_ask", open_kfid=desk, unionid="u1", name="小李", text=text, **more)


def conversation(corp):
    (one,) = queries.list_conversations(SYSTEM, None, 50, now=corp.clock.now()).items
    return one


def texts(corp):
    page = queries.list_messages(SYSTEM, conversation(corp).id, None, 50)
    return [(one.text, one.is_ours) for one in page.items]


def answer(corp, text):
    actions.reply(SYSTEM, conversation(corp).id, text, now=corp.clock.now())
    while reach.dispatch():
        pass
    corp.clock.advance(seconds=1)


def test_what_a_customer_asks_is_in_the_inbox_once(corp, desk):
    ask(corp, desk)
    pull(corp)
    Desk.objects.update(cursor="", due_at=corp.clock.now())
    pull(corp)
    assert texts(corp) == [("在吗", False)]
    seen = conversation(corp)
    assert (seen.desk, seen.session, seen.servicers) == ("山茶客服", "new", ["mei"])
    assert (seen.is_open, seen.remaining) == (True, 5)


def test_a_lost_announcement_is_made_good(corp, desk):
    ask(corp, desk, is_silent=True)
    pull(corp)
    assert not Message.objects.exists()
    corp.clock.advance(minutes=6)
    pull(corp)
    assert texts(corp) == [("在吗", False)]


def test_a_page_read_again_after_a_kill_doubles_nothing(corp, desk):
    ask(corp, desk)
    pull(corp)
    ask(corp, desk, "你好")
    Desk.objects.update(cursor="", lease_until=0)
    pull(corp)
    assert sorted(texts(corp)) == [("你好", False), ("在吗", False)]


def test_our_answer_is_shown_though_it_never_comes_back(corp, desk):
    ask(corp, desk)
    pull(corp)
    corp.clock.advance(seconds=5)
    answer(corp, "在的, 您请说")
    assert texts(corp)[0] == ("在的, 您请说", True)
    (received,) = corp.do("delivered")["items"]
    assert (received["kind"], received["text"]) == ("kf", "在的, 您请说")
    assert conversation(corp).remaining == 4


def test_after_five_answers_the_window_is_closed_until_he_speaks(corp, desk):
    ask(corp, desk)
    pull(corp)
    for number in range(5):
        answer(corp, f"答{number}")
    with pytest.raises(Refused):
        answer(corp, "再说一句")
    corp.clock.advance(minutes=1)
    ask(corp, desk, "谢谢")
    pull(corp)
    assert conversation(corp).remaining == 5


def test_a_customer_is_handed_to_staff_and_comes_back(corp, desk):
    ask(corp, desk)
    pull(corp)
    now = corp.clock.now()
    desks.hand_over(SYSTEM, conversation(corp).id, "human", "mei", now=now)
    assert (conversation(corp).session, conversation(corp).session_staff) == ("human", "mei")
    assert not conversation(corp).is_open
    with pytest.raises(Refused, match="正由员工接待"):
        actions.reply(SYSTEM, conversation(corp).id, "我也在", now=now)
    external = DeskSession.objects.get().remote_id
    corp.clock.advance(seconds=5)
    corp.do("kf_answer", open_kfid=desk, external_userid=external, text="我是小美")
    corp.clock.advance(seconds=5)
    corp.do("kf_end", open_kfid=desk, external_userid=external)
    pull(corp)
    assert (texts(corp)[0], conversation(corp).session) == (("我是小美", True), "ended")
    corp.clock.advance(seconds=5)
    ask(corp, desk, "还有个问题")
    pull(corp)
    assert (conversation(corp).session, conversation(corp).is_open) == ("new", True)


def test_handing_over_to_nobody_is_refused(corp, desk):
    ask(corp, desk)
    pull(corp)
    now, pk = corp.clock.now(), conversation(corp).id
    for state, staff in (("human", ""), ("new", ""), ("nonsense", "")):
        with pytest.raises(Refused):
            desks.hand_over(SYSTEM, pk, state, staff, now=now)
    with pytest.raises(PlatformRefused):
        desks.hand_over(SYSTEM, pk, "human", "an", now=now)
    assert conversation(corp).session == "new"


def test_who_enters_is_greeted_once(corp, desk):
    row = Desk.objects.get()
    desks.update_desk(SYSTEM, row.pk, welcome_text="您好, 请问有什么可以帮您", now=corp.clock.now())
    corp.do("kf_enter", open_kfid=desk, unionid="u1", name="小李", scene="store12")
    pull(corp)
    while reach.dispatch():
        pass
    pull(corp)
    assert [one["text"] for one in corp.do("delivered")["items"]] == ["您好, 请问有什么可以帮您"]


def test_the_customer_is_known_by_his_unionid(corp, desk):
    ask(corp, desk)
    pull(corp)
    person = conversation(corp).customer_id
    names = {one.namespace for one in pool_queries.identities_of([person])[person]}
    assert names == {"wecom_external_userid", "wx_unionid"}
    assert conversation(corp).customer_name == "小李"


@pytest.mark.parametrize(
    ("fail_type", "reason"),
    [(10, "refused_by_customer"), (4, "window_closed"), (6, "window_full"), (12, "not_delivered")],
)
def test_a_message_that_failed_after_all_is_no_longer_said(corp, desk, fail_type, reason):
    ask(corp, desk)
    pull(corp)
    corp.clock.advance(seconds=5)
    answer(corp, "在的")
    msgid = corp.do("delivered")["items"][0]["msgid"]
    external = DeskSession.objects.get().remote_id
    failed = {"external_userid": external, "msgid": msgid, "fail_type": fail_type}
    corp.do("kf_fail", open_kfid=desk, **failed)
    pull(corp)
    page = queries.list_messages(SYSTEM, conversation(corp).id, None, 50)
    assert [(one.state, one.reason) for one in page.items if one.is_ours] == [("failed", reason)]


def test_desks_are_made_changed_and_deleted_at_the_platform_too(corp, desk):
    now = corp.clock.now()
    pk = desks.create_desk(SYSTEM, corp.account, "售后", now=now)
    refused = desks.change_servicers(SYSTEM, pk, add=["an", "nobody"], now=now)
    assert set(refused) == {"nobody"}
    desks.update_desk(SYSTEM, pk, name="售后客服", now=now)
    assert {one["name"] for one in corp.do("kf_accounts")} == {"山茶客服", "售后客服"}
    assert "store12" in desks.make_link(SYSTEM, pk, "store12")
    desks.delete_desk(SYSTEM, pk, now=now)
    assert [one.name for one in desks.list_desks(SYSTEM)] == ["山茶客服"]


def grant(corp, **told):
    corp.do("kf_grant", **told)
    pull(corp)


def view(corp, name):
    return next(one for one in desks.list_desks(SYSTEM) if one.name == name)


def test_a_desk_we_gain_is_named_and_pulled_at_once(corp, desk):
    corp.do("kf_grant", remove=[desk])
    after = corp.do("kf_open", name="售后客服", staff=["an"])["open_kfid"]
    corp.do("kf_grant", remove=[after])
    pull(corp)
    ask(corp, after, "我的快递呢")
    grant(corp, add=[after, desk])
    seen = view(corp, "售后客服")
    assert (seen.is_ours, [one["staff"] for one in seen.servicers]) == (True, ["an"])
    assert view(corp, "山茶客服").is_ours
    assert texts(corp) == [("我的快递呢", False)]


def test_a_desk_we_lose_is_shown_so_and_says_nothing_more(corp, desk):
    ask(corp, desk)
    pull(corp)
    grant(corp, remove=[desk])
    now, seen = corp.clock.now(), conversation(corp)
    assert (view(corp, "山茶客服").is_ours, seen.is_desk_lost, seen.is_open) == (False, True, False)
    with pytest.raises(Refused) as caught:
        actions.reply(SYSTEM, seen.id, "在的", now=now)
    assert caught.value.code == "talk.desk_lost"
    refusals = (
        lambda pk: desks.update_desk(SYSTEM, pk, name="别的", now=now),
        lambda pk: desks.change_servicers(SYSTEM, pk, add=["an"], now=now),
        lambda pk: desks.make_link(SYSTEM, pk, "store12"),
        lambda _pk: desks.hand_over(SYSTEM, seen.id, "human", "mei", now=now),
    )
    for refused in refusals:
        with pytest.raises(Refused) as caught:
            refused(Desk.objects.get().pk)
        assert caught.value.code == "desk.lost"
    assert not corp.do("delivered")["items"]


def test_a_desk_we_lost_is_not_pulled_until_it_is_ours_again(corp, desk):
    grant(corp, remove=[desk])
    ask(corp, desk, "有人吗")
    corp.clock.advance(minutes=6)
    pull(corp)
    assert not Message.objects.exists()
    grant(corp, add=[desk])
    assert texts(corp) == [("有人吗", False)]


def test_a_lost_announcement_of_rights_is_made_good_by_the_list(corp, desk):
    corp.do("kf_grant", remove=[desk])
    corp.lose_callbacks()
    corp.clock.advance(hours=2)
    pull(corp)
    assert not view(corp, "山茶客服").is_ours


def test_a_desk_we_lost_can_be_put_away(corp, desk):
    grant(corp, remove=[desk])
    desks.delete_desk(SYSTEM, Desk.objects.get().pk, now=corp.clock.now())
    assert desks.list_desks(SYSTEM) == []
    assert [one["name"] for one in corp.do("kf_accounts")] == ["山茶客服"]


def plan(corp, channel, step="s1"):
    """A touch of a journey, which nobody typed."""
    (row,) = Conversation.objects.all()
    plan = TouchPlan(
        campaign="journey:1",
        version=1,
        step=step,
        entry_key="e",
        customer_id=row.customer_id,
        identity_id=row.identity_id,
        channel=channel,
        template="上新了",
        purpose=SERVICE,
        due_at=corp.clock.now(),
        expires_at=corp.clock.now() + timedelta(hours=1),
    )
    (touch_id,) = reach.plan_touches([plan], now=corp.clock.now())
    while reach.dispatch():
        pass
    (told,) = [one for one in reach_queries.touches_of(row.customer_id) if one.id == touch_id]
    return told.state, told.reason, told.channel


def befriend(corp):
    corp.do("add_friend", userid="mei", unionid="u1", name="小李")
    corp.hear()


def test_while_staff_hold_the_session_nothing_goes_out_by_itself(corp, desk):
    ask(corp, desk)
    pull(corp)
    assert plan(corp, "best", "before")[::2] == ("delivered", "wecom.kf")
    desks.hand_over(SYSTEM, conversation(corp).id, "human", "mei", now=corp.clock.now())
    assert plan(corp, "wecom.kf", "held")[:2] == ("suppressed", "not_our_turn")
    befriend(corp)
    assert plan(corp, "best", "other way")[::2] == ("accepted", "wecom.mass_send")
    assert [one["kind"] for one in corp.do("delivered")["items"]] == ["kf"]


def test_who_asks_again_after_the_end_can_be_written_to_again(corp, desk):
    ask(corp, desk)
    pull(corp)
    desks.hand_over(SYSTEM, conversation(corp).id, "human", "mei", now=corp.clock.now())
    external = DeskSession.objects.get().remote_id
    corp.clock.advance(seconds=5)
    ask(corp, desk, "小美在吗")
    pull(corp)
    assert plan(corp, "wecom.kf", "still held")[:2] == ("suppressed", "not_our_turn")
    corp.clock.advance(seconds=5)
    corp.do("kf_end", open_kfid=desk, external_userid=external)
    pull(corp)
    assert plan(corp, "wecom.kf", "over")[:2] == ("suppressed", "not_our_turn")
    corp.clock.advance(seconds=5)
    ask(corp, desk, "还有个问题")
    pull(corp)
    assert plan(corp, "wecom.kf", "open again")[0] == "delivered"


def test_who_comes_back_after_the_end_is_still_greeted(corp, desk):
    row = Desk.objects.get()
    desks.update_desk(SYSTEM, row.pk, welcome_text="欢迎回来", now=corp.clock.now())
    ask(corp, desk)
    pull(corp)
    desks.hand_over(SYSTEM, conversation(corp).id, "ended", now=corp.clock.now())
    corp.clock.advance(hours=49)
    corp.do("kf_enter", open_kfid=desk, unionid="u1", name="小李")
    pull(corp)
    while reach.dispatch():
        pass
    assert [one["text"] for one in corp.do("delivered")["items"]] == ["欢迎回来"]


def test_at_a_lost_desk_the_ledger_says_why(corp, desk):
    ask(corp, desk)
    pull(corp)
    grant(corp, remove=[desk])
    assert plan(corp, "wecom.kf")[:2] == ("suppressed", "desk_lost")


def test_erasure_forgets_the_session(corp, desk):
    ask(corp, desk)
    pull(corp)
    desks.forget_identities([DeskSession.objects.get().identity_id])
    assert not DeskSession.objects.exists()
