"""R10: payments and refunds whose callbacks never came are made good by the bills.

A fifth of a day's callbacks is lost, then all of the next day's. The platform's own books judge.
`SIYU_R10_ORDERS` sets the size.
"""

from __future__ import annotations

import os
import random

import pytest

from siyu.commerce.models import Order
from siyu.core.intake import worker
from siyu.payments.checking import check_bills
from siyu.payments.tests.shop import STAGES, PayShop

pytestmark = [pytest.mark.django_db(transaction=True)]
ORDERS = int(os.environ.get("SIYU_R10_ORDERS", "40"))


@pytest.fixture
def shop(run_time, clock):
    worker.configure(STAGES, wakes=())
    return PayShop(clock)


def trade(shop: PayShop, chance: random.Random, numbers: range, *, drop: float) -> None:
    """A day at the till; some give back part of what they bought."""
    for number in numbers:
        shop.clock.advance(minutes=600 / ORDERS)
        who, price = f"p{number % 7}", chance.randrange(100, 50_000)
        shop.control("pay", out_trade_no=f"SCJ{number:06d}", person=who, amount_fen=price)
        if chance.random() < 0.3:
            back = chance.randrange(1, price)
            shop.control("refund", out_trade_no=f"SCJ{number:06d}", amount_fen=back)
        waiting = shop.world.take()
        heard = [one for one in waiting if chance.random() >= drop]
        shop.hear(*(fact for one in heard for fact in shop.read(one)))


def lose(shop: PayShop, seed: int) -> None:
    chance, half = random.Random(seed), ORDERS // 2
    trade(shop, chance, range(half), drop=0.2)
    shop.clock.advance(hours=19)
    trade(shop, chance, range(half, ORDERS), drop=1.0)
    shop.clock.advance(hours=24)


def books(shop: PayShop) -> dict[str, tuple[int, int]]:
    """Order → paid and given back, as the platform has it."""
    orders = shop.control("orders")
    return {one["out_trade_no"]: (one["amount"], one["refunded"]) for one in orders}


def ours() -> dict[str, tuple[int, int]]:
    return {one.order_no: (one.amount_fen, one.refund_fen) for one in Order.objects.all()}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_bills_make_everything_equal(shop: PayShop, seed: int) -> None:
    lose(shop, seed)
    while check_bills():
        pass
    while worker.drain():
        pass
    assert ours() == books(shop)


def test_sabotage_without_the_bills_much_is_missing(shop: PayShop) -> None:
    lose(shop, 1)
    assert 0 < len(ours()) < len(books(shop))
