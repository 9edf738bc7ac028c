"""From plan to end state: what reaches the platform, and what the ledger says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.kernel.errors import (
    PlatformRefused,
    Reauth,
    RetryLater,
    UnknownOutcome,
    WaitUntil,
)
from siyu.ports.capabilities import Delivery, DeliveryState, Receipt
from siyu.reach import follow_up
from siyu.reach.actions import cancel_touches, plan_touches
from siyu.reach.gates import register_gate
from siyu.reach.models import AccountFlag, Attempt, QuotaUse, Touch, Window
from siyu.reach.tests.cast import WECOM
from siyu.reach.types import GateVerdict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def states() -> list[tuple[str, str]]:
    return list(Touch.objects.order_by("id").values_list("state", "reason"))


def test_planning_twice_is_once(stage):
    (li,) = stage.befriend("li")
    assert stage.plan(li) == stage.plan(li)
    assert Touch.objects.count() == 1


def test_staff_confirmed_message_goes_from_planned_to_delivered(stage, clock):
    li, wang = stage.befriend("li", "wang")
    stage.plan(li, wang)
    dispatcher = stage.run()
    (message,) = stage.mass.sent
    assert sorted(message.recipients) == ["li", "wang"]
    assert (message.sender, message.content.text) == ("mei", "你好")
    assert states() == [("accepted", "")] * 2
    stage.mass.results = [
        Delivery("li", DeliveryState.DELIVERED),
        Delivery("wang", DeliveryState.REFUSED, "not_friend"),
    ]
    clock.advance(seconds=15)
    assert follow_up.poll(dispatcher)
    assert states() == [("delivered", ""), ("failed", "not_friend")]
    clock.advance(hours=1)
    assert not follow_up.poll(dispatcher)


def test_unconfirmed_message_expires_after_two_days(stage, clock):
    stage.plan(*stage.befriend("li"))
    dispatcher = stage.run()
    clock.advance(hours=49)
    follow_up.poll(dispatcher)
    assert states() == [("expired", "not_confirmed")]


def test_welcome_goes_within_its_window_with_its_code(stage, clock):
    (li,) = stage.befriend("li", code="CODE")
    stage.plan(li, channel="welcome", purpose="service")
    clock.advance(seconds=19)
    stage.run()
    (message,) = stage.welcome.sent
    assert message.context["welcome_code"] == "CODE"
    assert states() == [("delivered", "")]


def test_welcome_after_its_window_is_suppressed(stage, clock):
    (li,) = stage.befriend("li", code="CODE")
    stage.plan(li, channel="welcome", purpose="service")
    clock.advance(seconds=21)
    stage.run()
    assert stage.welcome.sent == []
    assert states() == [("suppressed", "window_closed")]


def test_second_welcome_finds_the_window_used_up(stage):
    (li,) = stage.befriend("li", code="CODE")
    stage.plan(li, channel="welcome", purpose="service", campaign="code:1")
    stage.plan(li, channel="welcome", purpose="service", campaign="journey:1")
    stage.run()
    assert len(stage.welcome.sent) == 1
    assert states() == [("delivered", ""), ("suppressed", "window_closed")]


def test_reply_window_counts_down_and_reopens(stage, clock):
    (li,) = stage.feed(stage.wrote("li"))
    for number in range(7):
        stage.plan(li, entry_key=str(number), purpose="service")
    stage.run()
    assert len(stage.dm.sent) == 6
    assert states()[-1] == ("suppressed", "window_closed")
    clock.advance(minutes=1)
    stage.feed(stage.wrote("li"))
    stage.plan(li, entry_key="again", purpose="service")
    stage.run()
    assert len(stage.dm.sent) == 7
    assert Window.objects.get().remaining == 5


def test_late_fact_does_not_reopen_a_newer_window(stage, clock):
    older = stage.wrote("li")
    clock.advance(minutes=5)
    newer = stage.wrote("li")
    stage.feed(newer)
    stage.feed(older)
    assert Window.objects.get().opened_at == clock.now()


def test_stranger_has_no_channel(stage):
    (li,) = stage.feed(stage.wrote("li"))
    stage.plan(li, channel="wecom.mass_send")
    stage.run()
    assert states() == [("suppressed", "no_channel")]


def test_frequency_cap_holds_over_campaigns_and_gives_way_with_time(stage, clock):
    (li,) = stage.befriend("li")
    for number in range(5):
        stage.plan(li, campaign=f"test:{number}")
    stage.run()
    assert [reason for _, reason in states()] == ["", "", "", "frequency_cap", "frequency_cap"]
    clock.advance(days=7, seconds=1)
    stage.plan(li, campaign="test:later")
    stage.run()
    assert states()[-1] == ("accepted", "")


def test_platform_quota_is_the_days_of_the_month(stage, clock):
    (li,) = stage.befriend("li")
    for number in range(31):
        stage.plan(li, campaign=f"test:{number}", purpose="service")
    stage.run()
    assert len(stage.mass.sent) == 30
    assert QuotaUse.objects.get().used == 30
    assert states()[-1] == ("expired", "platform_quota")


def test_quota_full_near_month_end_waits_for_the_new_month(stage, clock):
    clock.advance(days=18)
    (li,) = stage.befriend("li")
    for number in range(31):
        stage.plan(li, campaign=f"test:{number}", purpose="service")
    stage.run()
    assert states()[-1] == ("deferred", "platform_quota")
    clock.advance(days=2)
    stage.run()
    assert states()[-1] == ("accepted", "")


def test_quiet_hours_defer_and_everything_is_checked_again(stage, clock):
    clock.advance(hours=13)
    (li,) = stage.befriend("li")
    stage.plan(li)
    stage.run()
    assert states() == [("deferred", "quiet_hours")]
    clock.advance(hours=10)
    from siyu.core.access import SYSTEM
    from siyu.pool.actions import set_consent

    set_consent(
        SYSTEM,
        li.customer_id,
        channel="*",
        purpose="marketing",
        is_granted=False,
        source="console",
        now=clock.now(),
    )
    stage.run()
    assert states() == [("suppressed", "no_consent")]
    assert stage.mass.sent == []


def test_missing_variable_is_skipped_and_counted(stage):
    stage.plan(*stage.befriend("li"), template="{{ coupon }} 给你")
    stage.run()
    assert states() == [("suppressed", "template_missing_variable")]


def test_values_of_the_plan_reach_the_template(stage):
    stage.plan(
        *stage.befriend("li"),
        template="券 {{ coupon }}",
        context={"values": {"coupon": "A1"}},
    )
    stage.run()
    assert stage.mass.sent[0].content.text == "券 A1"


def test_passing_failure_is_tried_again_and_holds_nothing(stage, clock):
    stage.mass.answers = [RetryLater("x.down", "连不上")]
    stage.plan(*stage.befriend("li"))
    stage.run()
    assert states() == [("planned", "x.down")]
    assert QuotaUse.objects.get().used == 0
    clock.advance(minutes=1)
    stage.run()
    assert states() == [("accepted", "")]
    assert stage.mass.recipients == ["li"]


def test_platform_limit_defers_until_it_says(stage, clock):
    until = clock.now() + timedelta(hours=1)
    stage.mass.answers = [WaitUntil("wecom.rate", "调用太频繁", until=until)]
    stage.plan(*stage.befriend("li"))
    dispatcher = stage.run()
    touch = Touch.objects.get()
    assert touch.state == "deferred"
    assert touch.next_at >= until
    stage.plan(*stage.befriend("wang"))
    stage.run(dispatcher)
    assert stage.mass.sent == []
    clock.advance(hours=1, minutes=5)
    stage.run(dispatcher)
    assert sorted(stage.mass.recipients) == ["li", "wang"]


def test_broken_credentials_flag_the_account_until_a_send_works(stage, clock):
    stage.mass.answers = [Reauth("wecom.secret", "密钥无效")]
    stage.plan(*stage.befriend("li"))
    dispatcher = stage.run()
    assert states() == [("deferred", "wecom.secret")]
    assert AccountFlag.objects.get().account == WECOM
    clock.advance(minutes=10)
    stage.run(dispatcher)
    assert states() == [("accepted", "")]
    assert not AccountFlag.objects.exists()


def test_final_refusal_fails_with_its_code_and_frees_the_cap(stage):
    stage.mass.answers = [PlatformRefused("wecom.not_friend", "不是好友")]
    (li,) = stage.befriend("li")
    stage.plan(li)
    stage.run()
    assert states() == [("failed", "wecom.not_friend")]
    assert QuotaUse.objects.get().used == 0


def test_unknown_outcome_found_at_the_platform_is_accepted(stage):
    stage.mass.answers = [UnknownOutcome("http.unknown", "中断")]
    stage.mass.find = lambda _message: Receipt("found-1")
    stage.plan(*stage.befriend("li"))
    dispatcher = stage.run()
    assert states() == [("unknown", "http.unknown")]
    assert QuotaUse.objects.get().used == 1
    stage.real[0] += 11
    assert follow_up.reconcile(dispatcher)
    assert states() == [("accepted", "")]
    assert Attempt.objects.get().remote_id == "found-1"


def test_unknown_outcome_proven_not_sent_is_planned_again(stage, clock):
    stage.mass.answers = [UnknownOutcome("http.unknown", "中断")]
    stage.plan(*stage.befriend("li"))
    dispatcher = stage.run()
    stage.real[0] += 11
    follow_up.reconcile(dispatcher)
    assert states() == [("planned", "proven_not_sent")]
    clock.advance(minutes=1)
    stage.run(dispatcher)
    assert stage.mass.recipients == ["li"]
    first, second = Attempt.objects.order_by("id").values_list("key", flat=True)
    assert first == second


def test_unknown_outcome_nobody_can_tell_stays_unknown(stage, clock):
    def find(_message):
        raise UnknownOutcome("dm.unknown", "查不到")

    stage.dm.answers = [UnknownOutcome("http.unknown", "中断")]
    stage.dm.find = find
    stage.plan(*stage.feed(stage.wrote("li")))
    dispatcher = stage.run()
    for _ in range(30):
        stage.real[0] += 3600
        clock.advance(hours=1)
        follow_up.reconcile(dispatcher)
        stage.run(dispatcher)
    assert states() == [("unknown", "http.unknown")]
    assert stage.dm.sent == []
    assert Attempt.objects.get().settle_at is None


def test_unforeseen_error_counts_as_unknown(stage):
    stage.mass.answers = [ValueError("HTML instead of JSON")]
    stage.plan(*stage.befriend("li"))
    stage.run()
    assert states() == [("unknown", "ValueError")]


def test_reservation_of_a_dead_worker_is_planned_again(stage, clock):
    stage.plan(*stage.befriend("li"))
    from siyu.reach.reserve import Turn, reserve
    from siyu.reach.types import Policy

    turn = Turn(stage.catalog(), Policy(), clock.now(), "dead", 1001.0, lambda *_lane: None)
    reserve(turn, 10)
    assert states() == [("reserved", "")]
    dispatcher = stage.dispatcher()
    follow_up.reconcile(dispatcher)
    assert states() == [("reserved", "")]
    stage.real[0] = 1002.0
    follow_up.reconcile(dispatcher)
    assert states() == [("planned", "")]
    assert QuotaUse.objects.get().used == 0


def test_zombie_cannot_hand_over_what_another_worker_took(stage, clock):
    from siyu.reach.intent import write_intents
    from siyu.reach.lanes import Batch

    stage.plan(*stage.befriend("li"))
    stage.run()
    (touch_id,) = Touch.objects.values_list("id", flat=True)
    zombie = Batch(WECOM, "wecom.mass_send", "mei", "test:1", (touch_id,), "old-lease")
    assert write_intents([zombie], clock.now(), lease_until=0) == [None]
    assert len(stage.mass.sent) == 1


def test_gate_stops_and_holds(stage, clock):
    verdict = {"answer": GateVerdict("journey_paused", is_hold=True)}
    register_gate("gated:", lambda refs: {ref.id: verdict["answer"] for ref in refs})
    stage.plan(*stage.befriend("li"), campaign="gated:1")
    stage.run()
    assert states() == [("deferred", "journey_paused")]
    verdict["answer"] = GateVerdict("goal_reached")
    clock.advance(minutes=2)
    stage.run()
    assert states() == [("suppressed", "goal_reached")]


def test_cancelled_touch_is_not_sent(stage, clock):
    (li,) = stage.befriend("li")
    stage.plan(li, due_at=clock.now() + timedelta(hours=1))
    assert cancel_touches("test:1", [li.customer_id], "goal_reached", clock.now()) == 1
    clock.advance(hours=2)
    stage.run()
    assert states() == [("suppressed", "goal_reached")]
    assert stage.mass.sent == []


def test_sick_account_does_not_hold_up_the_other(stage, clock):
    stage.mass.answers = [RetryLater("x", "down")] * 100
    friends = stage.befriend(*[f"w{n}" for n in range(8)], staff="mei")
    for number, friend in enumerate(friends):
        stage.plan(friend, template=f"t{number}")
    dispatcher = stage.run()
    tried = 100 - len(stage.mass.answers)
    assert tried <= 5
    stage.plan(*stage.feed(stage.wrote("li")), campaign="dm:1")
    stage.run(dispatcher)
    assert stage.dm.recipients == ["li"]
    stage.mass.answers = []
    clock.advance(minutes=40)
    stage.run(dispatcher)
    assert sorted(stage.mass.recipients) == sorted(f"w{n}" for n in range(8))


def test_merge_moves_touches_and_keeps_the_cap(stage, clock):
    from siyu.core.access import SYSTEM
    from siyu.pool import belongings
    from siyu.pool.actions import merge_customers

    belongings.register("reach_touch")
    belongings.register("reach_window")
    li, wang = stage.befriend("li", "wang")
    for number in range(2):
        stage.plan(li, wang, campaign=f"test:{number}", entry_key="same")
    stage.run()
    kept = merge_customers(
        SYSTEM, li.customer_id, wang.customer_id, reason="同一人", now=clock.now()
    )
    assert set(Touch.objects.values_list("customer_id", flat=True)) == {kept}
    stage.plan(li if li.customer_id == kept else wang, campaign="test:more")
    stage.run()
    assert states()[-1] == ("suppressed", "frequency_cap")


def test_plans_of_thousands_are_quick(stage):
    import time

    people = stage.befriend(*[f"p{n}" for n in range(2_000)])
    started = time.perf_counter()
    stage.plan(*people)
    planned = time.perf_counter() - started
    started = time.perf_counter()
    stage.run()
    sent = time.perf_counter() - started
    assert len(stage.mass.recipients) == 2_000
    assert planned < 5
    assert sent < 20


def test_plan_with_unknown_purpose_is_refused(stage):
    from siyu.kernel.errors import Refused

    (li,) = stage.befriend("li")
    with pytest.raises(Refused):
        stage.plan(li, purpose="fun")
    assert plan_touches([], now=stage.clock.now()) == []
