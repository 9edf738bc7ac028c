"""What may be published, when timers end, and who counts as the same entry."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siyu.journeys import rules
from siyu.journeys.templates import FIRST_ORDER, TEMPLATES
from siyu.journeys.types import WaitNode
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import NotFound, Refused
from siyu.reach.wording import check_template

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)


def check_segment(segment_id: int) -> None:
    if segment_id != 7:
        raise NotFound("segment.unknown", "没有这个人群")


def check_condition(condition: dict[str, Any]) -> None:
    if "root" not in condition:
        raise Refused("segment.shape", "条件有误")


AROUND = rules.Surroundings({"wecom.mass_send"}, check_segment, check_template, check_condition)


def check(raw: dict[str, Any]) -> None:
    rules.check_definition(rules.read_definition(raw), AROUND)


def changed(node_id: str, **values: Any) -> dict[str, Any]:
    raw = deepcopy(FIRST_ORDER.definition)
    next(node for node in raw["nodes"] if node["id"] == node_id).update(values)
    return raw


@pytest.mark.parametrize("template", TEMPLATES)
def test_offered_templates_are_sound(template):
    check(template.definition)


WRONG_NODES: list[tuple[str, dict[str, Any], str]] = [
    ("wait_day", {"seconds": -1}, "journey.wait"),
    ("wait_day", {"seconds": 0}, "journey.wait"),
    ("wait_day", {"seconds": 10 * 366 * 86_400}, "journey.wait"),
    ("wait_day", {"seconds": None}, "journey.wait"),
    ("wait_day", {"until_hour": 9}, "journey.wait"),
    ("wait_day", {"seconds": None, "until_hour": 24}, "journey.wait"),
    ("wait_day", {"seconds": "soon"}, "journey.shape"),
    ("has_order", {"no": None}, "journey.branch"),
    ("has_order", {"condition": {}}, "segment.shape"),
    ("coupon", {"next": "nowhere"}, "journey.link"),
    ("coupon", {"channel": "pigeon"}, "journey.channel"),
    ("coupon", {"template": "{% if"}, "template.invalid"),
    ("coupon", {"template": ""}, "template.empty"),
    ("coupon", {"purpose": "fun"}, "journey.shape"),
    ("coupon", {"expires_hours": 0}, "journey.expires"),
    ("coupon", {"kind": "pray"}, "journey.shape"),
    ("tag_source", {"name": "x"}, "journey.tag"),
    ("tag_source", {"group": ""}, "journey.tag"),
    ("tag_source", {"next": "done"}, "journey.unreachable"),
    ("wait_order", {"kind": "tag", "group": "g", "name": "n", "next": "coupon"}, "journey.loop"),
]


@pytest.mark.parametrize(("node_id", "values", "code"), WRONG_NODES)
def test_unsound_node_is_named(node_id, values, code):
    with pytest.raises(Refused) as caught:
        check(changed(node_id, **values))
    assert caught.value.code == code
    named = {"journey.unreachable": "wait_day"}.get(code, node_id)
    if code == "journey.loop":
        named = "coupon"
    assert caught.value.field == f"nodes.{named}"


def test_loop_with_a_wait_is_allowed():
    raw = changed("wait_order", next="wait_day")
    check(raw)
    assert rules.find_loop(rules.read_definition(raw), is_timed=True) is not None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"version": 2}, "journey.version"),
        ({"start": "nowhere"}, "journey.start"),
        ({"nodes": []}, "journey.empty"),
        ({"trigger": {"kind": "segment", "segment_id": 8}}, "journey.segment"),
        ({"trigger": {"kind": "event", "name": ""}}, "journey.trigger"),
        ({"trigger": {"kind": "moon"}}, "journey.shape"),
        ({"re_entry": "sometimes"}, "journey.shape"),
        (
            {"nodes": [{"id": f"n{n}", "kind": "exit"} for n in range(10_000)]},
            "journey.size",
        ),
        (
            {"nodes": [{"id": "a", "kind": "exit"}, {"id": "a", "kind": "exit"}]},
            "journey.node_twice",
        ),
        ({"nodes": [{"id": "a b", "kind": "exit"}]}, "journey.node_id"),
    ],
)
def test_unsound_definition_is_refused(values, code):
    with pytest.raises(Refused) as caught:
        check(deepcopy(FIRST_ORDER.definition) | values)
    assert caught.value.code == code


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_is_read_or_refused(raw):
    with pytest.raises(Refused):
        rules.read_definition({"version": 1, "nodes": raw, "trigger": raw, "start": raw})


@given(hour=st.integers(0, 23), days=st.integers(0, 30), minutes=st.integers(0, 366 * 1440))
def test_wait_until_an_hour_ends_at_that_hour_in_shanghai(hour, days, minutes):
    now = NOW + timedelta(minutes=minutes)
    end = rules.wait_until(WaitNode(id="w", until_hour=hour, days=days), now)
    assert now < end <= now + timedelta(days=days + 1)
    local = end.astimezone(SHANGHAI)
    assert (local.hour, local.minute) == (hour, 0)


def test_entry_keys_follow_the_re_entry_rule():
    assert rules.entry_key("never", 5, past=3, key="k") == "once:5"
    assert rules.entry_key("after_exit", 5, past=3, key="k") == "run:5:3"
    assert rules.entry_key("every_key", 5, past=3, key="k") == "key:k"
    assert len(rules.entry_key("every_key", 5, past=0, key="k" * 500)) < 192
