"""The sandbox keeps the platform's rules: signatures, orders, bills, transfers, guides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import (
    PlatformRefused,
    Reauth,
    Refused,
    RetryLater,
    UnknownOutcome,
    WaitUntil,
)
from siyu.platforms.wechat_pay import connect
from siyu.platforms.wechat_pay.client import GUIDES, TRANSFERS
from siyu.platforms.wechat_pay.crypto import encrypt_field
from siyu.platforms.wechat_pay.tests import kit
from siyu.ports.http import HttpAnswer
from siyu.ports.payments import CardGuide, PaymentState, PayoutState
from siyu.ports.testing import MemoryTokenStore, SandboxDoor, ScriptedDoor

GUIDE = CardGuide(
    store_id="1001",
    userid="mei",
    name="小梅",
    mobile="13912345678",
    qr_code="https://u.wechat.com/mei",
    corp_id="ww1",
)


def refused(act, *args) -> str:
    """The platform's own word for what it does not do."""
    with pytest.raises(PlatformRefused) as caught:
        act(*args)
    return caught.value.platform_code


def buy(sandbox, number="SCJ0000001", fen=16800):
    return sandbox.control("pay", {"out_trade_no": number, "person": "p1", "amount_fen": fen})


def day_of(clock):
    return clock.now().astimezone(SHANGHAI).date()


def test_who_signs_with_another_serial_or_too_late_is_a_stranger(reach, sandbox, clock):
    fields = {**kit.ACCOUNT.fields, "serial_no": "0" * 40}
    with pytest.raises(Reauth):
        reach(structs.replace(kit.ACCOUNT, fields=fields)).payments.find_payment("SCJ1")
    slow = type(clock)(clock.now() - timedelta(minutes=6))
    door = SandboxDoor(sandbox, kit.ACCOUNT.base_url)
    with pytest.raises(Reauth):
        kit.read(connect(kit.ACCOUNT, door, slow, MemoryTokenStore(slow)))


def test_so_many_calls_a_minute_and_no_more(connector, sandbox, clock):
    sandbox.control("knobs", {"per_minute": 2})
    assert connector.payments.find_payment("SCJ1") is None
    with pytest.raises(WaitUntil):
        connector.payments.find_payment("SCJ1")
    clock.advance(minutes=1)
    assert connector.payments.find_payment("SCJ1") is None


def test_a_limit_that_nobody_signed_delays_reads_only(clock):
    wire = ScriptedDoor()
    wire.script(kit.CERTIFICATES, [kit.certificates(1)])
    limit = HttpAnswer(429, {}, b'{"code":"FREQUENCY_LIMITED","message":"slow"}')
    wire.script(kit.QUERY, [limit])
    wire.script(kit.TRANSFER, [limit])
    connector = connect(kit.ACCOUNT, wire, clock, MemoryTokenStore(clock))
    with pytest.raises(WaitUntil):
        kit.read(connector)
    with pytest.raises(UnknownOutcome):
        kit.send(connector, "老客介绍新客")


def test_an_order_is_paid_once_and_gives_back_no_more_than_was_paid(connector, sandbox):
    sandbox.control("order", {"out_trade_no": "SCJ0000001", "amount_fen": 500})
    assert connector.payments.find_payment("SCJ0000001").state is PaymentState.OPEN
    buy(sandbox)
    assert connector.payments.find_payment("SCJ0000001").state is PaymentState.PAID
    with pytest.raises(Refused, match="不能支付"):
        buy(sandbox)
    sandbox.control("refund", {"out_trade_no": "SCJ0000001", "amount_fen": 400})
    with pytest.raises(Refused, match="超过"):
        sandbox.control("refund", {"out_trade_no": "SCJ0000001", "amount_fen": 101})
    assert sandbox.witness()["refunded_fen"] == 400


def test_a_bill_comes_the_day_after_and_adds_up(connector, sandbox, clock):
    buy(sandbox, "SCJ0000001", 16800)
    buy(sandbox, "SCJ0000002", 200)
    sandbox.control("refund", {"out_trade_no": "SCJ0000002"})
    day = day_of(clock)
    assert refused(connector.payments.fetch_bill, day) == "PARAM_ERROR"
    clock.advance(days=1)
    sandbox.control("knobs", {"has_bills": False})
    with pytest.raises(RetryLater):
        connector.payments.fetch_bill(day)
    sandbox.control("knobs", {"has_bills": True})
    lines = connector.payments.fetch_bill(day).lines
    paid = [line.order_no for line in lines if not line.refund_no]
    back = [line.order_no for line in lines if line.refund_no]
    assert (sorted(paid), back) == (["SCJ0000001", "SCJ0000002"], ["SCJ0000002"])
    assert connector.payments.fetch_bill(day - timedelta(days=1)) is None


def test_a_transfer_with_one_number_is_one_transfer(connector, sandbox):
    first = connector.rewards.pay(kit.payout())
    assert connector.rewards.pay(kit.payout()) == first
    assert refused(connector.rewards.pay, replace(kit.payout(), amount_fen=501)) == "ALREADY_EXISTS"
    assert (sandbox.witness()["transfers"], sandbox.witness()["duplicate_transfers"]) == (1, 0)
    connector.rewards.pay(kit.payout(bill_no="R2"))
    assert sandbox.witness()["duplicate_transfers"] == 1


def test_what_is_not_confirmed_within_a_day_comes_back(connector, sandbox, clock):
    before = sandbox.witness()["balance_fen"]
    connector.rewards.pay(kit.payout())
    connector.rewards.pay(kit.payout(bill_no="R2"))
    sandbox.control("confirm_transfers", {"out_bill_no": "R2"})
    clock.advance(hours=25)
    assert sandbox.control("confirm_transfers", {})["confirmed"] == 0
    states = [connector.rewards.find_payout(number).state for number in ("R1", "R2")]
    assert states == [PayoutState.FAILED, PayoutState.PAID]
    assert sandbox.witness()["balance_fen"] == before - 500


def test_a_transfer_is_cancelled_only_before_it_is_confirmed(connector, sandbox):
    connector.rewards.pay(kit.payout())
    connector.rewards.cancel_payout("R1")
    assert connector.rewards.find_payout("R1").state is PayoutState.CANCELLED
    connector.rewards.pay(kit.payout(bill_no="R2"))
    sandbox.control("confirm_transfers", {})
    assert refused(connector.rewards.cancel_payout, "R2") == "INVALID_REQUEST"


def test_from_2000_yuan_on_a_name_is_needed(connector, post, public_key):
    assert refused(connector.rewards.pay, replace(kit.payout(), amount_fen=200_000)) == ""
    body = {
        "appid": kit.APPID,
        "out_bill_no": "R9",
        "transfer_scene_id": "1000",
        "openid": kit.OPENID,
        "transfer_amount": 200_000,
        "transfer_remark": "奖励",
        "transfer_scene_report_infos": [{"info_type": "活动名称", "info_content": "秋茶"}],
    }
    assert post(TRANSFERS, body)["code"] == "PARAM_ERROR"
    serial, key = public_key
    named = {**body, "user_name": encrypt_field(key, "王小满")}
    assert post(TRANSFERS, named, serial)["state"] == "WAIT_USER_CONFIRM"


def test_a_secret_field_is_read_only_with_the_key_that_the_header_names(post, sandbox, public_key):
    serial, key = public_key
    body = {
        "corpid": "ww1",
        "store_id": "1001",
        "userid": "lan",
        "name": encrypt_field(key, "阿兰"),
        "mobile": encrypt_field(key, "13912345679"),
        "qr_code": "https://u.wechat.com/lan",
    }
    assert "Wechatpay-Serial" in post(GUIDES, body)["message"]
    other = sandbox.control("rotate_certificate", {})["serial_no"]
    assert post(GUIDES, body, other)["code"] == "PARAM_ERROR"
    assert post(GUIDES, body, serial)["guide_id"]


def test_money_limits_are_the_platforms(connector, sandbox):
    sandbox.control("knobs", {"day_limit_fen": 700})
    connector.rewards.pay(kit.payout())
    over = refused(connector.rewards.pay, kit.payout(bill_no="R2"))
    assert over in {"QUOTA_EXCEED", "TRANSFER_QUOTA_EXCEED"}
    sandbox.control("knobs", {"day_limit_fen": 10_000})
    sandbox.control("fund", {"amount_fen": -sandbox.witness()["balance_fen"]})
    assert refused(connector.rewards.pay, kit.payout(bill_no="R3")) == "NOT_ENOUGH"


def test_a_guide_is_one_in_a_store_and_shown_to_who_pays(connector, sandbox):
    number = connector.guide_cards.register_guide(GUIDE)
    assert refused(connector.guide_cards.register_guide, GUIDE) == "RESOURCE_ALREADY_EXISTS"
    for other in range(12):
        connector.guide_cards.register_guide(replace(GUIDE, userid=f"s{other}"))
    assert len(connector.guide_cards.list_guides("1001")) == 13
    sandbox.control("order", {"out_trade_no": "SCJ0000001", "amount_fen": 500})
    connector.guide_cards.assign_guide(number, "SCJ0000001")
    assert buy(sandbox)["guide"]["userid"] == "mei"
    assert sandbox.witness()["cards_shown"] == 1
    assert refused(connector.guide_cards.assign_guide, number, "SCJ0000001")
