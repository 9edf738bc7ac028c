"""Money is a whole number of fen (1/100 of the currency's unit)."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from siyu.kernel.errors import Refused

MAX_FEN = 10**13
_SYMBOLS = re.compile(r"[¥￥$€£,\s元]")


def to_fen(value: str | float | Decimal, *, field: str = "amount", exact: bool = True) -> int:
    """Fen of an amount in yuan: `"￥1,234.50"` → 123450.

    Floats are read through their shortest decimal form. With `exact`, more than two decimals
    are refused; else they are rounded half up.
    """
    text = _SYMBOLS.sub("", unicodedata.normalize("NFKC", str(value)))
    try:
        fen = Decimal(text) * 100
    except ArithmeticError as error:
        raise Refused("money.invalid", f"金额 {value!r} 不是数字", field=field) from error
    if not fen.is_finite() or abs(fen) > MAX_FEN:
        raise Refused("money.range", "金额超出范围", field=field)
    whole = fen.to_integral_value(ROUND_HALF_UP)
    if exact and whole != fen:
        raise Refused("money.decimals", "金额最多两位小数", field=field)
    return int(whole)


def format_fen(fen: int, symbol: str = "¥") -> str:
    """`123450` as `¥1,234.50`."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{symbol}{yuan:,}.{rest:02d}"
