"""Values of custom fields: what each type accepts, and the one form it is kept in.

Facts, files and people write the same value in many ways; kept is: numbers as JSON numbers
(2.0 as 2), dates as `2026-11-11`, times as UTC with milliseconds, booleans, choices by their
value, phones as E.164, emails in lower case. Times without a zone are in Asia/Shanghai.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from siyu.kernel.clock import SHANGHAI, from_ms
from siyu.kernel.errors import Refused
from siyu.kernel.phones import mask_phones_in, normalise_phone
from siyu.pool.fields.types import FieldInfo

MAX_TEXT = 500
MAX_NUMBER = 2**53
MAX_CHOSEN = 50
_NUMBER = re.compile(r"[+-]?(\d{1,18})(\.\d{1,12})?")
_EMAIL = re.compile(r"[^\s@<>\",;]{1,64}@[^\s@<>\",;]+\.[^\s@<>\",;.]{2,}")
_SPLIT = re.compile(r"[,，、;；|]")
_TRUE = {"true", "1", "yes", "y", "是", "真"}
_FALSE = {"false", "0", "no", "n", "否", "假"}


def parse_value(field: FieldInfo, raw: Any) -> Any:
    """The canonical value. Refused with a code that says what is wrong, and the field's key."""
    if raw is None or raw in ("", []):
        raise _wrong(field, "empty", "没有填写内容")
    return _PARSERS[field.type](field, raw)


def _wrong(field: FieldInfo, code: str, reason: str) -> Refused:
    return Refused(f"field.{code}", f"“{field.zh}”{reason}", field=field.key)


def _text(field: FieldInfo, raw: Any) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise _wrong(field, "text", "须为文字")
    text = str(raw).strip()
    if not text or "\x00" in text or len(text) > MAX_TEXT:
        raise _wrong(field, "text", f"须为 1 至 {MAX_TEXT} 个字的文字")
    if not field.is_personal and mask_phones_in(text) != text:
        raise _wrong(field, "looks_personal", "含有手机号, 请改用标为个人信息的字段")
    return text


def _number(field: FieldInfo, raw: Any) -> int | float:
    if isinstance(raw, str):
        text = raw.strip().replace(",", "")
        if not _NUMBER.fullmatch(text):
            raise _wrong(field, "number", "须为数字")
        raw = float(text) if "." in text else int(text)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        raise _wrong(field, "number", "须为数字")
    if abs(raw) > MAX_NUMBER:
        raise _wrong(field, "number_range", "数值过大")
    return int(raw) if raw == int(raw) else raw


def _integer(field: FieldInfo, raw: Any) -> int:
    number = _number(field, raw)
    if not isinstance(number, int):
        raise _wrong(field, "integer", "须为整数")
    return number


def _moment(field: FieldInfo, raw: Any, code: str) -> datetime:
    """A time; numbers are milliseconds since the epoch."""
    try:
        at = _time_of(raw)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or not 1900 <= at.year <= 2200:
        raise _wrong(field, code, "须为 1900 年至 2200 年之间的日期, 如 2026-11-11")
    return at


def _time_of(raw: Any) -> datetime | None:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return from_ms(int(raw))
    at = datetime.fromisoformat(raw.strip().replace("/", "-")) if isinstance(raw, str) else raw
    if not isinstance(at, datetime):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def _date(field: FieldInfo, raw: Any) -> str:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        raw = raw.isoformat()
    return _moment(field, raw, "date").astimezone(SHANGHAI).date().isoformat()


def _datetime(field: FieldInfo, raw: Any) -> str:
    at = _moment(field, raw, "datetime")
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _bool(field: FieldInfo, raw: Any) -> bool:
    text = str(raw).strip().lower() if isinstance(raw, bool | int | str) else ""
    if text not in _TRUE | _FALSE:
        raise _wrong(field, "bool", "须为是或否")
    return text in _TRUE


def _choice(field: FieldInfo, raw: Any) -> str:
    text = str(raw).strip() if isinstance(raw, str | int) else ""
    for choice in field.choices:
        if text == choice.value:
            return text
    for choice in field.choices:
        if text and text in {choice.zh, choice.en}:
            return choice.value
    raise _wrong(field, "choice", "不在可选项之内")


def _choices(field: FieldInfo, raw: Any) -> list[str]:
    told = _SPLIT.split(raw) if isinstance(raw, str) else raw
    if not isinstance(told, list | tuple) or len(told) > MAX_CHOSEN:
        raise _wrong(field, "choices", f"须为至多 {MAX_CHOSEN} 个可选项")
    chosen = {_choice(field, one) for one in told if one != ""}
    if not chosen:
        raise _wrong(field, "empty", "没有填写内容")
    return in_order(field, chosen)


def in_order(field: FieldInfo, chosen: set[str]) -> list[str]:
    """Chosen values in the order of the field's choices."""
    return [choice.value for choice in field.choices if choice.value in chosen]


def _phone(field: FieldInfo, raw: Any) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise _wrong(field, "phone", "须为手机号")
    try:
        return normalise_phone(str(raw))
    except Refused as error:
        raise _wrong(field, "phone", "须为有效的手机号") from error


def _email(field: FieldInfo, raw: Any) -> str:
    text = raw.strip().lower() if isinstance(raw, str) else ""
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        raise _wrong(field, "email", "须为邮箱地址")
    return text


_PARSERS: dict[str, Callable[[FieldInfo, Any], Any]] = {
    "text": _text,
    "number": _number,
    "integer": _integer,
    "date": _date,
    "datetime": _datetime,
    "bool": _bool,
    "choice": _choice,
    "choices": _choices,
    "phone": _phone,
    "email": _email,
}
