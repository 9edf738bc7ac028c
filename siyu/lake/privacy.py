"""The last guard before the history: properties leave without phone, mail, name or text.

Connectors already put personal values into `traits` and `private`; this catches what a caller
of the collect API put into `properties` all the same. Cheap first: one search over the encoded
JSON; only a suspicious event is walked.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import re2

MASK = "***"
MAX_BYTES = 32_768
PERSONAL_KEYS = frozenset(
    [
        "phone",
        "mobile",
        "tel",
        "telephone",
        "cellphone",
        "phone_number",
        "mobile_phone",
        "email",
        "e_mail",
        "mail",
        "address",
        "addr",
        "street",
        "receiver",
        "consignee",
        "nickname",
        "nick_name",
        "real_name",
        "realname",
        "full_name",
        "fullname",
        "first_name",
        "last_name",
        "username",
        "user_name",
        "id_card",
        "idcard",
        "id_no",
        "passport",
        "birthday",
        "birth_date",
        "avatar",
        "password",
        "passwd",
        "token",
        "ip",
        "text",
        "content",
        "message",
        "remark",
        "comment",
        "card_no",
        "bank_card",
        "phonenumber",
        "mobilephone",
        "wechat",
        "wechat_id",
        "姓名",
        "手机",
        "手机号",
        "电话",
        "联系电话",
        "地址",
        "收货地址",
        "邮箱",
        "身份证",
        "身份证号",
        "昵称",
        "微信号",
        "收货人",
        "备注",
    ]
)
_PHONE = r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|\+\d{8,15}(?!\d)"
_CARD = r"(?<!\d)\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
_MAIL = r"[^\s@\"'<>/?&=:]+(?:@|%40)[^\s@\"'<>/?&=]+\.[A-Za-z]{2,}"
_VALUE = re.compile(f"{_PHONE}|{_CARD}|{_MAIL}")
_NUMBER = re.compile(r"(?:86)?1[3-9]\d{9}")
_KEYS = "|".join(sorted(re.escape(key) for key in PERSONAL_KEYS))
_SUSPECT = re2.compile(
    r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d{8}|@|%40"
    r"|\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    rf'|"(?i:{_KEYS})":'.encode()
)
"""Whatever the exact patterns may find, and a little more: RE2 looks neither ahead nor back."""
_encode = msgspec.json.Encoder().encode


def encode_properties(properties: dict[str, Any]) -> str:
    """Properties as JSON text without personal values.

    Personal keys are dropped, phone numbers, mail addresses and identity-card numbers inside
    values masked. More than 32 KB of JSON becomes `{"_dropped":"size"}`.
    """
    if not properties:
        return "{}"
    raw = _encode(properties)
    if _SUSPECT.search(raw):
        raw = _encode(_clean(properties))
    if len(raw) > MAX_BYTES:
        return '{"_dropped":"size"}'
    return raw.decode()


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            _clean_text(str(key)): _clean(item)
            for key, item in value.items()
            if str(key).lower() not in PERSONAL_KEYS
        }
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, (int, float)) and _NUMBER.fullmatch(str(value).removesuffix(".0")):
        return None
    return value


def _clean_text(text: str) -> str:
    return _VALUE.sub(MASK, text)
