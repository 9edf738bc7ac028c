"""The self-check names rewards that are not paid and bills that do not come."""

from __future__ import annotations

import pytest

from siyu.payments.checking import check_bills
from siyu.payments.paying import pay_rewards
from siyu.payments.rewards import approve_reward
from siyu.payments.stuck import list_stuck
from siyu.payments.tests.shop import LIN, PayShop
from siyu.payments.tests.test_rewards import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(run_time, clock):
    return PayShop(clock)


def stuck(shop):
    return {check.name: check for check in list_stuck(shop.account, shop.clock.now())}


def test_a_reward_that_waits_for_money_is_named_until_there_is_some(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    assert stuck(shop) == {}
    balance = shop.sandbox.witness()["balance_fen"]
    shop.control("fund", amount_fen=-balance)
    pay_rewards()
    assert "余额不足" in stuck(shop)["rewards"].detail
    shop.control("fund", amount_fen=balance)
    shop.clock.advance(minutes=11)
    pay_rewards()
    assert stuck(shop) == {}


def test_a_reward_over_the_platforms_limit_is_named_for_a_day(shop):
    reward = ask(shop, shop.buy("SCJ001"))
    approve_reward(LIN, reward.id, now=shop.clock.now())
    shop.control("knobs", day_limit_fen=1)
    pay_rewards()
    assert "限额" in stuck(shop)["rewards"].detail
    shop.clock.advance(hours=25)
    assert stuck(shop) == {}


def test_a_bill_that_does_not_come_is_named_at_the_second_failure(shop):
    shop.buy("SCJ001")
    shop.clock.advance(hours=26)
    shop.control("knobs", has_bills=False)
    check_bills()
    assert stuck(shop) == {}
    for _ in range(8):
        shop.clock.advance(hours=1)
        check_bills()
    assert "账单" in stuck(shop)["bills"].detail
