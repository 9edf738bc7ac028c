"""Orders, refunds and bills on the wire."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.platforms.wechat_pay.sandbox.books import (
    Fault,
    Merchant,
    Order,
    PlatformKey,
    Refund,
    rfc3339,
)
from siyu.platforms.wechat_pay.sandbox.notices import Herald, transaction_of
from siyu.ports.sandbox import World

ORDER_LIFE = timedelta(days=7)


@dataclass(frozen=True)
class Call:
    """One signed request. path: its variable parts, in order."""

    world: World
    merchant: Merchant
    key: PlatformKey
    platform_keys: tuple[PlatformKey, ...]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    path: tuple[str, ...] = ()
    origin: str = ""
    serial: str = ""
    """Of the key that the caller says he encrypted for."""

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    @property
    def herald(self) -> Herald:
        return Herald(self.world, self.merchant, self.key)


def need(body: Mapping[str, Any], name: str, kind: type = str) -> Any:
    """A required field; PARAM_ERROR when it is missing, empty or of another kind."""
    value = body.get(name)
    if not isinstance(value, kind) or isinstance(value, bool) or not value:
        raise Fault(400, "PARAM_ERROR", f"参数错误: {name}")
    return value


def make_native(call: Call) -> dict[str, Any]:
    """POST /v3/pay/transactions/native."""
    order = _make(call, "NATIVE")
    return {"code_url": f"weixin://wxpay/bizpayurl?pr={order.out_trade_no}"}


def make_jsapi(call: Call) -> dict[str, Any]:
    """POST /v3/pay/transactions/jsapi."""
    payer = need(call.body, "payer", dict)
    order = _make(call, "JSAPI")
    order.payer = need(payer, "openid")
    return {"prepay_id": f"wx{order.out_trade_no}"}


def get_order(call: Call) -> dict[str, Any]:
    """GET by the merchant's number or the platform's."""
    if call.query.get("mchid") != call.merchant.mchid:
        raise Fault(400, "PARAM_ERROR", "mchid 与签名的商户号不一致")
    wanted = call.path[-1]
    by_id = call.path[0] == "id"
    for order in [call.merchant.orders.get(wanted)] if not by_id else call.merchant.orders.values():
        if order and (not by_id or order.transaction_id == wanted):
            return transaction_of(call.merchant, order)
    raise Fault(404, "ORDER_NOT_EXIST", "订单不存在")


def close_order(call: Call) -> None:
    """POST …/close."""
    order = find_order(call.merchant, call.path[0])
    if order.state == "SUCCESS":
        raise Fault(400, "ORDERPAID", "订单已支付")
    order.state = "CLOSED"


def make_refund(call: Call) -> dict[str, Any]:
    """POST /v3/refund/domestic/refunds; the same number and amount again is the same refund."""
    order = _paid_order(call)
    number = need(call.body, "out_refund_no")
    amount = need(call.body, "amount", dict)
    wanted = need(amount, "refund", int)
    if amount.get("total") != order.total:
        raise Fault(400, "PARAM_ERROR", "订单金额与原订单不一致")
    known = order.refunds.get(number)
    if known is None:
        known = refund(call.merchant, order, wanted, number, call.now)
        call.herald.tell_refunded(order, known)
    elif known.amount != wanted:
        raise Fault(400, "INVALID_REQUEST", "退款单号已使用, 金额不一致")
    return _refund_of(order, known)


def get_refund(call: Call) -> dict[str, Any]:
    """GET /v3/refund/domestic/refunds/{out_refund_no}."""
    for order in call.merchant.orders.values():
        if call.path[0] in order.refunds:
            return _refund_of(order, order.refunds[call.path[0]])
    raise Fault(404, "RESOURCE_NOT_EXISTS", "退款单不存在")


def make_bill(call: Call) -> dict[str, Any]:
    """GET /v3/bill/tradebill: a past day's file, at an address that works for this merchant."""
    day = need(call.query, "bill_date")
    if day >= call.now.astimezone(SHANGHAI).date().isoformat():
        raise Fault(400, "PARAM_ERROR", "账单日期须早于今天")
    if not call.merchant.knobs.has_bills:
        raise Fault(400, "STATEMENT_CREATING", "账单生成中")
    text = write_bill(call.merchant, day)
    if text is None:
        raise Fault(400, "NO_STATEMENT_EXIST", "当天没有交易")
    token = hashlib.sha256(f"{call.merchant.mchid}{day}".encode()).hexdigest()[:32]
    is_packed = call.query.get("tar_type") == "GZIP"
    call.merchant.bills[token] = gzip.compress(text, mtime=0) if is_packed else text
    return {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(text, usedforsecurity=False).hexdigest(),
        "download_url": f"{call.origin}/v3/billdownload/file?token={token}",
    }


def download_bill(call: Call) -> bytes:
    """GET /v3/billdownload/file: not signed, as with the real one."""
    found = call.merchant.bills.get(call.query.get("token", ""))
    if found is None:
        raise Fault(404, "RESOURCE_NOT_EXISTS", "账单不存在")
    return found


def pay(merchant: Merchant, order: Order, openid: str, now: datetime) -> None:
    """A customer pays; Fault when the order cannot be paid."""
    if order.state != "NOTPAY":
        raise Fault(400, "ORDERPAID" if order.paid_at else "ORDER_CLOSED", "订单不能支付")
    if now - order.made_at > ORDER_LIFE:
        raise Fault(400, "ORDER_CLOSED", "订单已过期")
    order.state, order.paid_at = "SUCCESS", now
    order.payer = order.payer or openid
    order.transaction_id = merchant.next_id("42000")
    merchant.balance += order.total
    merchant.counts["paid"] += 1
    merchant.counts["paid_fen"] += order.total
    merchant.counts["cards_shown"] += bool(order.guide_id)


def refund(merchant: Merchant, order: Order, amount: int, number: str, now: datetime) -> Refund:
    """Give money back; Fault when there is not so much left."""
    if amount < 1 or order.refunded + amount > order.total:
        raise Fault(400, "INVALID_REQUEST", "退款金额超过订单金额")
    if merchant.balance < amount:
        raise Fault(403, "NOT_ENOUGH", "余额不足")
    made = Refund(number, merchant.next_id("50000"), amount, now)
    order.refunds[number] = made
    merchant.balance -= amount
    merchant.counts["refunds"] += 1
    merchant.counts["refunded_fen"] += amount
    return made


def find_order(merchant: Merchant, out_trade_no: str) -> Order:
    """The order of a number; Fault when there is none."""
    order = merchant.orders.get(out_trade_no)
    if order is None:
        raise Fault(404, "ORDER_NOT_EXIST", "订单不存在")
    return order


def add_order(merchant: Merchant, order: Order) -> None:
    """Keep a new order."""
    merchant.orders[order.out_trade_no] = order
    merchant.counts["orders"] += 1


def write_bill(merchant: Merchant, day: str) -> bytes | None:
    """A day's trades as the platform writes them; None when there were none."""
    lines: list[str] = []
    paid = back = fine = count = 0
    for order in merchant.orders.values():
        if order.paid_at and _day(order.paid_at) == day:
            lines.append(_line(merchant, order, None))
            paid, count = paid + order.total, count + 1
        for each in order.refunds.values():
            if _day(each.at) == day:
                lines.append(_line(merchant, order, each))
                back, count = back + each.amount, count + 1
    if not count:
        return None
    summary = (count, yuan(paid), yuan(back), "0.00", yuan(fine), yuan(paid), yuan(back))
    total = ",".join(f"`{value}" for value in summary)
    return "\r\n".join([",".join(HEADER), *lines, ",".join(SUMMARY), total, ""]).encode()


HEADER = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识",
    "交易类型", "交易状态", "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号",
    "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "商品名称", "商户数据包",
    "手续费", "费率", "订单金额", "申请退款金额", "费率备注",
)  # fmt: skip
SUMMARY = (
    "总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额",
    "申请退款总金额",
)  # fmt: skip


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _line(merchant: Merchant, order: Order, back: Refund | None) -> str:
    at = (back.at if back else order.paid_at) or order.made_at
    cells = (
        at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"), order.appid, merchant.mchid, "0", "",
        order.transaction_id, order.out_trade_no, order.payer, order.trade_type,
        "REFUND" if back else "SUCCESS", "OTHERS", "CNY",
        "0.00" if back else yuan(order.total), "0.00", back.refund_id if back else "0",
        back.out_refund_no if back else "0", yuan(back.amount) if back else "0.00", "0.00",
        "ORIGINAL" if back else "", "SUCCESS" if back else "", order.description.replace(",", " "),
        order.attach, "0.00000", "0.00%", "0.00" if back else yuan(order.total),
        yuan(back.amount) if back else "0.00", "",
    )  # fmt: skip
    return ",".join(f"`{cell}" for cell in cells)


def _make(call: Call, trade_type: str) -> Order:
    body, merchant = call.body, call.merchant
    if body.get("mchid") != merchant.mchid:
        raise Fault(400, "PARAM_ERROR", "mchid 与签名的商户号不一致")
    number, amount = need(body, "out_trade_no"), need(body, "amount", dict)
    if not 6 <= len(number) <= 32:
        raise Fault(400, "PARAM_ERROR", "商户订单号须为 6 到 32 个字符")
    total, known = need(amount, "total", int), merchant.orders.get(number)
    if known is not None and known.paid_at:
        raise Fault(403, "OUT_TRADE_NO_USED", "商户订单号重复")
    if known is not None and known.total != total:
        raise Fault(400, "INVALID_REQUEST", "相同订单号, 金额不一致")
    order = known or Order(
        out_trade_no=number,
        description=need(body, "description"),
        appid=need(body, "appid"),
        total=total,
        made_at=call.now,
        trade_type=trade_type,
        notify_url=need(body, "notify_url"),
        attach=str(body.get("attach") or ""),
    )
    if known is None:
        add_order(merchant, order)
    return order


def _paid_order(call: Call) -> Order:
    number, by_id = call.body.get("out_trade_no"), call.body.get("transaction_id")
    for order in call.merchant.orders.values():
        if order.paid_at and (order.out_trade_no == number or order.transaction_id == by_id):
            return order
    raise Fault(404, "RESOURCE_NOT_EXISTS", "没有可退款的订单")


def _refund_of(order: Order, made: Refund) -> dict[str, Any]:
    return {
        "refund_id": made.refund_id,
        "out_refund_no": made.out_refund_no,
        "transaction_id": order.transaction_id,
        "out_trade_no": order.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "success_time": rfc3339(made.at),
        "create_time": rfc3339(made.at),
        "status": "SUCCESS",
        "amount": {"total": order.total, "refund": made.amount, "currency": "CNY"},
    }


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).date().isoformat()


CALLS: dict[tuple[str, str], Callable[[Call], Any]] = {
    ("POST", r"/v3/pay/transactions/native"): make_native,
    ("POST", r"/v3/pay/transactions/jsapi"): make_jsapi,
    ("GET", r"/v3/pay/transactions/(out-trade-no|id)/([^/]+)"): get_order,
    ("POST", r"/v3/pay/transactions/out-trade-no/([^/]+)/close"): close_order,
    ("POST", r"/v3/refund/domestic/refunds"): make_refund,
    ("GET", r"/v3/refund/domestic/refunds/([^/]+)"): get_refund,
    ("GET", r"/v3/bill/tradebill"): make_bill,
    ("GET", r"/v3/billdownload/file"): download_bill,
}
