from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import Refused
from siyu.kernel.money import format_fen, to_fen


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("￥1,234.50", 123450),
        ("１２３", 12300),
        (19.9, 1990),
        ("-8.00", -800),
        ("12元", 1200),
        (0, 0),
    ],
)
def test_amounts_become_fen(written, fen):
    assert to_fen(written) == fen


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("abc", "money.invalid"),
        ("", "money.invalid"),
        ("1.234", "money.decimals"),
        (1e18, "money.range"),
        ("NaN", "money.range"),
        ("Infinity", "money.range"),
    ],
)
def test_what_is_no_amount_is_refused(written, code):
    with pytest.raises(Refused) as error:
        to_fen(written)
    assert error.value.code == code


def test_a_third_decimal_is_rounded_half_up_when_asked():
    assert to_fen("1.005", exact=False) == 101


@given(st.integers(-(10**12), 10**12))
def test_formatting_and_reading_agree(fen):
    assert to_fen(format_fen(fen)) == fen
