"""Phone numbers to E.164, the way Chinese files and forms write them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers

from siyu.kernel.errors import Refused

_SCIENTIFIC = re.compile(r"^\d(\.\d+)?[eE]\+?\d+$")
_MAINLAND_MOBILE = re.compile(r"^(?:\+?86)?(1[3-9]\d{9})$")
_IN_TEXT = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?(1[3-9]\d[\s-]?\d{4}[\s-]?\d{4})(?!\d)")
FAKES = {
    "+8613800138000",
    "+8612345678901",
    "+8613888888888",
    "+8613012345678",
    "+8613900000000",
    "+8613800000000",
    "+8618888888888",
    "+8613333333333",
    "+8615555555555",
    "+8616666666666",
    "+8619999999999",
    "+8617777777777",
}


@lru_cache(maxsize=65_536)
def normalise_phone(value: str) -> str:
    """E.164 of a mobile number; mainland China when no country is given.

    Accepts full-width digits, spaces, dashes, `0086`, a trailing `.0`. Refused: numbers that
    lost digits in a spreadsheet (1.38E+10), landlines, short codes and well-known fakes.
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if _SCIENTIFIC.match(text):
        raise Refused(
            "phone.precision", "号码被表格软件改成了科学计数法, 请按文本导出", field="phone"
        )
    text = re.sub(r"[\s\-().]", "", text.removesuffix(".0"))
    if text.startswith("00"):
        text = "+" + text[2:]
    mainland = _MAINLAND_MOBILE.match(text)
    number = f"+86{mainland[1]}" if mainland else _international(text)
    if number in FAKES:
        raise Refused("phone.poison", "这是常见的占位号码, 不能作为身份", field="phone")
    return number


def _international(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException as error:
        raise Refused("phone.invalid", "这不是一个手机号", field="phone") from error
    mobile = {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
    if not phonenumbers.is_valid_number(parsed) or phonenumbers.number_type(parsed) not in mobile:
        raise Refused("phone.invalid", "这不是一个手机号", field="phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(number: str) -> str:
    """`+8613812345678` as `138****5678`; short values become stars."""
    local = number.removeprefix("+86")
    return f"{local[:3]}****{local[-4:]}" if len(local) >= 8 else "****"


def mask_phones_in(text: str) -> str:
    """A text with every mainland mobile number in it masked."""
    return _IN_TEXT.sub(lambda found: mask_phone(re.sub(r"[\s-]", "", found[1])), text)
