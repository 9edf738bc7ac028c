"""Shapes WeChat Pay sends, strict about what we use and deaf to the rest."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from siyu.kernel.errors import Refused

MAX_BODY = 1024 * 1024
Shape = TypeVar("Shape")


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    algorithm: str
    ciphertext: str
    nonce: str
    associated_data: str = ""
    original_type: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a callback as it comes, its resource sealed."""

    id: str
    event_type: str
    resource: Resource
    create_time: str = ""
    resource_type: str = ""
    summary: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a callback as we keep it, its resource open."""

    id: str
    event_type: str
    resource: dict[str, Any]
    create_time: str = ""


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    openid: str = ""


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """Fen. `total` is the order's, `payer_total` what was really paid after coupons."""

    total: int = 0
    payer_total: int | None = None
    refund: int | None = None
    currency: str = "CNY"


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """An order: of a callback, of a query."""

    out_trade_no: str
    trade_state: str
    amount: Amount = Amount()
    mchid: str = ""
    appid: str = ""
    transaction_id: str = ""
    trade_type: str = ""
    success_time: str = ""
    payer: Payer = Payer()


class Refund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund's notice. Its `user_received_account` is personal and not read."""

    out_trade_no: str
    out_refund_no: str
    refund_status: str
    amount: Amount
    mchid: str = ""
    transaction_id: str = ""
    refund_id: str = ""
    success_time: str = ""


class TransferBill(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer to a customer: of a callback, of an answer, of a query."""

    out_bill_no: str
    state: str
    transfer_bill_no: str = ""
    transfer_amount: int = 0
    openid: str = ""
    mch_id: str = ""
    fail_reason: str = ""
    package_info: str = ""
    create_time: str = ""
    update_time: str = ""


def read_body(body: bytes, shape: type[Shape]) -> Shape:
    """One UTF-8 JSON document of a shape; Refused when it is anything else."""
    if len(body) > MAX_BODY:
        raise Refused("callback.size", "回调内容超过 1 MiB", field="body")
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("callback.json", "回调不是一份有效的通知", field="body") from error


def read_resource(resource: dict[str, Any], shape: type[Shape], *needed: str) -> Shape:
    """A resource of a shape; Refused naming the field that is missing or wrong."""
    for name in needed:
        if not resource.get(name):
            raise Refused("callback.missing", f"通知缺少 {name}", field=name)
    try:
        return msgspec.convert(resource, shape)
    except msgspec.MsgspecError as error:
        raise Refused("callback.content", "通知的内容无法读取", field="resource") from error
