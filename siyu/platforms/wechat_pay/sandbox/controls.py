"""What people do: customers pay and confirm; the merchant refunds by hand; testers turn knobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from siyu.kernel.errors import Refused
from siyu.kernel.ids import digest
from siyu.platforms.wechat_pay.sandbox import orders, payouts
from siyu.platforms.wechat_pay.sandbox.books import Merchant, Order, PlatformKey
from siyu.platforms.wechat_pay.sandbox.notices import Herald
from siyu.ports.sandbox import World


class People:
    """Control operations on one merchant at one moment. Each returns a JSON value."""

    def __init__(self, world: World, merchant: Merchant, key: PlatformKey) -> None:
        self._world = world
        self._merchant = merchant
        self._herald = Herald(world, merchant, key)

    @property
    def _now(self) -> datetime:
        return self._world.clock.now()

    def openid(self, person: str, appid: str = "") -> Any:
        """A person's openid in an app."""
        return {"openid": make_openid(person, appid or self._merchant.appid)}

    def pay(
        self, out_trade_no: str, person: str = "", openid: str = "", amount_fen: int = 0
    ) -> Any:
        """A customer pays an order; amount_fen makes it first, as a cashier would."""
        if amount_fen and out_trade_no not in self._merchant.orders:
            self.order(out_trade_no, amount_fen)
        order = orders.find_order(self._merchant, out_trade_no)
        payer = openid or make_openid(person, order.appid)
        orders.pay(self._merchant, order, payer, self._now)
        self._herald.tell_paid(order)
        guide = self._merchant.guides.get(order.guide_id)
        shown = (
            {"guide_id": guide.guide_id, "userid": guide.userid, "qr_code": guide.qr_code}
            if guide
            else {}
        )
        return {"transaction_id": order.transaction_id, "openid": order.payer, "guide": shown}

    def order(self, out_trade_no: str, amount_fen: int, description: str = "门店收银") -> Any:
        """The merchant's cashier makes an order that a customer may pay."""
        if out_trade_no in self._merchant.orders or amount_fen < 1:
            raise Refused("sandbox.order", "order exists or amount is wrong", field="out_trade_no")
        orders.add_order(
            self._merchant,
            Order(
                out_trade_no=out_trade_no,
                description=description,
                appid=self._merchant.appid,
                total=amount_fen,
                made_at=self._now,
                trade_type="NATIVE",
                notify_url="",
            ),
        )
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={out_trade_no}"}

    def refund(self, out_trade_no: str, amount_fen: int = 0) -> Any:
        """Staff give money back on the merchant platform; all that is left by default."""
        order = orders.find_order(self._merchant, out_trade_no)
        if not order.paid_at:
            raise Refused("sandbox.order", "order is not paid", field="out_trade_no")
        number = f"{out_trade_no}R{len(order.refunds) + 1}"
        amount = amount_fen or order.total - order.refunded
        made = orders.refund(self._merchant, order, amount, number, self._now)
        self._herald.tell_refunded(order, made)
        return {"refund_id": made.refund_id, "out_refund_no": number}

    def waiting_transfers(self) -> Any:
        """Transfers that wait for their customers."""
        return [
            {"out_bill_no": bill.out_bill_no, "openid": bill.openid, "amount": bill.amount}
            for bill in self._merchant.transfers.values()
            if bill.state == "WAIT_USER_CONFIRM"
        ]

    def confirm_transfers(self, out_bill_no: str = "") -> Any:
        """Customers tap "收款" on all (or only this) waiting transfers."""
        done = 0
        for bill in self._merchant.transfers.values():
            if bill.state != "WAIT_USER_CONFIRM" or out_bill_no not in {"", bill.out_bill_no}:
                continue
            if not payouts.expire(self._merchant, bill, self._now):
                payouts.end(self._merchant, bill, "SUCCESS", "", self._now)
                done += 1
            self._herald.tell_transferred(bill)
        return {"confirmed": done}

    def expire_transfers(self) -> Any:
        """What was not confirmed within 24 hours fails now."""
        ended = [
            bill
            for bill in self._merchant.transfers.values()
            if payouts.expire(self._merchant, bill, self._now)
        ]
        for bill in ended:
            self._herald.tell_transferred(bill)
        return {"failed": len(ended)}

    def notify_again(self, out_trade_no: str) -> Any:
        """The notice of a paid order once more."""
        order = orders.find_order(self._merchant, out_trade_no)
        if order.paid_at:
            self._herald.tell_paid(order)
        return {}

    def probe(self) -> Any:
        """A notice with a wrong signature, as WeChat Pay sends to test the receiver."""
        self._herald.probe()
        return {}

    def fund(self, amount_fen: int) -> Any:
        """Put money on the merchant's account (negative: take it away)."""
        self._merchant.balance += amount_fen
        return {"balance_fen": self._merchant.balance}

    def knobs(
        self,
        per_minute: int | None = None,
        has_bills: bool | None = None,  # noqa: FBT001 - a JSON argument
        day_limit_fen: int | None = None,
    ) -> Any:
        """Limits of calls and transfers, and whether bills are ready."""
        given = {"per_minute": per_minute, "has_bills": has_bills, "day_limit_fen": day_limit_fen}
        for name, value in given.items():
            if value is not None:
                setattr(self._merchant.knobs, name, value)
        return asdict(self._merchant.knobs)

    def orders(self) -> Any:
        """The newest 200 orders."""
        newest = list(self._merchant.orders.values())[-200:]
        return [
            {
                "out_trade_no": order.out_trade_no,
                "state": order.state,
                "amount": order.total,
                "refunded": order.refunded,
                "payer": order.payer,
            }
            for order in reversed(newest)
        ]

    def calls(self) -> Any:
        """How often each call was made."""
        return dict(self._merchant.calls)


def make_openid(person: str, appid: str) -> str:
    """The same person in the same app has the same openid."""
    if not person:
        raise Refused("sandbox.person", "who pays? give person or openid", field="person")
    return f"o{digest(b'openid', appid.encode(), person.encode()).hex()[:27]}"


def counts(merchant: Merchant) -> dict[str, int]:
    """The books of a merchant in numbers."""
    named = (
        "orders",
        "paid",
        "paid_fen",
        "refunds",
        "refunded_fen",
        "assigned",
        "cards_shown",
        "transfers_paid",
        "transferred_fen",
        "duplicate_transfers",
        "callbacks",
        "bad_signatures",
    )
    return {
        "calls": sum(merchant.calls.values()),
        "merchants": 1,
        "guides": len(merchant.guides),
        "transfers": len(merchant.transfers),
        "balance_fen": merchant.balance,
        **{name: merchant.counts[name] for name in named},
    }


OPERATIONS: dict[str, Callable[..., Any]] = {
    name: getattr(People, name)
    for name in (
        "order",
        "pay",
        "refund",
        "waiting_transfers",
        "confirm_transfers",
        "expire_transfers",
        "notify_again",
        "probe",
        "fund",
        "knobs",
        "openid",
        "orders",
        "calls",
    )
}
