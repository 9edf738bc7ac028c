"""WeChat Pay's calls, for the conformance suite."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from siyu.platforms.wechat_pay.tests.kit import CERTIFICATES, KIT, answer, certificates, payout
from siyu.ports.http import HttpAnswer
from siyu.ports.payments import CardGuide, PaymentState, RemotePayment
from siyu.ports.testing.kit import Call, CallList

DAY = date(2026, 11, 10)
BILL = (Path(__file__).parent / "fixtures" / "bills" / "paid_and_refunded.csv").read_bytes()
TOLD = {
    "hash_type": "SHA1",
    "hash_value": hashlib.sha1(BILL, usedforsecurity=False).hexdigest(),
    "download_url": "https://api.mch.weixin.qq.com/v3/billdownload/file?token=t1",
}
ORDER = "/v3/pay/transactions/out-trade-no/SCJ1"
GUIDES = "/v3/smartguide/guides"
TRANSFER = "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/R1"
GUIDE = CardGuide("1001", "mei", "小梅", "13912345678", "https://work.weixin.qq.com/u/1")
KEYS: dict[str, Any] = {CERTIFICATES: certificates(1)}
SENT = {"out_bill_no": "R1", "transfer_bill_no": "1", "state": "SUCCESS"}


def absent(code: str) -> HttpAnswer:
    return answer({"code": code, "message": ""}, 404)


CALLS = CallList(
    (
        Call("payments.find_payment", f"GET {ORDER}", ("SCJ1",), absent("ORDER_NOT_EXIST"), None),
        Call(
            "payments.find_payment",
            f"GET {ORDER}",
            ("SCJ1",),
            answer({"out_trade_no": "SCJ1", "trade_state": "NOTPAY"}),
            RemotePayment("SCJ1", PaymentState.OPEN, 0),
            odd=answer({"out_trade_no": 1}),
        ),
        Call(
            "payments.fetch_bill",
            "GET /v3/bill/tradebill",
            (DAY,),
            absent("NO_STATEMENT_EXIST"),
            None,
            odd=answer({"download_url": 5}),
        ),
        Call(
            "payments.fetch_bill",
            "GET /v3/billdownload/file",
            (DAY,),
            BILL,
            others={"GET /v3/bill/tradebill": answer(TOLD)},
            odd=BILL + b"x",
        ),
        Call(
            "guide_cards.register_guide",
            f"POST {GUIDES}",
            (GUIDE,),
            answer({"guide_id": "G1"}),
            "G1",
            odd=answer({}),
            is_safe=False,
        ),
        Call(
            "guide_cards.update_guide",
            f"PATCH {GUIDES}/G1",
            ("G1", GUIDE),
            answer(None, 204),
            is_safe=False,
        ),
        Call(
            "guide_cards.list_guides",
            f"GET {GUIDES}",
            ("1001",),
            answer({"data": [], "total_count": 0}),
            [],
            odd=answer({"data": 7}),
        ),
        Call(
            "guide_cards.assign_guide",
            f"POST {GUIDES}/G1/assign",
            ("G1", "SCJ1"),
            answer(None, 204),
            is_safe=False,
        ),
        Call(
            "rewards.pay",
            KIT.send_call,
            (payout(),),
            KIT.send_answer,
            odd=answer({"state": "ACCEPTED"}),
            is_safe=False,
        ),
        Call(
            "rewards.find_payout",
            f"GET {TRANSFER}",
            ("R1",),
            answer(SENT),
            odd=answer({"state": "SUCCESS"}),
        ),
        Call("rewards.find_payout", f"GET {TRANSFER}", ("R1",), absent("NOT_FOUND"), None),
        Call(
            "rewards.cancel_payout",
            f"POST {TRANSFER}/cancel",
            ("R1",),
            answer({"out_bill_no": "R1", "state": "CANCELING"}),
            is_safe=False,
        ),
    ),
    quiet=frozenset({"rewards.find_recipient"}),
)
