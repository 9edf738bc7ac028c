"""Random definitions and random histories for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from siyu.segments.fields import Field

NOW = datetime(2026, 11, 11, 2, 0, tzinfo=UTC)
CUSTOM = {
    field.name: field
    for field in (
        Field("custom.city", "城市", "City", "text", key="city"),
        Field("custom.size", "尺码", "Size", "number", key="size"),
        Field("custom.vip", "会员", "VIP", "bool", key="vip"),
        Field("custom.born", "生日", "Born", "date", key="born"),
        Field("custom.likes", "喜好", "Likes", "choices", key="likes"),
    )
}

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
    many = st.lists(values, min_size=1, max_size=3)
    two = st.tuples(values, values).map(sorted)
    return st.one_of(
        single,
        st.tuples(st.sampled_from(["in", "not_in"]), many),
        st.tuples(st.just("between"), two),
    )


existence = st.tuples(st.just("exists"), st.sampled_from([None, True, False]))


def _days() -> Any:
    compared = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
    two = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)
    return st.one_of(
        st.tuples(compared, st.integers(0, 60)),
        st.tuples(st.just("between"), two),
        existence,
    )


def _text(values: Any) -> Any:
    compared = ["eq", "ne", "contains", "not_contains", "starts_with", "ends_with"]
    return st.one_of(
        st.tuples(st.sampled_from(compared), values),
        st.tuples(st.sampled_from(["in", "not_in"]), st.lists(values, min_size=1, max_size=2)),
        st.tuples(st.just("matches"), st.sampled_from(["^A", "B$", "u.?", "[0-9]+", "(?i)b"])),
        existence,
    )


def _pair(cmp_value: tuple[str, Any], **rest: Any) -> dict[str, Any]:
    return {**rest, "cmp": cmp_value[0], "value": cmp_value[1]}


def _dates() -> Any:
    day = moments.map(lambda at: at.date().isoformat())
    single = st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), day)
    return st.one_of(single, st.tuples(st.just("between"), st.tuples(day, day).map(sorted)))


def _window(days_back: int | None, span: tuple[int, int] | None) -> dict[str, Any]:
    if days_back is not None:
        return {"within_days": days_back}
    if span is None:
        return {}
    ends = sorted(NOW + timedelta(days=-back) for back in span)
    return {"between": [end.date().isoformat() for end in ends]}


windows = st.one_of(
    st.just({}),
    st.builds(_window, days, st.none()),
    st.builds(_window, st.none(), st.tuples(st.integers(0, 60), st.integers(0, 60))),
)


def _with(base: Any, rest: Any) -> Any:
    return st.builds(lambda one, other: {**one, **other}, base, rest)


wheres = st.one_of(
    st.builds(
        _pair, _text(st.sampled_from(["A", "B", "%", "10"])), property=st.sampled_from(["p", "q r"])
    ),
    st.builds(_pair, _number(st.sampled_from([0, 1, 2.5, 10])), property=st.just("p")),
    st.builds(
        _pair, st.tuples(st.sampled_from(["eq", "ne"]), st.booleans()), property=st.just("p")
    ),
)
spans = st.one_of(
    st.integers(1, 5).map(lambda n: {"days": n}),
    st.integers(1, 60).map(lambda n: {"hours": n}),
    st.integers(1, 3000).map(lambda n: {"minutes": n}),
)


def _steps(first: Any, middle: Any, last: Any, absent: Any) -> dict[str, Any]:
    return {"op": "sequence", "steps": [first, *middle, {**last, **absent}]}


step = st.fixed_dictionaries({"name": names, "where": st.lists(wheres, max_size=1)})
later = st.one_of(step, _with(step, st.fixed_dictionaries({"within": spans})))
ending: Any = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"within": spans}),
    st.fixed_dictionaries({"within": spans, "absent": st.just(True)}),
)
order_wheres = st.one_of(
    st.builds(
        _pair,
        _text(st.sampled_from(["A", "AB"])),
        property=st.sampled_from(["sku", "product", "shop"]),
    ),
    st.builds(_pair, _number(st.integers(0, 300)), property=st.just("amount_fen")),
)
traits = st.one_of(
    st.builds(
        _pair,
        _text(st.sampled_from(["buy", "loyal", "u"])),
        op=st.just("trait"),
        field=st.sampled_from(["stage", "owner_staff", "custom.city"]),
    ),
    st.builds(_pair, _number(st.integers(0, 3)), op=st.just("trait"), field=st.just("order_count")),
    st.builds(
        _pair,
        st.one_of(_number(st.sampled_from([0, 1, 2.5])), existence),
        op=st.just("trait"),
        field=st.just("custom.size"),
    ),
    st.builds(
        _pair,
        st.one_of(st.tuples(st.just("eq"), st.booleans()), existence),
        op=st.just("trait"),
        field=st.just("custom.vip"),
    ),
    st.builds(
        _pair,
        st.one_of(_dates(), existence),
        op=st.just("trait"),
        field=st.sampled_from(["created_at", "custom.born"]),
    ),
    st.builds(_pair, _days(), op=st.just("trait"), field=st.just("days_since_seen")),
    st.builds(
        _pair,
        st.one_of(
            st.tuples(st.sampled_from(["eq", "ne"]), st.sampled_from(["A", "B"])),
            st.tuples(st.sampled_from(["in", "not_in"]), st.just(["A", "C"])),
            existence,
        ),
        op=st.just("trait"),
        field=st.just("custom.likes"),
    ),
)
states = st.one_of(
    _with(
        st.one_of(
            st.integers(1, 2).map(lambda tag: {"op": "tag", "tag_id": tag}),
            st.just({"op": "tag", "group": "渠道"}),
            st.just({"op": "tag", "group": "渠道", "origin": "rule"}),
        ),
        _with(windows, st.booleans().map(lambda has: {"has": has})),
    ),
    st.builds(lambda has: {"op": "platform", "platform": "wecom", "has": has}, st.booleans()),
    st.builds(lambda has: {"op": "identity", "namespace": "phone", "has": has}, st.booleans()),
    st.builds(lambda has: {"op": "list", "list_id": 1, "has": has}, st.booleans()),
    st.builds(
        lambda group, has: {"op": "in_group", "group_id": group, "has": has},
        st.integers(0, 2),
        st.booleans(),
    ),
    st.builds(
        lambda channel, has: {"op": "reachable", "channel": channel, "has": has},
        st.sampled_from(["any", "wecom.mass_send", "douyin"]),
        st.booleans(),
    ),
    st.builds(
        lambda channel, state: {"op": "consent", "channel": channel, "state": state},
        st.sampled_from(["*", "sms"]),
        st.sampled_from(["granted", "withdrawn", "unknown"]),
    ),
    st.builds(lambda has: {"op": "segment", "segment_id": 0, "has": has}, st.booleans()),
)
histories = st.one_of(
    _with(
        st.builds(
            _pair,
            _number(st.integers(-50, 300)),
            op=st.just("order"),
            measure=st.sampled_from(
                ["count", "revenue_fen", "average_fen", "max_fen", "item_count"]
            ),
            where=st.lists(order_wheres, max_size=2),
        ),
        windows,
    ),
    _with(
        st.builds(
            _pair,
            _days(),
            op=st.just("order"),
            measure=st.sampled_from(["days_since_last", "days_since_first"]),
            where=st.lists(order_wheres, max_size=1),
        ),
        windows,
    ),
    _with(
        st.builds(
            _pair,
            _number(st.integers(0, 3)),
            op=st.just("event"),
            name=names,
            measure=st.sampled_from(["count", "days"]),
            where=st.lists(wheres, max_size=2),
        ),
        windows,
    ),
    _with(
        st.builds(
            _pair,
            _number(st.sampled_from([0, 1, 2.5, 10, 12.5])),
            op=st.just("event"),
            name=names,
            measure=st.sampled_from(["sum", "distinct"]),
            property=st.just("p"),
        ),
        windows,
    ),
    _with(
        st.builds(
            _pair,
            _days(),
            op=st.just("event"),
            name=names,
            measure=st.sampled_from(["days_since_last", "days_since_first"]),
            where=st.lists(wheres, max_size=1),
        ),
        windows,
    ),
    _with(
        st.builds(
            _pair,
            st.one_of(_number(st.integers(0, 2))),
            op=st.just("touch"),
            measure=st.just("count"),
            campaign=st.sampled_from(["", "journey:1"]),
            channel=st.sampled_from(["", "sms"]),
            states=st.sampled_from([[], ["delivered"], ["delivered", "failed"]]),
        ),
        windows,
    ),
    st.builds(_pair, _days(), op=st.just("touch"), measure=st.just("days_since_last")),
    _with(st.builds(_steps, step, st.lists(later, max_size=1), step, ending), windows),
)
scores = st.builds(
    lambda key, values: {"op": "rfm", key: values},
    st.sampled_from("rfm"),
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
)
leaves = st.one_of(traits, states, histories, histories, scores)
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
        st.fixed_dictionaries(
            {
                "item_count": st.integers(0, 2),
                "shop": st.sampled_from(["", "A", "B"]),
                "currency": st.sampled_from(["CNY", "CNY", "JPY"]),
                "lines": st.lists(
                    st.fixed_dictionaries(
                        {
                            "sku": st.sampled_from(["A", "AB", "", None]),
                            "name": st.sampled_from(["A", "B"]),
                        }
                    ),
                    max_size=2,
                ),
            }
        ),
    ),
    max_size=6,
)
belongings = st.lists(st.tuples(people, st.integers(0, 15), moments), max_size=8)
