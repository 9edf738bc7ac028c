"""Rewards: two persons, limits, paid once whatever breaks, books that add up."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.core.models import AuditEntry
from siyu.kernel.errors import Conflict, Forbidden, Refused, RetryLater, UnknownOutcome
from siyu.kernel.identity import Identity
from siyu.payments.models import LedgerRow, Reward
from siyu.payments.paying import pay_rewards
from siyu.payments.queries import get_books, stream_rewards
from siyu.payments.rewards import (
    approve_reward,
    cancel_reward,
    reject_reward,
    request_reward,
    set_limits,
)
from siyu.payments.tests.shop import HE, LIN, PayShop
from siyu.payments.types import Limits, NewReward, RewardState
from siyu.pool.queries import find_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(run_time, clock):
    return PayShop(clock)


def ask(shop: PayShop, customer: int, key: str = "key-00001", **more: Any):
    values = {
        "amount_fen": 500,
        "activity": "老带新",
        "reason": "介绍了朋友",
        "remark": "谢谢您",
        **more,
    }
    wanted = NewReward(account=shop.account, customer_id=customer, request_key=key, **values)
    return request_reward(HE, wanted, now=shop.clock.now())


def settle(shop: PayShop) -> None:
    """Pay what is due and hear what came of it, for a day."""
    for _ in range(40):
        pay_rewards()
        shop.hear_callbacks()
        shop.clock.advance(minutes=40)


def state_of(reward) -> str:
    return Reward.objects.get(pk=reward.id).state


def test_asked_by_one_approved_by_another_confirmed_by_the_customer(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    assert reward.state == RewardState.REQUESTED
    pay_rewards()
    assert shop.sandbox.witness()["transfers"] == 0
    with pytest.raises(Forbidden):
        approve_reward(HE, reward.id, now=shop.clock.now())
    approve_reward(LIN, reward.id, now=shop.clock.now())
    pay_rewards()
    assert state_of(reward) == RewardState.WAITING
    assert get_books(LIN).transit_fen == 500
    shop.control("confirm_transfers")
    shop.hear_callbacks()
    assert state_of(reward) == RewardState.PAID
    books = get_books(LIN)
    assert (books.balance_fen, books.transit_fen, books.customers_fen) == (-500, 0, 500)
    assert books.is_whole
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"request_reward", "approve_reward"} <= verbs


def test_the_same_request_is_one_reward_and_another_under_its_key_a_conflict(shop):
    customer = shop.buy("SCJ001")
    assert ask(shop, customer).id == ask(shop, customer).id
    with pytest.raises(Conflict):
        ask(shop, customer, amount_fen=600)


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(per_reward_fen=499), "reward.limit.per_reward"),
        (Limits(per_customer_day_fen=999), "reward.limit.per_customer"),
        (Limits(per_staff_day_fen=999), "reward.limit.per_staff"),
        (Limits(per_day_fen=999), "reward.limit.per_day"),
    ],
)
def test_limits_hold_when_asked(shop, limits, code):
    customer = shop.buy("SCJ001")
    if code != "reward.limit.per_reward":
        ask(shop, customer)
    set_limits(LIN, shop.account, limits, now=shop.clock.now())
    with pytest.raises(Refused) as caught:
        ask(shop, customer, "key-00002")
    assert caught.value.code == code
    shop.clock.advance(hours=24)
    if code != "reward.limit.per_reward":
        ask(shop, customer, "key-00003")


def test_an_amount_that_needs_a_name_is_refused_when_asked(shop):
    with pytest.raises(Refused) as caught:
        ask(shop, shop.buy("SCJ001"), amount_fen=200_000)
    assert (caught.value.code, caught.value.field) == ("reward.amount", "amount_fen")


def test_limits_hold_when_approved(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    set_limits(LIN, shop.account, Limits(per_day_fen=499), now=shop.clock.now())
    with pytest.raises(Refused):
        approve_reward(LIN, reward.id, now=shop.clock.now())


def test_what_was_asked_for_over_days_cannot_be_approved_at_once_past_the_limit(shop):
    customer = shop.buy("SCJ001")
    rewards = []
    for number in range(3):
        rewards.append(ask(shop, customer, f"key-0000{number}"))
        shop.clock.advance(hours=24)
    set_limits(LIN, shop.account, Limits(per_day_fen=1000), now=shop.clock.now())
    for reward in rewards[:2]:
        approve_reward(LIN, reward.id, now=shop.clock.now())
    with pytest.raises(Refused, match="per_day"):
        approve_reward(LIN, rewards[2].id, now=shop.clock.now())
    shop.clock.advance(hours=24)
    approve_reward(LIN, rewards[2].id, now=shop.clock.now())


@pytest.mark.parametrize("field", ["activity", "reason", "remark"])
def test_words_are_required_and_short(shop, field):
    customer = shop.buy("SCJ001")
    for text in ("", "长" * 65):
        with pytest.raises(Refused) as caught:
            ask(shop, customer, **{field: text})
        assert caught.value.field == field


def test_who_never_paid_here_cannot_receive(shop):
    phone = Identity("phone", "", "+8613912345678")
    shop.tell("order_completed", phone, order_id="S1", total=10)
    found = find_customer(phone)
    assert found
    with pytest.raises(Refused, match=r"reward\.recipient"):
        ask(shop, found[0])


def test_a_lost_answer_is_asked_for_and_never_sent_again(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    shop.door.broken = [("after", UnknownOutcome("http.unknown", "断了"))]
    pay_rewards()
    assert state_of(reward) == RewardState.SENDING
    settle(shop)
    assert state_of(reward) == RewardState.FAILED
    assert shop.sandbox.witness()["transfers"] == 1
    assert get_books(LIN).balance_fen == 0


def test_a_call_that_never_arrived_fails_after_two_questions_and_the_money_returns(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    shop.door.broken = [("before", UnknownOutcome("http.unknown", "断了"))]
    pay_rewards()
    shop.clock.advance(minutes=2)
    pay_rewards()
    assert state_of(reward) == RewardState.SENDING
    settle(shop)
    assert state_of(reward) == RewardState.FAILED
    assert shop.sandbox.witness()["transfers"] == 0
    assert get_books(LIN).is_whole


def test_a_call_that_surely_was_not_sent_is_sent_under_the_same_number(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    shop.door.broken = [("before", RetryLater("http.connect", "连不上"))]
    pay_rewards()
    assert state_of(reward) == RewardState.APPROVED
    shop.clock.advance(minutes=5)
    pay_rewards()
    assert state_of(reward) == RewardState.WAITING
    assert [r["out_bill_no"] for r in shop.control("waiting_transfers")] == [reward.bill_no]
    sums = {row.entry: 0 for row in LedgerRow.objects.all()}
    for row in LedgerRow.objects.all():
        sums[row.entry] += row.amount_fen
    assert set(sums.values()) == {0}


def test_without_money_it_waits_and_is_paid_when_there_is_some(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    balance = shop.sandbox.witness()["balance_fen"]
    shop.control("fund", amount_fen=-balance)
    pay_rewards()
    assert state_of(reward) == RewardState.APPROVED
    assert "余额不足" in Reward.objects.get(pk=reward.id).error
    shop.control("fund", amount_fen=balance)
    shop.clock.advance(minutes=11)
    pay_rewards()
    assert state_of(reward) == RewardState.WAITING


def test_a_callback_before_the_answer_is_not_undone_by_it(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    pay_rewards()
    shop.control("confirm_transfers")
    shop.hear_callbacks()
    shop.clock.advance(minutes=5)
    pay_rewards()
    assert state_of(reward) == RewardState.PAID


def test_word_of_other_money_is_not_believed(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    pay_rewards()
    Reward.objects.filter(pk=reward.id).update(amount_fen=400)
    shop.control("confirm_transfers")
    shop.hear_callbacks()
    kept = Reward.objects.get(pk=reward.id)
    assert (kept.state, kept.is_doubtful) == (RewardState.WAITING, True)


def test_cancelled_before_confirmed(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    pay_rewards()
    cancel_reward(LIN, reward.id, now=shop.clock.now())
    pay_rewards()
    assert state_of(reward) == RewardState.CANCELLED
    assert get_books(LIN).balance_fen == 0


def test_a_taking_back_whose_answer_is_lost_is_in_the_audit_and_asked_for(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    pay_rewards()
    shop.door.broken = [("after", UnknownOutcome("http.reset", "连接中断"))]
    with pytest.raises(UnknownOutcome):
        cancel_reward(LIN, reward.id, now=shop.clock.now())
    assert AuditEntry.objects.filter(verb="cancel_reward").exists()
    pay_rewards()
    assert state_of(reward) == RewardState.CANCELLED


def test_rejected_or_taken_back_is_never_paid(shop):
    customer = shop.buy("SCJ001")
    first, second = ask(shop, customer), ask(shop, customer, "key-00002")
    reject_reward(LIN, first.id, now=shop.clock.now())
    reject_reward(HE, second.id, now=shop.clock.now())
    pay_rewards()
    assert shop.sandbox.witness()["transfers"] == 0
    with pytest.raises(Conflict):
        approve_reward(LIN, first.id, now=shop.clock.now())


def test_guides_may_neither_ask_nor_approve_nor_read(shop, mei):
    reward = ask(shop, shop.buy("SCJ001"))
    with pytest.raises(Forbidden):
        approve_reward(mei, reward.id, now=shop.clock.now())
    with pytest.raises(Forbidden):
        get_books(mei)


def test_export_holds_every_reward(shop):
    customer = shop.buy("SCJ001")
    for number in range(3):
        ask(shop, customer, f"key-1000{number}")
    assert len(list(stream_rewards(LIN))) == 3
