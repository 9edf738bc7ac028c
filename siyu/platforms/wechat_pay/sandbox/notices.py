"""Callbacks of the platform: sealed resources, signed with its key of the day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from siyu.platforms.wechat_pay.crypto import ALGORITHM, SCHEME, seal, sign
from siyu.platforms.wechat_pay.sandbox.books import (
    Merchant,
    Order,
    PlatformKey,
    Refund,
    Transfer,
    rfc3339,
)
from siyu.ports.sandbox import Callback, World

ATTEMPTS = 6


class Herald:
    """Sends the notices of one merchant."""

    def __init__(self, world: World, merchant: Merchant, key: PlatformKey) -> None:
        self._world = world
        self._merchant = merchant
        self._key = key

    def tell_paid(self, order: Order) -> None:
        """TRANSACTION.SUCCESS to the order's own address, or the merchant's."""
        plain = {**transaction_of(self._merchant, order), "bank_type": "OTHERS"}
        kind = ("TRANSACTION.SUCCESS", "transaction", "支付成功")
        self._send(kind, plain, order.notify_url, f"pay:{order.transaction_id}")

    def tell_refunded(self, order: Order, refund: Refund) -> None:
        plain = {
            "mchid": self._merchant.mchid,
            "out_trade_no": order.out_trade_no,
            "transaction_id": order.transaction_id,
            "out_refund_no": refund.out_refund_no,
            "refund_id": refund.refund_id,
            "refund_status": "SUCCESS",
            "success_time": rfc3339(refund.at),
            "user_received_account": "支付用户零钱",
            "amount": {
                "total": order.total,
                "refund": refund.amount,
                "payer_total": order.total,
                "payer_refund": refund.amount,
            },
        }
        kind = ("REFUND.SUCCESS", "refund", "退款成功")
        self._send(kind, plain, order.notify_url, f"refund:{refund.refund_id}")

    def tell_transferred(self, transfer: Transfer) -> None:
        """MCHTRANSFER.BILL.FINISHED, when the merchant gave an address for it."""
        if transfer.notify_url:
            plain = {"mch_id": self._merchant.mchid, **transfer_of(transfer)}
            kind = ("MCHTRANSFER.BILL.FINISHED", "mch_payment", "商家转账单据终态通知")
            name = f"transfer:{transfer.transfer_bill_no}"
            self._send(kind, plain, transfer.notify_url, name)

    def probe(self) -> None:
        """A notice whose signature is wrong on purpose; it must be refused."""
        plain = {"out_trade_no": "PROBE", "trade_state": "SUCCESS", "amount": {"total": 1}}
        kind = ("TRANSACTION.SUCCESS", "transaction", "支付成功")
        good = self._sealed(kind, plain, "probe")
        url = self._merchant.callback_url
        if url:
            signature = f"WECHATPAY/SIGNTEST/{self._sign(good, '0')[1]}"
            headers = {**self._sign(good, "0")[0], "Wechatpay-Signature": signature}
            self._world.deliver(Callback(url=url, body=good, headers=headers, attempts=1))

    def _send(
        self, kind: tuple[str, str, str], plain: Mapping[str, Any], url: str, name: str
    ) -> None:
        target = url or self._merchant.callback_url
        if not target:
            return
        body = self._sealed(kind, plain, name)
        at = str(int(self._world.clock.now().timestamp()))
        self._merchant.counts["callbacks"] += 1
        headers = self._sign(body, at)[0]
        self._world.deliver(Callback(url=target, body=body, headers=headers, attempts=ATTEMPTS))

    def _sealed(self, kind: tuple[str, str, str], plain: Mapping[str, Any], name: str) -> bytes:
        nonce = f"{self._merchant.counts['callbacks'] % 10**12:012d}"
        sealed = seal(self._merchant.api_v3_key, msgspec.json.encode(plain), nonce, kind[1])
        return msgspec.json.encode(
            {
                "id": f"EV-{name}",
                "create_time": rfc3339(self._world.clock.now()),
                "event_type": kind[0],
                "resource_type": "encrypt-resource",
                "summary": kind[2],
                "resource": {
                    "algorithm": ALGORITHM,
                    "original_type": kind[1],
                    "ciphertext": sealed.ciphertext,
                    "nonce": nonce,
                    "associated_data": kind[1],
                },
            }
        )

    def _sign(self, body: bytes, at: str) -> tuple[dict[str, str], str]:
        return signed_headers(self._key, body, at), at


def signed_headers(key: PlatformKey, body: bytes, at: str) -> dict[str, str]:
    """The four headers by which a merchant knows the platform."""
    nonce = f"n{at}{len(body):06d}"
    return {
        "Wechatpay-Timestamp": at,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": sign(key.key, at, nonce, body.decode()),
        "Wechatpay-Signature-Type": SCHEME,
        "Wechatpay-Serial": key.serial,
        "Content-Type": "application/json",
    }


def transaction_of(merchant: Merchant, order: Order) -> dict[str, Any]:
    """An order as queries and notices show it."""
    known: dict[str, Any] = {
        "mchid": merchant.mchid,
        "appid": order.appid,
        "out_trade_no": order.out_trade_no,
        "trade_state": "REFUND" if order.refunds else order.state,
        "trade_state_desc": "",
        "attach": order.attach,
        "amount": {"total": order.total, "currency": "CNY"},
    }
    if order.paid_at:
        known |= {
            "transaction_id": order.transaction_id,
            "trade_type": order.trade_type,
            "success_time": rfc3339(order.paid_at),
            "payer": {"openid": order.payer},
            "amount": {
                "total": order.total,
                "payer_total": order.total,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }
    return known


def transfer_of(transfer: Transfer) -> dict[str, Any]:
    """A transfer bill as queries and notices show it."""
    return {
        "out_bill_no": transfer.out_bill_no,
        "transfer_bill_no": transfer.transfer_bill_no,
        "state": transfer.state,
        "transfer_amount": transfer.amount,
        "openid": transfer.openid,
        "fail_reason": transfer.reason,
        "create_time": rfc3339(transfer.at),
        "update_time": rfc3339(transfer.changed_at or transfer.at),
    }
