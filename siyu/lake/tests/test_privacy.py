"""Nothing personal passes the guard of the history, and harmless values pass unchanged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.lake.privacy import MAX_BYTES, encode_properties

PHONES = ("13812345678", "+8613812345678", "86 138-1234-5678", "138 1234 5678", "+447911123456")


@pytest.mark.parametrize("phone", PHONES)
def test_phone_numbers_inside_texts_are_masked(phone):
    text = encode_properties({"url": f"https://a.cn/?tel={phone}&x=1", "list": [{"n": phone}]})
    assert phone not in text
    assert "***" in text


@pytest.mark.parametrize(
    "properties",
    [
        {"mobile": "anything"},
        {"Email": "a"},
        {"手机号": "x"},
        {"deep": [{"receiver": "x"}]},
        {"contact": "lin@example.com"},
        {"card": "11010519900307123X"},
        {"number": 13812345678},
    ],
)
def test_personal_values_leave(properties):
    kept = json.loads(encode_properties(properties))
    assert kept in ({}, {"deep": [{}]}, {"contact": "***"}, {"card": "***"}, {"number": None})


def test_order_values_stay():
    properties = {
        "order_id": "2026111100000123",
        "at": 1795309683063,
        "revenue": 199.5,
        "products": [{"sku": "A-1", "name": "保温杯", "quantity": 2}],
    }
    assert json.loads(encode_properties(properties)) == properties


def test_oversized_properties_are_dropped_whole():
    assert encode_properties({"x": "a" * MAX_BYTES}) == '{"_dropped":"size"}'


@given(
    st.dictionaries(st.text(max_size=8), st.recursive(st.text(), st.lists)), st.sampled_from(PHONES)
)
def test_no_phone_survives_anywhere(properties, phone):
    properties["v"] = [phone, {"w": f" {phone} "}]
    assert phone not in encode_properties(properties)
