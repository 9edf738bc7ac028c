"""Pure: notices, queries and bills of WeChat Pay → facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Refused
from siyu.kernel.identity import Identity
from siyu.platforms.wechat_pay.wire import (
    Event,
    Refund,
    Transaction,
    TransferBill,
    read_resource,
)
from siyu.ports import facts
from siyu.ports.capabilities import AccountConfig
from siyu.ports.facts import Fact
from siyu.ports.payments import PayoutState

OPENID = "wechat_pay_openid"
NAMESPACES = (("mini_appids", "wechat_mini_openid"), ("oa_appids", "wechat_oa_openid"))
AHEAD_MS = 300_000
LATE_MS = 86_400_000
STATES = {
    "ACCEPTED": PayoutState.PROCESSING,
    "PROCESSING": PayoutState.PROCESSING,
    "WAIT_USER_CONFIRM": PayoutState.WAITING,
    "TRANSFERING": PayoutState.PROCESSING,
    "TRANSFERRING": PayoutState.PROCESSING,
    "CANCELING": PayoutState.PROCESSING,
    "SUCCESS": PayoutState.PAID,
    "FAIL": PayoutState.FAILED,
    "CANCELLED": PayoutState.CANCELLED,
}


@dataclass(frozen=True)
class Origin:
    """Whose fact it is, when it came, and by what id it is known again."""

    account: AccountConfig
    received_at: datetime
    message_id: str

    def fact(self, name: str, at: int, **details: Any) -> Fact:
        """A fact of this account. A time missing or ahead of ours becomes the time of arrival."""
        received_at = to_ms(self.received_at)
        if not at or at > received_at + AHEAD_MS:
            at = received_at
        return Fact(
            name=name,
            at=at,
            received_at=received_at,
            is_late=at < received_at - LATE_MS,
            source=self.account.key,
            message_id=self.message_id,
            platform="wechat_pay",
            account=self.account.key,
            **details,
        )

    def payer(self, openid: str, appid: str) -> tuple[Identity, ...]:
        """The payer: an openid means somebody only within the app it was paid in."""
        app = appid or self.account.fields["appid"]
        if not openid:
            return ()
        return (Identity(namespace_of(self.account, app), app, openid),)


def namespace_of(account: AccountConfig, appid: str) -> str:
    """The namespace of a payer's openid: that of the mini program or official account when the
    account's form names the app as one, else WeChat Pay's own."""
    for field, namespace in NAMESPACES:
        listed = account.fields.get(field, "").replace("，", ",").split(",")
        if appid in {one.strip() for one in listed if one.strip()}:
            return namespace
    return OPENID


def map_event(event: Event, origin: Origin) -> list[Fact]:
    """The facts of one notice; [] for events we do not use. Refused when malformed."""
    reader = _READERS.get(event.event_type)
    return reader(event, origin) if reader else []


def order_fact(transaction: Transaction, origin: Origin) -> Fact:
    """A paid order. Whose number it is decides the account: orders told by the shop are not
    counted again, their payment is only noted."""
    is_order = origin.account.fields.get("order_source", "payment") != "shop"
    amount = transaction.amount
    return origin.fact(
        facts.ORDER_COMPLETED if is_order else facts.PAYMENT_SUCCEEDED,
        ms(transaction.success_time),
        identities=origin.payer(transaction.payer.openid, transaction.appid),
        properties={
            "order_id": transaction.out_trade_no,
            "total_fen": amount.total,
            "currency": amount.currency or "CNY",
            "transaction_id": transaction.transaction_id,
            "trade_type": transaction.trade_type,
            "appid": transaction.appid,
        },
    )


def refund_fact(refund: Refund, origin: Origin) -> Fact:
    """Money given back; no customer is named, the order knows him."""
    is_order = origin.account.fields.get("order_source", "payment") != "shop"
    return origin.fact(
        facts.ORDER_REFUNDED if is_order else facts.PAYMENT_REFUNDED,
        ms(refund.success_time),
        properties={
            "order_id": refund.out_trade_no,
            "refund_id": refund.out_refund_no,
            "total_fen": refund.amount.refund or 0,
            "transaction_id": refund.transaction_id,
        },
    )


def ms(text: str) -> int:
    """Milliseconds of an RFC 3339 time; 0 when there is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return to_ms(at) if at.tzinfo else 0


def _paid(event: Event, origin: Origin) -> list[Fact]:
    found = read_resource(event.resource, Transaction, "out_trade_no", "trade_state")
    _require_ours(found.mchid, origin)
    if found.trade_state != "SUCCESS":
        return []
    if found.amount.total <= 0:
        raise Refused("callback.missing", "支付通知缺少金额", field="amount")
    return [order_fact(found, origin)]


def _refunded(event: Event, origin: Origin) -> list[Fact]:
    found = read_resource(event.resource, Refund, "out_trade_no", "out_refund_no", "amount")
    _require_ours(found.mchid, origin)
    if found.refund_status != "SUCCESS" or not found.amount.refund:
        return []
    return [refund_fact(found, origin)]


def _refund_failed(event: Event, origin: Origin) -> list[Fact]:
    found = read_resource(event.resource, Refund, "out_trade_no", "out_refund_no", "amount")
    properties = {"order_id": found.out_trade_no, "refund_id": found.out_refund_no}
    state = {"status": found.refund_status.lower()}
    return [origin.fact(facts.REFUND_FAILED, ms(event.create_time), properties=properties | state)]


def _transferred(event: Event, origin: Origin) -> list[Fact]:
    found = read_resource(event.resource, TransferBill, "out_bill_no", "state")
    _require_ours(found.mch_id, origin)
    return [
        origin.fact(
            facts.PAYOUT_CHANGED,
            ms(found.update_time),
            identities=origin.payer(found.openid, ""),
            properties={
                "bill_no": found.out_bill_no,
                "remote_id": found.transfer_bill_no,
                "state": STATES.get(found.state, PayoutState.PROCESSING).value,
                "amount_fen": found.transfer_amount,
                "reason": found.fail_reason[:120],
            },
        )
    ]


def _require_ours(mchid: str, origin: Origin) -> None:
    if mchid and mchid != origin.account.fields["mchid"]:
        raise Refused("callback.mchid", "通知属于另一个商户号", field="mchid")


_READERS: dict[str, Callable[[Event, Origin], list[Fact]]] = {
    "TRANSACTION.SUCCESS": _paid,
    "REFUND.SUCCESS": _refunded,
    "REFUND.ABNORMAL": _refund_failed,
    "REFUND.CLOSED": _refund_failed,
    "MCHTRANSFER.BILL.FINISHED": _transferred,
}
