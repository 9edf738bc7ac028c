"""Facts to orders and refunds, and what refunds leave of an order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from siyu.commerce.types import BRAND_CURRENCY, NewOrder, NewRefund, OrderStatus
from siyu.core.pipeline import Seen
from siyu.kernel.clock import from_ms
from siyu.kernel.errors import Refused
from siyu.kernel.money import to_fen

MAX_LINES = 500
MAX_QUANTITY = 10_000_000
MAX_ORDER_NO = 128
ORDER_AMOUNTS = ("total", "revenue", "value")
REFUND_AMOUNTS = ("total", "amount", "refund", "revenue", "value")


def settle(
    amount_fen: int, stated_fen: int, refunds: Iterable[int | None], *, is_cancelled: bool
) -> tuple[int, OrderStatus]:
    """Refunded fen and status of an order, whatever order its refunds came in.

    Refund facts together return at most the order's amount; None means all of it. What a file
    states is taken as it is, because a cancelled invoice has a refund and no amount.
    """
    told = list(refunds)
    from_facts = amount_fen if None in told else min(amount_fen, sum(filter(None, told)))
    refund_fen = max(stated_fen, from_facts)
    if is_cancelled and not refund_fen:
        return 0, OrderStatus.CANCELLED
    if refund_fen and refund_fen >= amount_fen:
        return refund_fen, OrderStatus.REFUNDED
    return refund_fen, OrderStatus.PARTLY_REFUNDED if refund_fen else OrderStatus.PAID


def read_order(seen: Seen) -> NewOrder:
    """The order of an `order_completed` fact; Refused when number or money is wrong."""
    fact, properties = seen.fact, seen.fact.properties
    products = _products(properties)
    amount = _amount(properties, ORDER_AMOUNTS)
    if amount is None:
        amount = _sum_of(products)
    lines = [_line(product) for product in products]
    return NewOrder(
        source=fact.source,
        order_no=read_order_no(properties),
        placed_at=from_ms(fact.at),
        amount_fen=amount,
        platform=_text(properties, "platform", 32) or fact.platform,
        currency=read_currency(properties.get("currency")),
        item_count=sum(line["quantity"] for line in lines),
        shop=_text(properties, "shop", 128) or _text(properties, "affiliation", 128),
        country=_text(properties, "country", 64),
        lines=msgspec.json.encode(lines).decode(),
        customer_id=seen.customer_id,
        identity_id=seen.identity_id,
    )


def read_refund(seen: Seen) -> NewRefund:
    """The refund of an `order_refunded` fact; without an amount all that is left is refunded."""
    fact, properties = seen.fact, seen.fact.properties
    refund_no = _text(properties, "refund_id", 160) or fact.message_id
    return NewRefund(
        source=fact.source,
        refund_no=refund_no[:160],
        order_no=read_order_no(properties),
        at=from_ms(fact.at),
        amount_fen=_amount(properties, REFUND_AMOUNTS),
    )


def read_order_no(properties: Mapping[str, Any]) -> str:
    """`order_id` (or `order_no`) as text; Refused when absent, too long or no plain value."""
    value = properties.get("order_id", properties.get("order_no"))
    is_plain = isinstance(value, str | int) and not isinstance(value, bool)
    text = str(value).strip() if is_plain else ""
    if not text or len(text) > MAX_ORDER_NO or "\x00" in text:
        raise Refused("order.number", "订单号为空或无效", field="order_id")
    return text


def read_currency(value: object) -> str:
    """An ISO 4217 code; the brand's own when none is given."""
    if value is None or value == "":
        return BRAND_CURRENCY
    text = value.strip().upper() if isinstance(value, str) else ""
    text = {"RMB": "CNY", "人民币": "CNY"}.get(text, text)
    if len(text) != 3 or not (text.isascii() and text.isalpha()):
        raise Refused("order.currency", "币种须为三位字母代码", field="currency")
    return text


def read_money(value: object, field: str) -> int:
    """Fen of a non-negative amount in yuan; Refused when it is no money."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Refused("money.invalid", "金额不是数字", field=field)
    if isinstance(value, str) and len(value) > 40:
        raise Refused("money.invalid", "金额不是数字", field=field)
    fen = to_fen(value, field=field)
    if fen < 0:
        raise Refused("money.negative", "金额不能为负; 退款请用 order_refunded", field=field)
    return fen


def _amount(properties: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        fen = properties.get(f"{name}_fen")
        if isinstance(fen, int) and not isinstance(fen, bool):
            return read_money(Decimal(fen) / 100, f"{name}_fen")
        value = properties.get(name)
        if value is not None and value != "":
            return read_money(value, name)
    return None


def _products(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    products = properties.get("products") or []
    if not isinstance(products, list) or not all(isinstance(each, dict) for each in products):
        raise Refused("order.products", "products 须为对象数组", field="products")
    if len(products) > MAX_LINES:
        raise Refused("order.products", f"一单最多 {MAX_LINES} 行商品", field="products")
    return products


def _line(product: Mapping[str, Any]) -> dict[str, Any]:
    price = product.get("price")
    return {
        "sku": _text(product, "sku", 128) or _text(product, "product_id", 128),
        "name": _text(product, "name", 255),
        "quantity": _quantity(product),
        "unit_price": None if price is None else str(price)[:40],
    }


def _quantity(product: Mapping[str, Any]) -> int:
    value = product.get("quantity", 1)
    if isinstance(value, str) and value.strip().isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_QUANTITY:
        raise Refused("order.quantity", "商品数量须为不小于 0 的整数", field="products.quantity")
    return value


def _sum_of(products: list[Mapping[str, Any]]) -> int:
    if not products or any(product.get("price") is None for product in products):
        raise Refused("order.amount", "缺少订单金额 (total)", field="total")
    return sum(read_money(each["price"], "products.price") * _quantity(each) for each in products)


def _text(properties: Mapping[str, Any], name: str, size: int) -> str:
    value = properties.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip().replace("\x00", "")[:size]
