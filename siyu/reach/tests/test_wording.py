"""Templates say what they should, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.kernel.errors import Refused
from siyu.reach.wording import check_template, render


def test_missing_variable_skips_the_person():
    assert render("{{ name }}你好", {}).reason == "template_missing_variable"
    assert render("{{ name }}你好", {"name": None}).reason == "template_missing_variable"
    assert render("{{ name }}你好", {"name": ""}).reason == "template_missing_variable"


def test_default_and_condition_stand_in_for_a_missing_variable():
    assert render("{{ name | default: '朋友' }}", {}).text == "朋友"
    assert render("{% if name %}{{ name }}{% else %}您{% endif %}", {}).text == "您"


def test_literal_text_is_left_alone():
    assert render("{{ name }} 100%", {}, is_literal=True).text == "{{ name }} 100%"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "  ",
        "{% if x",
        "{{7*7}}",
        "{% include 'x' %}",
        "{% render 'x' %}",
        "{% for i in (1..2) %}",
        "字" * 16_001,
    ],
)
def test_broken_template_is_refused(template):
    with pytest.raises(Refused):
        check_template(template)


@pytest.mark.parametrize(
    "template",
    [
        "{{ name.__class__.__mro__ }}",
        "{{ name['__class__'] }}",
        "{{ settings.SECRET_KEY }}",
        "{{ self }}",
        "{{ '' | append: name.__init__.__globals__ }}",
    ],
)
def test_templates_cannot_look_around(template):
    assert render(template, {"name": "李"}).reason == "template_missing_variable"


def test_endless_template_stops():
    bomb = "{% for a in (1..999) %}{% for b in (1..999) %}xxxxxxxxxx{% endfor %}{% endfor %}"
    assert render(bomb, {}).reason == "template_invalid"


@given(st.text(max_size=200))
def test_any_text_gives_an_answer(template):
    result = render(template, {"name": "李"})
    assert bool(result.text) != bool(result.reason)
