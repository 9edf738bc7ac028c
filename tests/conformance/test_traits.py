"""Rule 11, of attributes: one value by the field's rule, whatever the order; listed in docs."""

from __future__ import annotations

from typing import Any

import pytest

from siyu.core.access import SYSTEM
from siyu.kernel.clock import to_ms
from siyu.pool import actions, queries
from siyu.pool.actions import FieldDraft
from siyu.pool.fields import queries as field_queries
from siyu.pool.fields.types import FieldChoice
from siyu.pool.models import Edge
from siyu.pool.tests.people import fact, feed, unionid, user, who

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
TEAS = (FieldChoice("green", "绿茶", "Green"), FieldChoice("red", "红茶", "Black"))
RULES = {"latest": 3, "first": 5, "priority": 9, "max": 9, "min": 2}
TOLD = ((10, 9, "import:a"), (5, 5, "shop"), (40, 3, "shop"), (20, 2, "wecom:ww1"))


def define(clock, key: str, kind: str, **more: Any) -> int:
    draft = FieldDraft(zh=key, key=key, type=kind, **more)
    return actions.create_field(SYSTEM, draft, now=clock.now())


def tell(clock, at: int, value: Any, source: str = "shop", *, person=None, key="size") -> int:
    one = fact(
        person or unionid("u1"),
        at=to_ms(clock.now()) + at,
        name="identified",
        traits={key: value},
        source=source,
    )
    return who(feed(clock, one)[0])


def value_of(customer: int) -> dict[str, Any]:
    return queries.custom_values_of([customer]).get(customer, {})


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("turn", range(4))
def test_rule_11_each_field_has_its_rule_whatever_the_order(clock, rule, turn):
    sources = ("import", "wecom") if rule == "priority" else ()
    define(clock, "size", "integer", rule=rule, sources=sources)
    for at, value, source in TOLD[turn:] + TOLD[:turn]:
        customer = tell(clock, at, value, source)
    assert value_of(customer) == {"size": RULES[rule]}


def test_rule_11_union_keeps_every_choice_ever_told(clock):
    define(clock, "tea", "choices", choices=TEAS, rule="union")
    tell(clock, 10, ["red"], key="tea")
    customer = tell(clock, 5, ["green"], key="tea")
    assert value_of(customer) == {"tea": ["green", "red"]}


def test_rule_11_a_changed_rule_is_worked_out_over_the_history(clock):
    field = define(clock, "size", "integer")
    for at, value, source in TOLD:
        customer = tell(clock, at, value, source)
    actions.update_field(SYSTEM, field, FieldDraft(zh="size", rule="max"), now=clock.now())
    while actions.work_on_fields():
        pass
    assert value_of(customer) == {"size": 9}


def test_rule_11_a_merge_reads_both_histories_and_a_split_gives_them_back(clock, lin):
    define(clock, "size", "integer", rule="first")
    one = tell(clock, 5, 5)
    other = tell(clock, 1, 9, person=user("m1"))
    survivor = actions.merge_customers(lin, one, other, reason="同一人", now=clock.now())
    assert value_of(survivor) == {"size": 9}
    actions.retract_edge(lin, Edge.objects.get().pk, reason="认错", now=clock.now())
    assert (value_of(one), value_of(other)) == ({"size": 5}, {"size": 9})


def test_rule_11_every_word_is_kept_with_its_source_and_time(clock):
    define(clock, "size", "integer", rule="max")
    for at, value, source in TOLD:
        customer = tell(clock, at, value, source)
    tell(clock, 50, "huge")
    found = field_queries.history(customer, "size").items
    assert [(row.value, row.source, row.reason) for row in found] == [
        ("huge", "shop", "field.number"),
        (3, "shop", ""),
        (2, "wecom:ww1", ""),
        (9, "import:a", ""),
        (5, "shop", ""),
    ]
    assert [row.value for row in found if row.is_current] == [9]
