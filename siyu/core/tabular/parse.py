"""One cell of a file to one value; Refused with a stable code when it is none. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Final, Literal
from zoneinfo import ZoneInfo

from siyu.kernel.errors import Refused

DateOrder = Literal["ymd", "dmy", "mdy", "excel"]
E4: Final = 10_000
"""Money inside a file is counted in 1/10,000 of the unit, so that unit prices stay exact."""
MAX_E4: Final = 10**13
MAX_QUANTITY: Final = 10_000_000
FIRST_YEAR: Final = 1990

_WRAPPED = re.compile(r'^="(.*)"$', re.DOTALL)
_SCIENTIFIC = re.compile(r"^[+-]?\d+(\.\d+)?[eE]\+?\d+$")
_FLOAT_ID = re.compile(r"^\d+\.0+$")
_SYMBOLS = re.compile(r"[¥￥$€£,\s元]")
_INTEGER = re.compile(r"^[+-]?\d{1,12}(\.0+)?$")
_DATE = re.compile(
    r"^(\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,4})日?"
    r"(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$"
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$")
_SERIAL = re.compile(r"^\d{5}(\.\d+)?$")
_EXCEL_START = datetime(1899, 12, 30)  # noqa: DTZ001 - the zone is the file's, added later


def clean_text(text: str) -> str:
    """The value without `="…"`, blanks, trailing tabs and BOM."""
    text = text.strip(" \t\r\n\ufeff\u3000")
    wrapped = _WRAPPED.match(text)
    return wrapped[1].strip() if wrapped else text


def is_masked(text: str) -> bool:
    """Platforms hide buyers with stars; that is no value."""
    return "*" in text


def parse_id(text: str, field: str = "order_no") -> str:
    """An id as text, without the `.0` of a float; Refused when a spreadsheet lost its digits."""
    if _SCIENTIFIC.match(text):
        raise Refused(
            "import.precision", "长数字被表格软件改写, 末位已丢失; 请按文本导出", field=field
        )
    if _FLOAT_ID.match(text):
        text = text.partition(".")[0]
    if len(text) > 128 or "\x00" in text:
        raise Refused("import.id", "编号过长或无效", field=field)
    return text


def parse_money(text: str, field: str = "amount") -> int:
    """An amount in 1/10,000 of the unit; at most four decimals."""
    plain = _SYMBOLS.sub("", unicodedata.normalize("NFKC", text))
    try:
        value = Decimal(plain) * E4
    except (InvalidOperation, ArithmeticError) as error:
        raise Refused("money.invalid", "金额不是数字", field=field) from error
    if not value.is_finite() or abs(value) > MAX_E4:
        raise Refused("money.range", "金额超出范围", field=field)
    whole = int(value)
    if whole != value:
        raise Refused("money.decimals", "小数位过多, 无法精确记账", field=field)
    return whole


def parse_quantity(text: str) -> int:
    """A whole number of pieces; negative on credit notes."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not _INTEGER.match(plain):
        raise Refused("import.quantity", "数量须为整数", field="quantity")
    quantity = int(plain.partition(".")[0])
    if abs(quantity) > MAX_QUANTITY:
        raise Refused("import.quantity", "数量超出范围", field="quantity")
    return quantity


class DateOrderFinder:
    """Finds the order of year, month and day in a column that comes in parts."""

    def __init__(self) -> None:
        self._can: dict[DateOrder, bool] = {"ymd": False, "dmy": True, "mdy": True}
        self._is_seen = False

    def take(self, texts: Iterable[str]) -> None:
        """Look at more cells."""
        for text in texts:
            match = _DATE.match(text)
            if match is None or len(match[1]) == 4:
                self._can["ymd"] |= match is not None or bool(_COMPACT.match(text))
                continue
            self._is_seen = True
            self._can["dmy"] &= int(match[2]) <= 12
            self._can["mdy"] &= int(match[1]) <= 12

    def found(self) -> DateOrder:
        """The order; Refused when it cannot be told."""
        if not self._is_seen or self._can["ymd"]:
            return "ymd"
        if self._can["dmy"] == self._can["mdy"]:
            raise Refused(
                "import.date_ambiguous",
                "看不出日期是日/月还是月/日, 请用 --date-order dmy 或 mdy 指明",
                field="date-order",
            )
        return "dmy" if self._can["dmy"] else "mdy"


def detect_date_order(texts: Iterable[str]) -> DateOrder:
    """The order of year, month and day in a column; Refused when it cannot be told."""
    finder = DateOrderFinder()
    finder.take(texts)
    return finder.found()


def parse_time(text: str, order: DateOrder, zone: ZoneInfo) -> datetime:
    """The moment in UTC; naive times are of `zone`. Refused when there is no such day."""
    try:
        return _read_time(text, order, zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Refused("import.date", "没有这个日期或时间", field="placed_at") from error


def _read_time(text: str, order: DateOrder, zone: ZoneInfo) -> datetime:
    if order == "excel" and _SERIAL.match(text):
        return (_EXCEL_START + timedelta(days=round(float(text) * 86_400) / 86_400)).replace(
            tzinfo=zone
        )
    match = _DATE.match(text)
    if match is None:
        compact = _COMPACT.match(text) if order == "ymd" else None
        if compact is None:
            raise Refused("import.date", "无法识别的日期", field="placed_at")
        return _moment([int(part or 0) for part in compact.groups()], zone)
    first, second, third = match[1], match[2], match[3]
    is_ymd = len(first) == 4
    if is_ymd != (order in {"ymd", "excel"}) or len(first if is_ymd else third) != 4:
        raise Refused("import.date", "日期与本列的写法不一致", field="placed_at")
    if is_ymd:
        year, month, day = first, second, third
    else:
        day, month = (first, second) if order == "dmy" else (second, first)
        year = third
    clock = [int(part or 0) for part in match.groups()[3:6]]
    return _moment([int(year), int(month), int(day), *clock], _zone(match[7], zone))


def _moment(parts: list[int], zone: tzinfo) -> datetime:
    year, month, day, hour, minute, second = parts
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def _zone(offset: str | None, zone: ZoneInfo) -> tzinfo:
    if not offset:
        return zone
    told = datetime.strptime(offset.replace("Z", "+0000"), "%z").tzinfo
    return told or zone
