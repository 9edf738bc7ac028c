"""Keeps personal data out of `properties`, which go on into the history."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import re2

_PERSONAL_WORDS = """
phone mobile tel telephone phone_number phonenumber mobile_phone cellphone contact_phone
receiver_phone email e_mail mail email_address name first_name last_name full_name firstname
lastname fullname real_name realname user_name username nickname nick_name nick receiver
receiver_name consignee contact_name address shipping_address billing_address street
address_line1 address_line2 id_card idcard id_card_no id_number identity_card ssn passport
passport_no birthday birthdate avatar ip ip_address lat lng latitude longitude wechat wechat_id
weixin qq openid open_id unionid union_id external_userid bank_card password token session_key
手机 手机号 电话 姓名 昵称 邮箱 地址 收货地址 身份证 身份证号 微信号
"""
_PERSONAL = frozenset(_PERSONAL_WORDS.split())
_PRODUCT = frozenset(("sku", "product_id", "productid", "price", "quantity", "variant", "brand"))
_ID_WORDS = """
order_id order_no product_id sku transaction_id trade_no checkout_id cart_id coupon_id
shop_id store_id refund_id
"""
_IDS = frozenset(_ID_WORDS.split())
_FOLD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s\-.]+")
_LOOKS_PERSONAL = re.compile(
    r"(?<!\d)(?:\+?86[\s\-]?)?1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)"
    r"|[^\s@/,;:<>()\"']+@[^\s@/,;:<>()\"']+\.[A-Za-z]{2,}"
    r"|(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d{4}[\dXx](?!\d)"
)
_MAY_BE_PERSONAL = re2.compile(
    rb"@|1[3-9]\d[\s\-]?\d{4}|\xef\xbc[\x90-\x99]|(?:19|20)\d{2}(?:0[1-9]|1[0-2])[0-3]\d"
)
_Judge = Callable[[str, Any], bool]
_folded: dict[str, tuple[str, bool]] = {}
MAX_FOLDED = 10_000


def split(values: dict[str, Any], canonical: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """`values` as (properties, private).

    Private are keys that name personal data and values that look like a phone number, an email
    or an identity card. `name` of something with a sku, price or quantity is a product's name.
    canonical: the bytes the values came from, to see fast that nothing looks personal.
    """
    private: dict[str, Any] = {}
    is_private = _is_private if _MAY_BE_PERSONAL.search(canonical) else _is_private_key
    return _split(values, private, is_private, ""), private


def is_personal_key(key: str) -> bool:
    """Whether a key names personal data (`phone`, `shippingAddress`, `手机号`)."""
    return _fold(key)[1]


def fold_key(key: str) -> str:
    """`orderId`, `Order-Id` → `order_id`; a leading `$` goes."""
    return _fold(key)[0]


def looks_personal(value: str) -> bool:
    """Whether a text holds a phone number, an email or an identity card number."""
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    return _LOOKS_PERSONAL.search(text) is not None


def mask_personal(text: str) -> str:
    """The text with everything that looks personal replaced by `***`."""
    return _LOOKS_PERSONAL.sub("***", text)


def _fold(key: str) -> tuple[str, bool]:
    known = _folded.get(key)
    if known is None:
        text = _FOLD.sub("_", key.lstrip("$")).lower() or key
        known = (text, text in _PERSONAL)
        if len(_folded) < MAX_FOLDED:
            _folded[key] = known
    return known


def _split(
    values: dict[str, Any], private: dict[str, Any], is_private: _Judge, path: str
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    is_product = not _PRODUCT.isdisjoint(values)
    for key, value in values.items():
        kind = type(value)
        if is_private(key, value) and not (is_product and key == "name"):
            private[path + key] = value
        elif kind is dict:
            kept[key] = _split(value, private, is_private, f"{path}{key}.")
        elif kind is list:
            kept[key] = _split_list(value, private, is_private, f"{path}{key}.")
        else:
            kept[key] = value
    return kept


def _split_list(
    items: list[Any], private: dict[str, Any], is_private: _Judge, path: str
) -> list[Any]:
    kept: list[Any] = []
    for index, item in enumerate(items):
        place = f"{path}{index}"
        if isinstance(item, dict):
            kept.append(_split(item, private, is_private, f"{place}."))
        elif isinstance(item, list):
            kept.append(_split_list(item, private, is_private, f"{place}."))
        elif is_private("", item):
            private[place] = item
        else:
            kept.append(item)
    return kept


def _is_private_key(key: str, _value: Any) -> bool:
    return _fold(key)[1]


def _is_private(key: str, value: Any) -> bool:
    name, is_personal = _fold(key)
    if is_personal:
        return True
    kind = type(value)
    if kind is str:
        return looks_personal(value) and name not in _IDS
    return kind is int and value >= 10**10 and looks_personal(str(value)) and name not in _IDS
