"""`docs/segments.md` names every operator, field and limit, and its examples are definitions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from siyu.segments import types
from siyu.segments.fields import TRAITS
from siyu.segments.rules import decode

PAGE = (Path(__file__).parents[2] / "docs" / "segments.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_every_operator_is_in_the_table_with_its_fields():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE))
    kinds = {kind.__struct_config__.tag: kind for kind in get_args(types.Node)}
    assert set(rows) == set(kinds)
    for tag, kind in kinds.items():
        assert set(re.findall(r"`(\w+)`", rows[tag])) == set(kind.__struct_fields__), tag


def test_every_comparison_field_and_measure_is_named():
    named = set(re.findall(r"`([\w ]+)`", PAGE))
    assert set(get_args(types.Cmp)) <= named
    assert set(TRAITS) <= named
    for kind in (types.Order, types.Event, types.Touch):
        measures = kind.__annotations__["measure"]
        assert set(re.findall(r'"(\w+)"', measures)) <= named


def test_the_limits_are_those_of_the_code():
    told = re.findall(r"^\| .+ / .+ \| (\d+) \|$", PAGE, re.MULTILINE)
    assert [int(number) for number in told] == [
        types.MAX_NODES,
        types.MAX_DEPTH,
        types.MAX_LIST,
        types.MAX_TEXT,
        types.MAX_DAYS,
    ]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_definition(text):
    decode(json.loads(text))
