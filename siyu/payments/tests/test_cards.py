"""Guide cards: assigned before payment, measured to the next purchase; bills recover callbacks."""

from __future__ import annotations

import pytest

from siyu.commerce.queries import amounts_of
from siyu.core.intake import inbox_status
from siyu.core.intake.worker import drain
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import PlatformRefused, Refused
from siyu.kernel.identity import Identity
from siyu.payments.cards import assign_order, register_guide, set_guide_active
from siyu.payments.checking import check_bills, check_day, work_on_cards
from siyu.payments.models import BillCheck, CardGuide, CardOrder
from siyu.payments.queries import get_funnel, list_checks, list_guides
from siyu.payments.tests.shop import LIN, PayShop
from siyu.platforms.wechat_pay.tests.kit import APPID
from siyu.ports.payments import CardGuide as NewGuide

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(run_time, clock):
    return PayShop(clock)


def guide(userid: str = "mei", **more: str) -> NewGuide:
    values = {"store_id": "1001", "mobile": "13912345678", "qr_code": "https://wework.qpic.cn/1"}
    return NewGuide(userid=userid, name="梅", corp_id="ww1", **{**values, **more})


def register(shop: PayShop, userid: str = "mei") -> int:
    state = f"s_{userid}"
    return register_guide(LIN, shop.account, guide(userid), state=state, now=shop.clock.now())


def openid(shop: PayShop, person: str = "p1") -> Identity:
    value = shop.control("openid", person=person)["openid"]
    return Identity("wechat_pay_openid", APPID, value)


def test_a_guide_registered_again_is_changed_and_his_mobile_is_not_kept(shop):
    first, second = register(shop), register(shop)
    assert first == second
    assert shop.sandbox.witness()["guides"] == 1
    row = CardGuide.objects.get()
    assert "13912345678" not in str(vars(row))


def test_a_guide_known_to_the_platform_only_is_taken_over(shop):
    register(shop)
    CardGuide.objects.all().delete()
    register(shop)
    assert shop.sandbox.witness()["guides"] == 1


def test_fields_of_a_guide_are_required(shop):
    with pytest.raises(Refused) as caught:
        register_guide(LIN, shop.account, guide(mobile=" "), now=shop.clock.now())
    assert caught.value.field == "mobile"


def test_from_the_order_to_the_next_one(shop):
    register(shop)
    shop.control("order", out_trade_no="SCJ101", amount_fen=16800)
    shop.tell("order_created", order_id="SCJ101", total=168.0, store_id="1001")
    work_on_cards()
    paid = shop.control("pay", out_trade_no="SCJ101", person="p1")
    assert paid["guide"]["userid"] == "mei"
    shop.hear_callbacks()
    shop.clock.advance(minutes=3)
    shop.tell("friend_added", openid(shop), state="s_mei")
    shop.clock.advance(hours=30)
    shop.tell("order_completed", openid(shop), order_id="S9", total=99)
    funnel = get_funnel(LIN, days=30, now=shop.clock.now())
    assert (funnel.assigned, funnel.shown, funnel.added, funnel.bought) == (1, 1, 1, 1)
    assert (funnel.bought_fen, funnel.added_by_code) == (9900, 0)
    [shown] = list_guides(LIN)
    assert (shown.assigned, shown.shown, shown.added, shown.bought) == (1, 1, 1, 1)


def test_an_addition_by_somebody_unknown_counts_by_guide_and_time_only_when_near(shop):
    register(shop)
    for number, minutes in (("SCJ101", 20), ("SCJ102", 40)):
        shop.control("order", out_trade_no=number, amount_fen=100)
        shop.tell("order_created", order_id=number, total=1.0, store_id="1001", guide="mei")
        work_on_cards()
        shop.control("pay", out_trade_no=number, person=number)
        shop.hear_callbacks()
        shop.clock.advance(minutes=minutes)
        stranger = Identity("phone", "", f"+86139{number[3:]:0>8}")
        shop.tell("friend_added", stranger, state="s_mei")
    funnel = get_funnel(LIN, days=30, now=shop.clock.now())
    assert (funnel.added, funnel.added_by_code) == (1, 1)


def test_orders_go_to_the_guide_with_fewest_and_never_to_one_switched_off(shop):
    register(shop)
    other, gone = register(shop, "lan"), register(shop, "xia")
    set_guide_active(LIN, gone, is_active=False, now=shop.clock.now())
    for number in range(4):
        shop.tell("order_created", order_id=f"SCJ10{number}", total=1.0, store_id="1001")
    assert CardOrder.objects.filter(guide_id=other).count() == 2
    assert CardOrder.objects.filter(guide_id=gone).count() == 0


def test_a_paid_order_cannot_be_assigned(shop):
    made = register(shop)
    shop.buy("SCJ101")
    with pytest.raises(PlatformRefused):
        assign_order(LIN, made, "SCJ101", now=shop.clock.now())


def test_another_amount_than_expected_is_shown(shop):
    register(shop)
    shop.control("order", out_trade_no="SCJ101", amount_fen=100)
    shop.tell("order_created", order_id="SCJ101", total=168.0, store_id="1001")
    work_on_cards()
    shop.control("pay", out_trade_no="SCJ101", person="p1")
    shop.hear_callbacks()
    assert get_funnel(LIN, days=1, now=shop.clock.now()).mismatched == 1


def _newest() -> BillCheck:
    return BillCheck.objects.order_by("-day")[0]


def _lost_callbacks(shop: PayShop) -> None:
    """Two payments and a refund nobody told us of, and one we know."""
    shop.buy("SCJ200")
    for number in ("SCJ201", "SCJ202"):
        shop.control("pay", out_trade_no=number, person=number, amount_fen=8800)
    shop.control("refund", out_trade_no="SCJ201", amount_fen=800)
    shop.world.take()


@pytest.mark.django_db(transaction=True)
def test_an_unpaid_order_is_asked_for(shop):
    register(shop)
    shop.control("order", out_trade_no="SCJ101", amount_fen=100)
    shop.tell("order_created", order_id="SCJ101", total=1.0, store_id="1001")
    work_on_cards()
    shop.control("pay", out_trade_no="SCJ101", person="p1")
    shop.world.take()
    shop.clock.advance(minutes=10)
    work_on_cards()
    assert inbox_status().items == 1
    shop.clock.advance(minutes=30)
    work_on_cards()
    assert inbox_status().items == 1


@pytest.mark.django_db(transaction=True)
def test_the_bill_recovers_what_callbacks_failed_to_say(shop):
    from siyu.core.intake import worker
    from siyu.payments.tests.shop import STAGES

    _lost_callbacks(shop)
    day = shop.clock.now().astimezone(SHANGHAI).date()
    with pytest.raises(Refused):
        check_day(LIN, shop.account, day, now=shop.clock.now())
    shop.clock.advance(hours=26)
    check_bills()
    check = list_checks(LIN)[0]
    assert (check.state, check.payments, check.refunds, check.recovered) == ("done", 3, 1, 3)
    assert (check.paid_fen, check.refunded_fen) == (16800 + 17600, 800)
    worker.configure(STAGES, wakes=())
    drain()
    wanted = {"SCJ200": 16800, "SCJ201": 8800, "SCJ202": 8800}
    assert amounts_of(shop.account, list(wanted)) == wanted
    check_day(LIN, shop.account, day, now=shop.clock.now())
    assert list_checks(LIN)[0].recovered == 0


def test_a_bill_that_is_not_ready_is_asked_for_again(shop):
    _lost_callbacks(shop)
    shop.clock.advance(hours=26)
    shop.control("knobs", has_bills=False)
    check_bills()
    assert _newest().state == "failed"
    shop.control("knobs", has_bills=True)
    check_bills()
    assert _newest().state == "failed"
    shop.clock.advance(hours=1)
    check_bills()
    assert (_newest().state, _newest().payments) == ("done", 3)


def test_a_day_without_payments_has_no_bill(shop):
    shop.clock.advance(hours=26)
    while check_bills():
        pass
    assert set(BillCheck.objects.values_list("state", flat=True)) == {"empty"}
    assert BillCheck.objects.count() == 7
