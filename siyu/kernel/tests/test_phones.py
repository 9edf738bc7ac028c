from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import Refused
from siyu.kernel.phones import mask_phone, mask_phones_in, normalise_phone


@pytest.mark.parametrize(
    "written",
    [
        "13912345678",
        "139 1234 5678",
        "139-1234-5678",
        "+8613912345678",
        "0086-139-1234-5678",
        "１３９１２３４５６７８",
        "13912345678.0",
        " 13912345678\t",
    ],
)
def test_every_way_to_write_a_mainland_number_is_one_number(written):
    assert normalise_phone(written) == "+8613912345678"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+852 6123 4567", "+85261234567"),
        ("+853 6612 3456", "+85366123456"),
        ("+886 912 345 678", "+886912345678"),
    ],
)
def test_hong_kong_macau_and_taiwan_numbers_keep_their_country(written, number):
    assert normalise_phone(written) == number


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1.38E+10", "phone.precision"),
        ("13800138000", "phone.poison"),
        ("12345678901", "phone.invalid"),
        ("01012345678", "phone.invalid"),
        ("4008001234", "phone.invalid"),
        ("95588", "phone.invalid"),
        ("10690000", "phone.invalid"),
        ("", "phone.invalid"),
        ("138****5678", "phone.invalid"),
    ],
)
def test_what_is_no_personal_mobile_is_refused_with_its_reason(written, code):
    with pytest.raises(Refused) as error:
        normalise_phone(written)
    assert error.value.code == code
    assert error.value.field == "phone"


@given(st.text(max_size=40))
def test_any_text_gives_a_number_or_a_refusal(text):
    try:
        number = normalise_phone(text)
    except Refused:
        return
    assert number.startswith("+")
    assert normalise_phone(number) == number


def test_a_masked_number_shows_seven_digits():
    assert mask_phone("+8613912345678") == "139****5678"
    assert mask_phone("123") == "****"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("手机号: 13912345678", "手机号: 139****5678"),
        ("打+86 139-1234-5678或13812345679。", "打139****5678或138****5679。"),
        ("订单 202611221391234567890", "订单 202611221391234567890"),
        ("没有号码", "没有号码"),
    ],
)
def test_numbers_inside_a_text_are_masked(text, masked):
    assert mask_phones_in(text) == masked
