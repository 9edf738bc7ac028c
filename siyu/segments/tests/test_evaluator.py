"""One evaluator: preview, batch and live agree with each other and with a naive oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.core.access import Actor, Role
from siyu.core.pipeline import Batch
from siyu.segments import actions, queries
from siyu.segments.models import Segment, Touched
from siyu.segments.tests.oracle import Oracle
from siyu.segments.tests.support import World, showing

LIN = Actor("lin", Role.OWNER)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)

moments = st.integers(-70 * 24, 3).map(lambda hours: NOW + timedelta(hours=hours))
days = st.integers(1, 60)
people = st.integers(1, 4)
names = st.sampled_from(["page_viewed", "product_viewed", "绑定"])
property_values = st.one_of(
    st.sampled_from(["A", "AB", "", "10", "true", "%", "_"]),
    st.sampled_from([0, 1, 10, 2.5, -3]),
    st.booleans(),
    st.none(),
)


def _number(values: Any) -> Any:
    single = st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), values)
    return st.one_of(single, st.tuples(st.just("in"), st.lists(values, min_size=1, max_size=3)))


def _days() -> Any:
    compared = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
    return st.one_of(
        st.tuples(compared, st.integers(0, 60)),
        st.tuples(st.just("exists"), st.sampled_from([None, True, False])),
    )


def _text(values: Any) -> Any:
    return st.one_of(
        st.tuples(st.sampled_from(["eq", "ne", "contains"]), values),
        st.tuples(st.just("in"), st.lists(values, min_size=1, max_size=2)),
        st.tuples(st.just("exists"), st.sampled_from([None, True, False])),
    )


def _pair(cmp_value: tuple[str, Any], **rest: Any) -> dict[str, Any]:
    return {**rest, "cmp": cmp_value[0], "value": cmp_value[1]}


def _dates() -> Any:
    day = moments.map(lambda at: at.date().isoformat())
    return st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), day)


windows = st.one_of(st.none(), days)
wheres = st.one_of(
    st.builds(
        _pair, _text(st.sampled_from(["A", "B", "%", "10"])), property=st.sampled_from(["p", "q r"])
    ),
    st.builds(_pair, _number(st.sampled_from([0, 1, 2.5, 10])), property=st.just("p")),
    st.builds(
        _pair, st.tuples(st.sampled_from(["eq", "ne"]), st.booleans()), property=st.just("p")
    ),
)
leaves = st.one_of(
    st.builds(
        _pair,
        _text(st.sampled_from(["buy", "loyal", "u"])),
        op=st.just("trait"),
        field=st.sampled_from(["stage", "owner_staff"]),
    ),
    st.builds(_pair, _number(st.integers(0, 3)), op=st.just("trait"), field=st.just("order_count")),
    st.builds(_pair, _dates(), op=st.just("trait"), field=st.just("created_at")),
    st.builds(_pair, _days(), op=st.just("trait"), field=st.just("days_since_seen")),
    st.builds(
        lambda tag, has: {"op": "tag", "tag_id": tag, "has": has}, st.integers(1, 2), st.booleans()
    ),
    st.builds(lambda has: {"op": "platform", "platform": "wecom", "has": has}, st.booleans()),
    st.builds(lambda has: {"op": "identity", "namespace": "phone", "has": has}, st.booleans()),
    st.sampled_from(
        [{"op": "reachable", "channel": c} for c in ("any", "wecom.mass_send", "douyin")]
    ),
    st.builds(
        _pair,
        _number(st.integers(-50, 300)),
        op=st.just("order"),
        measure=st.sampled_from(["count", "revenue_fen", "average_fen"]),
        within_days=windows,
    ),
    st.builds(
        _pair,
        _days(),
        op=st.just("order"),
        measure=st.sampled_from(["days_since_last", "days_since_first"]),
        within_days=windows,
    ),
    st.builds(
        _pair,
        _number(st.integers(0, 3)),
        op=st.just("event"),
        name=names,
        measure=st.just("count"),
        within_days=windows,
        where=st.lists(wheres, max_size=2),
    ),
    st.builds(
        _pair,
        _days(),
        op=st.just("event"),
        name=names,
        measure=st.just("days_since_last"),
        within_days=windows,
        where=st.lists(wheres, max_size=1),
    ),
    st.builds(
        lambda key, scores: {"op": "rfm", key: scores},
        st.sampled_from("rfm"),
        st.lists(st.integers(1, 5), min_size=1, max_size=3),
    ),
    st.just({"op": "segment", "segment_id": 0}),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(
            lambda op, children: {"op": op, "children": children},
            st.sampled_from(["and", "or"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        inner.map(lambda child: {"op": "not", "children": [child]}),
    ),
    max_leaves=5,
)
customers = st.lists(
    st.fixed_dictionaries(
        {
            "stage": st.sampled_from([None, "", "buy", "loyal"]),
            "owner_staff": st.sampled_from([None, "", "u1", "o'u"]),
            "platforms": st.sampled_from([None, "", "wecom", "web,wecom", "wecomx"]),
            "is_reachable": st.sampled_from([None, True, False]),
            "order_count": st.integers(0, 3),
            "created_at": moments,
            "last_seen_at": st.one_of(st.none(), moments),
        }
    ),
    min_size=1,
    max_size=4,
)
events = st.lists(
    st.tuples(
        people,
        names,
        moments,
        st.dictionaries(st.sampled_from(["p", "q r"]), property_values, max_size=2),
    ),
    max_size=8,
)
orders = st.lists(
    st.tuples(
        people,
        moments,
        st.integers(-50, 300),
        st.sampled_from(["paid", "paid", "refunded", "cancelled", "partly_refunded"]),
    ),
    max_size=6,
)
belongings = st.lists(st.tuples(people, st.integers(0, 5)), max_size=6)


def _fill(world: World, rows: Any, things: Any, buys: Any) -> None:
    for index, values in enumerate(rows, start=1):
        world.add_customer(index, **values)
    for who, kind in things:
        if kind < 2:
            world.tags.append({"customer_id": who, "tag_id": kind + 1})
        elif kind < 4:
            world.identities.append(
                {
                    "identity_id": who * 10 + kind,
                    "customer_id": who,
                    "namespace": "phone",
                    "is_quarantined": kind == 3,
                }
            )
        else:
            world.relations.append(
                {"customer_id": who, "platform": "wecom", "is_friend": kind == 4}
            )
    for who, at, fen, status in buys:
        world.add_order(who, at, fen, status)


def _with_reference(node: Any, segment_id: int) -> Any:
    if node["op"] == "segment":
        return {"op": "segment", "segment_id": segment_id}
    if "children" not in node:
        return node
    return node | {"children": [_with_reference(child, segment_id) for child in node["children"]]}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(nodes, st.tuples(customers, belongings, events, orders), st.integers(0, 8))
def test_preview_batch_live_and_oracle_agree(root, history, split):
    from django.db import transaction

    from siyu.core.runtime import runtime
    from siyu.kernel.clock import FakeClock

    runtime().clock = FakeClock(NOW)
    with transaction.atomic():
        _check_agreement(root, history, split)
        transaction.set_rollback(True)


def _check_agreement(root: Any, history: Any, split: int) -> None:
    rows, things, happened, buys = history
    world = World(NOW)
    known = [event for event in happened if event[0] <= len(rows)]
    _fill(world, rows, [t for t in things if t[0] <= len(rows)], buys)
    base = {"op": "event", "name": "page_viewed", "measure": "count", "cmp": "gte", "value": 1}
    with showing(world):
        first, later = known[:split], known[split:]
        for who, name, at, properties in first:
            world.add_event(who, name, at, **properties)
        referenced = actions.create_segment(LIN, "base", {"version": 1, "root": base}, now=NOW)
        definition = {"version": 1, "root": _with_reference(root, referenced)}
        segment = actions.create_segment(LIN, "it", definition, now=NOW)
        seen = [world.add_event(who, name, at, **p) for who, name, at, p in later]
        actions.hear(Batch(seen, NOW))
        actions.live()
        actions.clock()
        oracle = Oracle(world, NOW, {referenced: {"version": 1, "root": base}})
        expected = oracle.members(definition)
        previewed = queries.preview(LIN, definition, now=NOW)
        assert previewed.count == len(expected)
        assert previewed.sample_ids == expected
        assert queries.evaluate(definition, now=NOW).tolist() == expected
        everybody = list(world.customers)
        assert queries.evaluate(definition, everybody, now=NOW).tolist() == expected
        assert sorted(queries.member_ids(segment)) == expected
        assert Segment.objects.get(pk=segment).member_count == len(expected)
        assert Touched.objects.count() == 0
        for who in everybody[:2]:
            explained = queries.explain(LIN, segment, who, now=NOW)
            assert explained.holds == (who in expected)
        for condition, path in ((c, c.path) for c in previewed.conditions):
            node = definition["root"]
            for step in path.split(".")[2::2]:
                node = node["children"][int(step)]
            assert condition.count == sum(oracle.holds(node, who) for who in everybody)
