from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.cells import safe_cell, stream_csv


@pytest.mark.parametrize(
    "text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝HYPERLINK(1)", " =1"]
)
def test_formula_text_is_disarmed(text):
    assert safe_cell(text) == f"'{text}"


def test_negative_numbers_stay_numbers():
    assert safe_cell(-350) == -350
    assert "".join(stream_csv(["net"], [[-350]])).splitlines()[1] == "-350"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_no_written_cell_starts_a_formula_and_text_survives(rows):
    written = "".join(stream_csv(["a", "b"], rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(written, newline="")))[1:]
    for row, back in zip(rows, read, strict=True):
        for text, cell in zip(row, back, strict=True):
            assert cell.removeprefix("'") == text.removeprefix("'") or cell == text
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
