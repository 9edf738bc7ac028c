"""How personal values look to people who did not ask for them one by one."""

from __future__ import annotations

import re
from typing import Any

from siyu.kernel.phones import mask_phone

__all__ = ["mask_identity", "mask_phone", "mask_trait"]

_PERSONAL_FIELDS = re.compile(
    r"phone|mobile|tel|email|mail|address|street|id_?card|passport|id_?number"
    r"|手机|电话|邮箱|地址|证件|身份证",
    re.IGNORECASE,
)
_LONG_DIGITS = re.compile(r"\d{7,}")


def mask_identity(namespace: str, value: str) -> str:
    """`138****5678`, `a***@example.com`, `oABC…wxyz`; short ids become stars."""
    if namespace == "phone":
        return mask_phone(value)
    if namespace == "email":
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}***@{domain}"
    return f"{value[:4]}…{value[-4:]}" if len(value) > 10 else f"{value[:2]}***"


def mask_trait(field: str, value: Any) -> Any:
    """The value, or stars when the field is one that identifies a person."""
    if _PERSONAL_FIELDS.search(field):
        return "****"
    if isinstance(value, str):
        return _LONG_DIGITS.sub("****", value)
    return value
