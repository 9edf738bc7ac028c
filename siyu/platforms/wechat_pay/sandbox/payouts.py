"""Transfer bills and smart guides on the wire."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI
from siyu.platforms.wechat_pay.crypto import decrypt_field
from siyu.platforms.wechat_pay.sandbox.books import (
    CONFIRM_LIFE,
    Fault,
    Guide,
    Merchant,
    Transfer,
)
from siyu.platforms.wechat_pay.sandbox.notices import transfer_of
from siyu.platforms.wechat_pay.sandbox.orders import Call, find_order, need

MIN_TRANSFER, NAMED_TRANSFER = 10, 200_000
PAGE = 10
_BILL_NO = re.compile(r"^[0-9A-Za-z]{1,32}$")
_DEAD = frozenset({"FAIL", "CANCELLED"})


def make_transfer(call: Call) -> dict[str, Any]:
    """POST …/transfer-bills. The same number and body again is the same bill."""
    body, merchant = dict(call.body), call.merchant
    number, amount = need(body, "out_bill_no"), need(body, "transfer_amount", int)
    known = merchant.transfers.get(number)
    if known is not None:
        if known.request != body:
            raise Fault(400, "ALREADY_EXISTS", "商户单号已存在, 且参数不一致")
        return _answer(known)
    _check(call, number, amount)
    made = Transfer(
        out_bill_no=number,
        transfer_bill_no=merchant.next_id("13000"),
        openid=need(body, "openid"),
        amount=amount,
        request=body,
        notify_url=str(body.get("notify_url") or ""),
        at=call.now,
    )
    merchant.counts["duplicate_transfers"] += any(
        _is_twin(made, other) for other in merchant.transfers.values()
    )
    merchant.balance -= amount
    merchant.transfers[number] = made
    return _answer(made)


def get_transfer(call: Call) -> dict[str, Any]:
    """GET by our number or by the platform's."""
    kind, number = call.path
    for transfer in call.merchant.transfers.values():
        if number == (transfer.out_bill_no if kind == "out-bill-no" else transfer.transfer_bill_no):
            expire(call.merchant, transfer, call.now)
            known = transfer_of(transfer)
            return {"mch_id": call.merchant.mchid, **known, **_package(transfer)}
    raise Fault(404, "NOT_FOUND", "记录不存在")


def cancel_transfer(call: Call) -> dict[str, Any]:
    """POST …/cancel, while the customer has not confirmed."""
    transfer = call.merchant.transfers.get(call.path[0])
    if transfer is None:
        raise Fault(404, "NOT_FOUND", "记录不存在")
    if transfer.state not in {"WAIT_USER_CONFIRM", "CANCELLED"}:
        raise Fault(400, "INVALID_REQUEST", "当前状态不允许撤销")
    if transfer.state != "CANCELLED":
        end(call.merchant, transfer, "CANCELLED", "MERCHANT_REVOCATION", call.now)
        call.herald.tell_transferred(transfer)
    return transfer_of(transfer)


def end(merchant: Merchant, transfer: Transfer, state: str, reason: str, now: datetime) -> None:
    """A final state; the money of a dead bill returns."""
    transfer.state, transfer.reason, transfer.changed_at = state, reason, now
    if state in _DEAD:
        merchant.balance += transfer.amount
    else:
        merchant.counts["transfers_paid"] += 1
        merchant.counts["transferred_fen"] += transfer.amount


def expire(merchant: Merchant, transfer: Transfer, now: datetime) -> bool:
    """What nobody confirmed within 24 hours fails."""
    is_late = transfer.state == "WAIT_USER_CONFIRM" and now - transfer.at > CONFIRM_LIFE
    if is_late:
        end(merchant, transfer, "FAIL", "OVERDUE_CLOSE", now)
    return is_late


def make_guide(call: Call) -> dict[str, Any]:
    """POST /v3/smartguide/guides: one guide for each member of staff in a store."""
    store, userid = str(call.body.get("store_id") or ""), need(call.body, "userid")
    need(call.body, "corpid")
    if not store:
        raise Fault(400, "PARAM_ERROR", "参数错误: store_id")
    for guide in call.merchant.guides.values():
        if (guide.store_id, guide.userid) == (store, userid):
            raise Fault(400, "RESOURCE_ALREADY_EXISTS", f"导购已注册: {guide.guide_id}")
    guide = Guide(
        guide_id=call.merchant.next_id("LLA3WJ6"),
        store_id=store,
        userid=userid,
        name=_open(call, "name"),
        mobile=_open(call, "mobile"),
        qr_code=need(call.body, "qr_code"),
        avatar=str(call.body.get("avatar") or ""),
    )
    call.merchant.guides[guide.guide_id] = guide
    return {"guide_id": guide.guide_id}


def update_guide(call: Call) -> None:
    """PATCH /v3/smartguide/guides/{guide_id}."""
    guide = _guide(call)
    for name in ("name", "mobile"):
        if call.body.get(name):
            setattr(guide, name, _open(call, name))
    for name in ("qr_code", "avatar"):
        if call.body.get(name):
            setattr(guide, name, str(call.body[name]))


def list_guides(call: Call) -> dict[str, Any]:
    """GET /v3/smartguide/guides of one store."""
    store = need(call.query, "store_id")
    limit, offset = int(call.query.get("limit") or PAGE), int(call.query.get("offset") or 0)
    if not 1 <= limit <= PAGE:
        raise Fault(400, "PARAM_ERROR", "limit 须为 1 到 10")
    found = [
        guide
        for guide in call.merchant.guides.values()
        if guide.store_id == store and call.query.get("userid", guide.userid) == guide.userid
    ]
    rows = [
        {"guide_id": guide.guide_id, "store_id": guide.store_id, "userid": guide.userid}
        for guide in found[offset : offset + limit]
    ]
    return {"data": rows, "total_count": len(found), "limit": limit, "offset": offset}


def assign_guide(call: Call) -> None:
    """POST …/assign, before the order is paid. An order that is not made yet may be named too."""
    guide, number = _guide(call), need(call.body, "out_trade_no")
    order = find_order(call.merchant, number)
    if order.paid_at:
        raise Fault(400, "INVALID_REQUEST", "订单已支付, 不能再分配导购")
    call.merchant.counts["assigned"] += not order.guide_id
    order.guide_id = guide.guide_id


def _check(call: Call, number: str, amount: int) -> None:
    merchant = call.merchant
    if not _BILL_NO.match(number):
        raise Fault(400, "PARAM_ERROR", "商户单号只能由数字和字母组成")
    if need(call.body, "appid") != merchant.appid:
        raise Fault(400, "APPID_MCHID_NOT_MATCH", "AppID 与商户号没有绑定")
    need(call.body, "transfer_scene_id")
    if amount >= NAMED_TRANSFER and not _open(call, "user_name"):
        raise Fault(400, "PARAM_ERROR", "转账金额满 2000 元, 须填写收款用户姓名")
    if not call.body.get("transfer_scene_report_infos"):
        raise Fault(400, "INVALID_REQUEST", "转账场景报备信息缺失")
    if amount < MIN_TRANSFER or len(need(call.body, "transfer_remark")) > 32:
        raise Fault(400, "PARAM_ERROR", "转账金额或备注不合规")
    today = call.now.astimezone(SHANGHAI).date()
    spent = sum(
        other.amount
        for other in merchant.transfers.values()
        if other.state not in _DEAD and other.at.astimezone(SHANGHAI).date() == today
    )
    if spent + amount > merchant.knobs.day_limit_fen:
        raise Fault(403, "QUOTA_EXCEED", "超过商户单日转账额度")
    if merchant.balance < amount:
        raise Fault(403, "NOT_ENOUGH", "资金不足")


def _is_twin(made: Transfer, other: Transfer) -> bool:
    """The same money to the same person for the same reason, under another number."""
    keys = ("openid", "transfer_amount", "transfer_scene_report_infos")
    return other.state not in _DEAD and all(made.request[k] == other.request[k] for k in keys)


def _answer(transfer: Transfer) -> dict[str, Any]:
    known = transfer_of(transfer)
    shown = ("out_bill_no", "transfer_bill_no", "create_time", "state")
    return {**{name: known[name] for name in shown}, **_package(transfer)}


def _package(transfer: Transfer) -> dict[str, str]:
    if transfer.state != "WAIT_USER_CONFIRM":
        return {}
    return {"package_info": f"affffddafdfafddffda=={transfer.transfer_bill_no}"}


def _open(call: Call, name: str) -> str:
    """A sensitive field, encrypted for the key that the header `Wechatpay-Serial` names."""
    serial = call.serial.upper()
    key = next((one for one in call.platform_keys if one.serial.upper() == serial), None)
    if key is None:
        raise Fault(400, "PARAM_ERROR", "请在 HTTP 头 Wechatpay-Serial 中填写加密所用公钥的序列号")
    try:
        return decrypt_field(key.key, need(call.body, name))
    except ValueError as error:
        said = f"{name} 解密失败, 请使用 Wechatpay-Serial 对应的平台证书或微信支付公钥加密"
        raise Fault(400, "PARAM_ERROR", said) from error


def _guide(call: Call) -> Guide:
    guide = call.merchant.guides.get(call.path[0])
    if guide is None:
        raise Fault(404, "RESOURCE_NOT_EXISTS", "导购不存在")
    return guide


_TRANSFERS = r"/v3/fund-app/mch-transfer/transfer-bills"
_GUIDES = r"/v3/smartguide/guides"
CALLS: dict[tuple[str, str], Callable[[Call], Any]] = {
    ("POST", _TRANSFERS): make_transfer,
    ("GET", _TRANSFERS + r"/(out-bill-no|transfer-bill-no)/([^/]+)"): get_transfer,
    ("POST", _TRANSFERS + r"/out-bill-no/([^/]+)/cancel"): cancel_transfer,
    ("POST", _GUIDES): make_guide,
    ("GET", _GUIDES): list_guides,
    ("PATCH", _GUIDES + r"/([^/]+)"): update_guide,
    ("POST", _GUIDES + r"/([^/]+)/assign"): assign_guide,
}
