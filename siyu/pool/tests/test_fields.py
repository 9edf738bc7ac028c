"""Custom fields: definitions, types, values by hand and by facts, rules, history, merges."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.core.access import SYSTEM, Actor, Role
from siyu.core.models import AuditEntry
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.pool import actions, queries
from siyu.pool.actions import FieldDraft
from siyu.pool.fields import queries as field_queries
from siyu.pool.fields.rules import RANKS, settle
from siyu.pool.fields.types import FieldChoice, FieldInfo, Observed
from siyu.pool.fields.values import parse_value
from siyu.pool.models import FieldValue, Observation, Trait
from siyu.pool.tests.people import fact, feed, phone, unionid, user, who
from siyu.pool.types import CustomerFilter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
TEAS = (FieldChoice("green", "绿茶", "Green"), FieldChoice("red", "红茶", "Black"))
GUIDE = Actor("mei", Role.GUIDE, "mei")


def define(clock, key: str, kind: str = "text", **more: Any) -> int:
    if kind in {"choice", "choices"}:
        more = {"choices": TEAS} | more
    draft = FieldDraft(zh=f"字段{key}", en=key, key=key, type=kind, **more)
    return actions.create_field(SYSTEM, draft, now=clock.now())


def told(clock, at: int, *people: Any, **traits: Any) -> int:
    mode = traits.pop("mode", None)
    properties = {"trait_mode": mode} if mode else {}
    source = traits.pop("source", "shop")
    one = fact(
        *(people or (unionid("u1"),)),
        at=to_ms(clock.now()) + at,
        name="identified",
        traits=traits,
        properties=properties,
        source=source,
        message_id=f"{at}{mode}{source}{traits}",
    )
    return who(feed(clock, one)[0])


def now_of(customer: int) -> dict[str, Any]:
    return queries.custom_values_of([customer]).get(customer, {})


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        ("text", " 喜欢茉莉 ", "喜欢茉莉"),
        ("number", "1,234.50", 1234.5),
        ("number", 2.0, 2),
        ("integer", "42", 42),
        ("date", "2026/11/11", "2026-11-11"),
        ("date", "2026-11-10T17:00:00Z", "2026-11-11"),
        ("datetime", "2026-11-11 10:00:00", "2026-11-11T02:00:00.000Z"),
        ("bool", "是", True),
        ("bool", 0, False),
        ("choice", "绿茶", "green"),
        ("choices", "红茶、green", ["green", "red"]),
        ("choices", ["red", "red"], ["red"]),
        ("phone", "139 1234 5678", "+8613912345678"),
        ("email", "Ann@Example.com", "ann@example.com"),
    ],
)
def test_each_type_keeps_one_form(kind, raw, kept):
    field = FieldInfo(1, "f", "字段", "f", kind, TEAS, kind in {"phone", "email"})
    assert parse_value(field, raw) == kept
    assert parse_value(field, kept) == kept


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("text", ["x"], "field.text"),
        ("text", "字" * 501, "field.text"),
        ("text", "a\x00b", "field.text"),
        ("text", "电话 13912345678", "field.looks_personal"),
        ("number", "12abc", "field.number"),
        ("number", float("nan"), "field.number"),
        ("number", float("inf"), "field.number"),
        ("number", True, "field.number"),
        ("number", "9" * 18, "field.number_range"),
        ("integer", 1.5, "field.integer"),
        ("date", "2026-02-30", "field.date"),
        ("date", "0001-01-01", "field.date"),
        ("datetime", 10**30, "field.datetime"),
        ("bool", "maybe", "field.bool"),
        ("choice", "乌龙", "field.choice"),
        ("choices", "绿茶,乌龙", "field.choice"),
        ("phone", "123", "field.phone"),
        ("phone", "1.39E+10", "field.phone"),
        ("email", "ann@", "field.email"),
        ("text", "", "field.empty"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code_and_the_field(kind, raw, code):
    field = FieldInfo(1, "taste", "口味", "Taste", kind, TEAS, kind in {"phone", "email"})
    with pytest.raises(Refused) as refused:
        parse_value(field, raw)
    assert (refused.value.code, refused.value.field) == (code, "taste")


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (FieldDraft(zh="x", key="1a"), "field.key"),
        (FieldDraft(zh="x", key="Stage"), "field.reserved"),
        (FieldDraft(zh="", key="a"), "field.name"),
        (FieldDraft(zh="x", key="a", type="blob"), "field.type"),
        (FieldDraft(zh="x", key="a", type="text", rule="max"), "field.rule"),
        (FieldDraft(zh="x", key="a", type="choices", rule="union"), "field.choices"),
        (FieldDraft(zh="x", key="a", type="choice", choices=TEAS * 2), "field.choices"),
        (FieldDraft(zh="x", key="a", rule="priority"), "field.sources"),
        (FieldDraft(zh="x", key="a", choices=TEAS), "field.choices"),
        (FieldDraft(zh="x", key="taken"), "field.taken"),
    ],
)
def test_bad_definitions_are_refused(clock, draft, code):
    define(clock, "taken")
    with pytest.raises(Refused) as refused:
        actions.create_field(SYSTEM, draft, now=clock.now())
    assert refused.value.code == code


def test_who_may_define_and_who_may_fill(clock):
    customer = told(clock, 0)
    with pytest.raises(Forbidden):
        actions.create_field(GUIDE, FieldDraft(zh="x", key="a"), now=clock.now())
    define(clock, "a")
    with pytest.raises(NotFound):
        actions.set_values(GUIDE, customer, {"a": "x"}, now=clock.now())
    analyst = Actor("wang", Role.ANALYST)
    with pytest.raises(Forbidden):
        actions.set_values(analyst, customer, {"a": "x"}, now=clock.now())


def test_values_by_hand_are_all_or_none_and_audited(clock, lin):
    customer = told(clock, 0)
    define(clock, "size", "integer")
    define(clock, "taste", "choice")
    with pytest.raises(Refused):
        actions.set_values(lin, customer, {"size": 3, "taste": "乌龙"}, now=clock.now())
    assert not Observation.objects.exists()
    actions.set_values(lin, customer, {"size": "3", "taste": "绿茶"}, now=clock.now())
    assert now_of(customer) == {"size": 3, "taste": "green"}
    actions.set_values(lin, customer, {"size": None}, now=clock.now())
    assert now_of(customer) == {"taste": "green"}
    last = AuditEntry.objects.filter(verb="set_fields").latest("id")
    assert last.detail == {"fields": ["size"]}
    with pytest.raises(NotFound):
        actions.set_values(lin, customer, {"nothing": 1}, now=clock.now())


def test_facts_fill_fields_and_bad_ones_are_kept_with_the_reason(clock):
    define(clock, "age", "integer")
    customer = told(clock, 0, age=30, city="沪")
    told(clock, 5, age="thirty-one")
    assert now_of(customer) == {"age": 30}
    assert [row.field for row in queries.traits_of(customer)] == ["city"]
    page = field_queries.history(customer, "age")
    assert [(row.value, row.reason, row.is_current) for row in page.items] == [
        ("thirty-one", "field.number", False),
        (30, "", True),
    ]
    [row] = field_queries.list_fields(SYSTEM)
    assert (row.filled, row.rejected) == (1, 1)


def test_the_same_word_counts_once(clock):
    define(clock, "age", "integer")
    for _ in range(3):
        told(clock, 0, age=30)
    assert Observation.objects.count() == 1


def test_what_facts_said_before_the_definition_becomes_its_history(clock):
    customer = told(clock, 0, age=30)
    told(clock, 7, age="old")
    told(clock, 1, user("m1"), points=5)
    told(clock, 2, user("m1"), points=2, mode="increment")
    define(clock, "age", "integer")
    define(clock, "points", "integer")
    while actions.work_on_fields():
        pass
    assert now_of(customer) == {}
    other = told(clock, 3, user("m1"))
    assert now_of(other) == {"points": 7}
    told(clock, 8, age=31)
    assert now_of(customer) == {"age": 31}
    assert not Trait.objects.exists()
    assert field_queries.history(customer, "age").items[1].reason == "field.number"


@pytest.mark.parametrize(
    ("rule", "value"), [("latest", 3), ("first", 5), ("max", 9), ("min", 2), ("priority", 9)]
)
def test_rules_and_changing_one_recomputes_from_the_history(clock, rule, value):
    field = define(clock, "size", "integer")
    customer = told(clock, 10, size=9, source="import:a")
    told(clock, 5, size=5)
    told(clock, 40, size=3)
    told(clock, 20, size=2, source="wecom:ww1")
    assert now_of(customer) == {"size": 3}
    sources = ("import", "wecom") if rule == "priority" else ()
    draft = FieldDraft(zh="尺码", rule=rule, sources=sources)
    actions.update_field(SYSTEM, field, draft, now=clock.now())
    while actions.work_on_fields():
        pass
    assert now_of(customer) == {"size": value}
    assert field_queries.list_fields(SYSTEM)[0].progress is None


def test_union_of_choices_and_taking_away(clock):
    define(clock, "tea", "choices", rule="union")
    customer = told(clock, 10, tea=["red"])
    told(clock, 5, tea="绿茶")
    assert now_of(customer) == {"tea": ["green", "red"]}
    told(clock, 7, tea=None, mode="unset")
    assert now_of(customer) == {"tea": ["red"]}


def test_steps_fit_their_types_only(clock):
    define(clock, "points", "integer")
    define(clock, "note")
    customer = told(clock, 1, points=1, note="a", mode="increment")
    told(clock, 2, points=4, mode="increment")
    told(clock, 0, points=10)
    told(clock, 3, points=7, mode="set_once")
    assert now_of(customer) == {"points": 15}
    assert Observation.objects.get(value='"a"').reason == "field.step"


def test_merge_joins_the_histories_and_unmerge_parts_them(clock, lin):
    define(clock, "size", "integer", rule="max")
    one = told(clock, 0, size=4)
    other = told(clock, 1, user("m1"), size=9)
    survivor = actions.merge_customers(lin, one, other, reason="同一人", now=clock.now())
    assert now_of(survivor) == {"size": 9}
    graph = queries.get_customer(lin, survivor)
    assert len(graph.identities) == 2
    from siyu.pool.models import Edge

    actions.retract_edge(lin, Edge.objects.get().pk, reason="认错", now=clock.now())
    assert (now_of(one), now_of(other)) == ({"size": 4}, {"size": 9})
    assert FieldValue.objects.count() == 2


def test_personal_fields_are_masked_audited_and_never_in_the_lake(clock, lin):
    from siyu.pool.lake_tables import TABLES

    define(clock, "second_phone", "phone")
    define(clock, "size", "integer")
    customer = told(clock, 0, second_phone="139 1234 5678", size=4)
    rows = {row.field.key: row.value for row in field_queries.values_of_customer(customer)}
    assert rows == {"second_phone": "139****5678", "size": 4}
    assert field_queries.history(customer, "second_phone").items[0].value == "139****5678"
    assert field_queries.reveal(lin, customer, "second_phone", now=clock.now()) == "+8613912345678"
    assert AuditEntry.objects.get(verb="reveal_field").detail == {"field": "second_phone"}
    with pytest.raises(Forbidden):
        field_queries.reveal(GUIDE, customer, "second_phone", now=clock.now())
    [table] = [one for one in TABLES if one["name"] == "custom_values"]
    from siyu.pool.rows import fetch

    assert [row[1] for row in fetch(table["sql"])] == ["size"]
    assert [field.key for field in queries.field_catalogue()] == ["size"]


def test_a_personal_field_cannot_become_public_again(clock):
    field = define(clock, "note", is_personal=True)
    with pytest.raises(Refused) as refused:
        actions.update_field(SYSTEM, field, FieldDraft(zh="备注"), now=clock.now())
    assert refused.value.code == "field.personal_fixed"


def test_a_choice_in_use_stays_and_a_new_one_heals_what_was_refused(clock):
    field = define(clock, "tea", "choice")
    customer = told(clock, 0, tea="green")
    told(clock, 5, tea="white")
    left = FieldDraft(zh="茶", choices=TEAS[1:])
    with pytest.raises(Conflict) as refused:
        actions.update_field(SYSTEM, field, left, now=clock.now())
    assert refused.value.code == "field.choice_used"
    more = FieldDraft(zh="茶", choices=(*TEAS, FieldChoice("white", "白茶", "White")))
    actions.update_field(SYSTEM, field, more, now=clock.now())
    while actions.work_on_fields():
        pass
    assert now_of(customer) == {"tea": "white"}


def test_archiving_hides_and_restoring_brings_back_all(clock):
    field = define(clock, "size", "integer")
    customer = told(clock, 0, size=4)
    actions.archive_field(SYSTEM, field, is_archived=True, now=clock.now())
    assert now_of(customer) == {}
    told(clock, 5, size=5)
    actions.archive_field(SYSTEM, field, is_archived=False, now=clock.now())
    assert now_of(customer) == {"size": 5}


def test_lists_show_and_filter_by_fields(clock, lin):
    define(clock, "size", "integer", is_listed=True)
    customer = told(clock, 0, size=4)
    told(clock, 0, user("m1"), size=5)
    [row] = queries.list_customers(lin, CustomerFilter(field="size", value="4")).items
    assert (row.id, row.fields) == (customer, {"size": 4})
    with pytest.raises(Refused):
        queries.count_customers(lin, CustomerFilter(field="size", value="x"))
    define(clock, "email2", "email")
    with pytest.raises(Refused) as refused:
        queries.count_customers(lin, CustomerFilter(field="email2", value="a@b.cn"))
    assert refused.value.code == "field.personal"


def test_erasing_leaves_nothing_of_a_person(clock, lin):
    define(clock, "size", "integer")
    customer = told(clock, 0, size=4)
    actions.erase_customer(lin, customer, now=clock.now())
    assert not Observation.objects.exists()
    assert not FieldValue.objects.exists()


def test_templates_know_the_fields(clock):
    define(clock, "size", "integer")
    customer = told(clock, 0, size=4)
    assert queries.profile_values([customer])[customer]["size"] == 4


def test_imports_are_checked_before(clock):
    define(clock, "size", "integer")
    assert queries.check_traits({"size": "4", "city": "沪"}) == {"size": 4, "city": "沪"}
    with pytest.raises(Refused) as refused:
        queries.check_traits({"size": "four"})
    assert refused.value.field == "size"


RULES = st.sampled_from(["latest", "first", "priority", "max", "min"])
WORDS = st.builds(
    lambda at, mode, value, source: Observed(
        at, RANKS[mode], "null" if mode == "unset" else json.dumps(value), source, mode
    ),
    st.integers(0, 6),
    st.sampled_from(["set", "set", "set", "unset", "increment", "set_once"]),
    st.integers(-3, 9),
    st.sampled_from(["shop", "wecom:ww1", "user:lin"]),
)


@given(RULES, st.lists(WORDS, max_size=9), st.randoms())
def test_the_order_of_arrival_does_not_matter(rule, words, random):
    field = FieldInfo(1, "f", "f", "f", "integer", rule=rule, sources=("user", "shop"))
    mixed = list(words)
    random.shuffle(mixed)
    assert settle(field, words) == settle(field, mixed)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    RULES,
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=6
    ),
    st.permutations(range(3)),
    st.randoms(),
)
def test_any_arrival_and_any_merge_order_give_the_same_value(clock, rule, words, joins, random):
    """Three people told of in any order, joined in any order: one value; parted: theirs again."""
    clear()
    sources = ("wecom",) if rule == "priority" else ()
    define(clock, "size", "integer", rule=rule, sources=sources)
    ids = [unionid("u1"), user("m1"), phone("+8613912345670")]
    seen = [
        {who_: told(clock, at, ids[who_], size=value) for at, value, who_ in order}
        for order in (words, random.sample(words, len(words)))
    ]
    assert seen[0] == seen[1]
    for number in range(3):
        told(clock, 9, ids[number])
    alone = {n: now_of(told(clock, 9, ids[n])) for n in range(3)}
    pairs = [(0, 1), (1, 2), (0, 2)]
    for number in joins:
        one, other = pairs[number]
        told(clock, 10, ids[one], ids[other])
    field = FieldInfo(1, "f", "f", "f", "integer", rule=rule, sources=sources)
    at = to_ms(clock.now())
    expected = settle(
        field,
        {Observed(at + when, 0, json.dumps(value), "shop", "set") for when, value, _ in words},
    )
    assert expected is not None
    assert now_of(told(clock, 11, ids[0])) == {"size": expected.value}
    part(clock)
    assert {n: now_of(told(clock, 12, ids[n])) for n in range(3)} == alone


def clear() -> None:
    from django.apps import apps

    from siyu.pool.memory import forget_everybody

    for model in apps.get_app_config("pool").get_models():
        if model.__name__ != "Epoch":
            model._default_manager.all().delete()
    forget_everybody()


def part(clock) -> None:
    from siyu.pool.models import Edge

    for edge in Edge.objects.filter(retracted_at=None):
        actions.retract_edge(SYSTEM, edge.pk, reason="分开", now=clock.now())
