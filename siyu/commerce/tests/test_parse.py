from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.core.tabular.parse import (
    clean_text,
    detect_date_order,
    parse_id,
    parse_money,
    parse_quantity,
    parse_time,
)
from siyu.kernel.errors import Refused

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "clean"),
    [('="0012"', "0012"), ("12\t", "12"), ("\ufeff a ", "a"), ('=""', ""), ("=1+1", "=1+1")],
)
def test_export_wrappers_are_taken_off(text, clean):
    assert clean_text(text) == clean


@pytest.mark.parametrize("text", ["1.23457E+17", "2E+15", "1e9"])
def test_id_that_lost_digits_is_refused(text):
    with pytest.raises(Refused) as refusal:
        parse_id(text)
    assert refusal.value.code == "import.precision"


def test_float_id_becomes_text():
    assert parse_id("17850.0") == "17850"
    assert parse_id("00123") == "00123"


@pytest.mark.parametrize(
    ("text", "e4"),
    [
        ("￥1,234.50", 12_345_000),
        ("１２３", 1_230_000),
        ("0.001", 10),
        ("-3.5", -35_000),
        ("9元", 90_000),
    ],
)
def test_money_is_exact(text, e4):
    assert parse_money(text) == e4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1e18", "money.range"),
        ("1e999999999", "money.invalid"),
        ("nan", "money.range"),
        ("inf", "money.range"),
        ("0.00001", "money.decimals"),
        ("abc", "money.invalid"),
        ("1.2.3", "money.invalid"),
    ],
)
def test_impossible_money_is_refused(text, code):
    with pytest.raises(Refused) as refusal:
        parse_money(text)
    assert refusal.value.code == code


@given(st.decimals(min_value=-(10**8), max_value=10**8, places=4))
def test_any_amount_of_four_decimals_is_kept_exactly(value: Decimal):
    assert Decimal(parse_money(str(value))) / 10_000 == value


@pytest.mark.parametrize("text", ["1.5", "two", "1e3", "99999999999"])
def test_impossible_quantity_is_refused(text):
    with pytest.raises(Refused):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["2024/1/2", "2024-01-03 10:00"], "ymd"),
        (["20240102"], "ymd"),
        (["13/1/2024", "1/2/2024"], "dmy"),
        (["1/13/2024", "1/2/2024"], "mdy"),
        ([], "ymd"),
    ],
)
def test_order_of_the_date_is_detected(texts, order):
    assert detect_date_order(texts) == order


def test_ambiguous_dates_must_be_declared():
    with pytest.raises(Refused) as refusal:
        detect_date_order(["1/2/2024", "3/4/2024"])
    assert refusal.value.code == "import.date_ambiguous"


@pytest.mark.parametrize(
    ("text", "order", "moment"),
    [
        ("2024-01-02 08:30:00", "ymd", datetime(2024, 1, 2, 0, 30, tzinfo=UTC)),
        ("2024年1月2日", "ymd", datetime(2024, 1, 1, 16, 0, tzinfo=UTC)),
        ("2/1/2024 8:30", "dmy", datetime(2024, 1, 2, 0, 30, tzinfo=UTC)),
        ("1/2/2024 8:30", "mdy", datetime(2024, 1, 2, 0, 30, tzinfo=UTC)),
        ("2024-01-02T00:30:00Z", "ymd", datetime(2024, 1, 2, 0, 30, tzinfo=UTC)),
        ("20240102083000", "ymd", datetime(2024, 1, 2, 0, 30, tzinfo=UTC)),
        ("45000", "excel", datetime(2023, 3, 14, 16, 0, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_the_files_zone(text, order, moment):
    assert parse_time(text, order, SHANGHAI) == moment


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2024-02-30", "ymd"),
        ("2023-02-29", "ymd"),
        ("45000", "ymd"),
        ("2024-13-01", "ymd"),
        ("2024-01-01 25:00", "ymd"),
        ("1/2/24", "dmy"),
        ("yesterday", "ymd"),
        ("1/2/2024", "ymd"),
    ],
)
def test_days_that_do_not_exist_are_refused(text, order):
    with pytest.raises(Refused) as refusal:
        parse_time(text, order, SHANGHAI)
    assert refusal.value.code == "import.date"
