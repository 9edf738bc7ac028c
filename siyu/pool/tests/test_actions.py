"""Tags, traits, relations, consent, stages and erasure."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from siyu.core.access import SYSTEM
from siyu.core.models import AuditEntry
from siyu.core.pipeline import Batch, Seen
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.pool import actions, belongings, queries
from siyu.pool.models import Customer, CustomerTag, Relation
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.tests.people import fact, feed, phone, unionid, user, who
from siyu.pool.types import ImportedCustomer, OrderTotals

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture
def hooks():
    """The pool's hooks, put back afterwards as they were."""
    kept: list[list[Any]] = [
        belongings._callbacks,
        belongings._erasers,
        belongings._watchers,
    ]
    before = [list(one) for one in kept]
    for one in kept:
        one.clear()
    yield belongings
    for one, former in zip(kept, before, strict=True):
        one[:] = former


def someone(clock, name: str = "u1", **more) -> int:
    return who(feed(clock, fact(unionid(name), at=to_ms(clock.now()), **more))[0])


def friend(at: int, name: str, **more):
    defaults = {"platform": "wecom", "account": "wecom:ww1", "staff": "mei"}
    return fact(unionid("u1"), at=at, name=name, **(defaults | more))


def test_latest_trait_by_event_time_wins(clock):
    at = to_ms(clock.now())
    feed(clock, fact(unionid("u1"), at=at, traits={"name": "新", "city": "沪", "age": 30}))
    [seen] = feed(clock, fact(unionid("u1"), at=at - 5000, traits={"name": "旧", "vip": True}))
    values = queries.profile_values([who(seen)])[who(seen)]
    assert (values["name"], values["city"], values["age"], values["vip"]) == ("新", "沪", 30, True)
    assert queries.names_of([who(seen)]) == {who(seen): "新"}


def test_unfollow_before_follow_leaves_no_friend(clock):
    at = to_ms(clock.now())
    feed(clock, friend(at, "friend_lost"))
    [seen] = feed(clock, friend(at - 1000, "friend_added", properties={"state": "code7"}))
    [relation] = queries.relations_of([who(seen)])[who(seen)]
    assert (relation.is_friend, relation.state) == (False, "code7")
    feed(clock, friend(at + 1000, "friend_synced"))
    assert Relation.objects.get().is_friend
    assert Customer.objects.get().owner_staff == "mei"


def test_follower_of_an_account_is_reachable_without_staff(clock):
    customer = someone(clock, name="u1")
    feed(clock, fact(unionid("u1"), at=to_ms(clock.now()), name="followed", account="douyin:ck"))
    row = Customer.objects.get(pk=customer)
    assert (row.is_reachable, row.owner_staff) == (True, "")


def test_platform_tags_are_the_latest_list(clock):
    at = to_ms(clock.now())
    vip = {"remote_id": "t1", "name": "VIP", "group": "等级"}
    new = {"remote_id": "t2", "name": "新客", "group": "来源"}
    [seen] = feed(clock, friend(at, "friend_edited", private={"tags": [vip, new]}))
    feed(clock, friend(at + 1000, "friend_edited", private={"tags": [new]}))
    feed(clock, friend(at + 500, "friend_edited", private={"tags": [vip]}))
    page = queries.get_customer(SYSTEM, who(seen))
    assert [(tag.group, tag.name) for tag in page.row.tags] == [("来源", "新客")]
    assert page.relations == []


def test_tags_by_hand_are_audited_and_follow_the_person(clock, lin):
    one, other = someone(clock, "u1"), someone(clock, "u2")
    tag = actions.ensure_tag(lin, "活动", "双十一", now=clock.now())
    assert actions.ensure_tag(lin, "活动", " 双十一 ", now=clock.now()) == tag
    assert actions.add_tags(lin, [one, other], [tag], origin="manual", now=clock.now()) == 2
    actions.merge_customers(lin, one, other, reason="同一人", now=clock.now())
    assert CustomerTag.objects.filter(customer_id=one).count() == 2
    assert [t.name for t in queries.get_customer(lin, other).row.tags] == ["双十一"]
    actions.remove_tags(lin, [other], [tag], now=clock.now())
    assert not CustomerTag.objects.exists()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"create_tag", "customer.tag", "customer.untag", "merge_customers"} <= verbs


def test_consent_after_merge_is_the_most_restrictive(clock, lin):
    one, other = someone(clock, "u1"), someone(clock, "u2")
    word = {"channel": "*", "purpose": "marketing", "source": "test", "now": clock.now()}
    actions.set_consent(lin, one, is_granted=True, **word)
    actions.set_consent(lin, other, is_granted=False, **word)
    ask = {"channel": "wecom.mass_send", "purpose": "marketing"}
    assert queries.consent_of([one, other, 999], **ask) == {one: True, other: False, 999: None}
    actions.merge_customers(lin, one, other, reason="同一人", now=clock.now())
    assert queries.consent_of([one], **ask) == {one: False}
    actions.set_consent(lin, one, is_granted=True, **word)
    assert queries.consent_of([one], **ask) == {one: True}


def test_consent_of_a_channel_does_not_speak_for_others(clock, lin):
    one = someone(clock)
    actions.set_consent(
        lin,
        one,
        channel="douyin.dm",
        purpose="marketing",
        is_granted=False,
        source="test",
        now=clock.now(),
    )
    assert queries.consent_of([one], channel="wecom.mass_send", purpose="marketing")[one] is None
    with pytest.raises(Refused):
        actions.set_consent(
            lin, one, channel="*", purpose="x", is_granted=True, source="", now=clock.now()
        )


def advance(clock, *facts) -> None:
    batch = Batch([Seen(one) for one in facts], clock.now())
    actions.resolve(batch)
    actions.advance_stages(batch)


def test_flywheel_turns_once_per_stage(clock, lin):
    at = to_ms(clock.now())
    advance(clock, friend(at, "friend_added"), friend(at + 1, "message_received"))
    advance(clock, friend(at + 5, "message_received"), friend(at + 9, "referred"))
    customer = Customer.objects.get()
    stages = queries.get_customer(lin, customer.pk).stages
    assert [(s.stage, to_ms(s.at) - at) for s in stages] == [
        ("attract", 0),
        ("delight", 1),
        ("spread", 9),
    ]
    total = OrderTotals(customer.pk, 2, 0, 9900, clock.now(), clock.now())
    actions.set_order_totals([total])
    customer.refresh_from_db()
    assert (customer.stage, customer.order_count, customer.revenue_fen) == (5, 2, 9900)
    actions.set_order_totals([OrderTotals(customer.pk, 0, 2, 0, None, None)])
    customer.refresh_from_db()
    assert (customer.stage, customer.order_count) == (3, 0)


def test_three_views_are_delight_and_a_phone_is_attract(clock):
    at = to_ms(clock.now())
    views = [fact(user("m1"), phone("+8613912345678"), at=at + n) for n in range(3)]
    advance(clock, *views[:2])
    assert Customer.objects.get().stage == 1
    advance(clock, views[2])
    assert Customer.objects.get().stage == 2


def test_registered_tables_and_callbacks_follow_moves(clock, lin, hooks):
    moved = []
    hooks.on_move(lambda moves, now: moved.extend(moves))
    one, other = someone(clock, "u1"), someone(clock, "u2")
    feed(clock, fact(unionid("u2"), at=to_ms(clock.now()), traits={"name": "甲"}))
    actions.merge_customers(lin, one, other, reason="同一人", now=clock.now())
    assert [(m.from_customer, m.to_customer) for m in moved] == [(other, one)]
    assert queries.names_of([one]) == {one: "甲"}
    assert queries.current_customer_id(other) == one


def test_merge_needs_right_and_reason(clock, lin, mei, wu):
    one, other = someone(clock, "u1"), someone(clock, "u2")
    for actor in (mei, wu):
        with pytest.raises(Forbidden):
            actions.merge_customers(actor, one, other, reason="x", now=clock.now())
    with pytest.raises(Refused):
        actions.merge_customers(lin, one, other, reason=" ", now=clock.now())
    with pytest.raises(Conflict):
        actions.merge_customers(lin, one, one, reason="x", now=clock.now())
    with pytest.raises(NotFound):
        actions.merge_customers(lin, one, 999, reason="x", now=clock.now())
    with pytest.raises(NotFound):
        actions.retract_edge(lin, 999, reason="x", now=clock.now())


def test_import_takes_customers_in_once(clock):
    row = ImportedCustomer(
        identities=(("phone", "139 1234 5678", ""), ("import_id", "77", "old-crm")),
        source="import:crm",
        at=clock.now(),
        traits={"name": "乙"},
    )
    assert actions.import_customers([row, row]) == 2
    actions.import_customers([row])
    assert Customer.objects.get().name == "乙"
    assert IdentityTable.objects.count() == 2


CANARY = "kanarienvogel"


def every_text() -> str:
    """All that the pool's tables hold, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("pool_"):
                cursor.execute(f"SELECT * FROM {table}")
                found.append(repr(cursor.fetchall()))
    return "".join(found)


def test_erasure_leaves_nothing_personal_and_late_facts_bring_nobody_back(clock, lin, hooks):
    at = to_ms(clock.now())
    gone: list[int] = []
    hooks.on_erase(gone.extend)
    told = {"name": CANARY, "city": CANARY}
    canary = fact(unionid(CANARY), phone("+8613912349999"), at=at, traits=told)
    [seen] = feed(clock, canary)
    stranger = feed(clock, fact(unionid("u2"), phone("+8613912349999"), at=at + 1))[0]
    assert CANARY in every_text()
    identities = list(
        IdentityTable.objects.filter(customer_id=who(seen)).values_list("pk", flat=True)
    )
    clock.advance(days=1)
    actions.erase_customer(lin, who(seen), now=clock.now())
    text = every_text()
    assert CANARY not in text
    assert "13912349999" not in text
    assert sorted(gone) == sorted(identities)
    assert queries.erased_of([who(seen), who(stranger)]) == {who(seen)}
    late = feed(clock, canary, fact(unionid(CANARY), at=to_ms(clock.now()) + 5))
    assert [one.customer_id for one in late] == [None, None]
    assert CANARY not in every_text()
    with pytest.raises(NotFound):
        queries.get_customer(lin, who(seen))


def test_who_comes_back_as_a_friend_after_erasure_is_welcome(clock, lin):
    customer = someone(clock)
    actions.erase_customer(lin, customer, now=clock.now())
    clock.advance(days=1)
    [seen] = feed(clock, friend(to_ms(clock.now()), "friend_added"))
    assert seen.customer_id not in {None, customer}
    [again] = feed(clock, fact(unionid("u1"), at=to_ms(clock.now())))
    assert again.customer_id == seen.customer_id


def test_only_who_may_erases(clock, mei, wu):
    customer = someone(clock)
    for actor in (mei, wu):
        with pytest.raises(Forbidden):
            actions.erase_customer(actor, customer, now=clock.now())
