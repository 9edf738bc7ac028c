from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import Refused
from siyu.kernel.paging import decode_cursor, encode_cursor


@given(st.integers(1 - 2**63, 2**63 - 1), st.text())
def test_a_cursor_gives_back_its_keys(number, text):
    assert decode_cursor(encode_cursor(number, text), int, str) == [number, text]


@given(st.text())
def test_any_text_is_a_cursor_of_ours_or_refused(text):
    try:
        keys = decode_cursor(text, int, str)
    except Refused:
        return
    assert [type(key) for key in keys] == [int, str]


def test_keys_of_another_kind_are_refused():
    with pytest.raises(Refused):
        decode_cursor(encode_cursor("x"), int)
    with pytest.raises(Refused):
        decode_cursor(encode_cursor(2**63), int)
