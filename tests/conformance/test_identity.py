"""Rules 5 to 13 of identity, and the promises R14 and R15; listed in docs/conformance.md."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.commerce import actions as commerce
from siyu.core.models import AuditEntry
from siyu.core.pipeline import Batch, Seen
from siyu.journeys import actions as journeys
from siyu.journeys.models import Entry
from siyu.kernel.clock import FakeClock, to_ms
from siyu.kernel.errors import Conflict, Refused
from siyu.kernel.identity import Identity, NamespaceRule, Namespaces
from siyu.pool import actions, belongings, evidence, poisoning, queries, rebuilding, reviewing
from siyu.pool.models import Customer, Edge, Tombstone
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.rebuild import preview_rebuild
from siyu.pool.reviewing import Verdict
from siyu.pool.rules import MAX_COMPONENT, MAX_GROUP
from siyu.pool.tests.people import cookie, fact, feed, phone, unionid, user, who
from siyu.pool.tests.test_order_free import clear, exact
from siyu.reach.models import Touch

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("run_time", "whole"),
]
NOW = FakeClock(datetime(2026, 11, 11, 2, 0, tzinfo=UTC))
START = to_ms(NOW.now()) - 50_000_000
SHARED = phone("+8613912345678")
SIZE = int(os.environ.get("SIYU_CONFORMANCE_EVENTS", "3000"))
"""Events of R15 and identities of a crowd; 100000 for the full size."""
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def whole():
    """What hangs on identities follows them, as in the product."""
    kept = dict(belongings._tables), list(belongings._callbacks)
    for table in ("commerce_order", "reach_touch", "journeys_entry"):
        belongings.register(table)
    belongings.on_move(commerce.on_customers_moved)
    belongings.on_move(journeys.on_customers_moved)
    yield
    belongings._tables.clear()
    belongings._tables.update(kept[0])
    belongings._callbacks[:] = kept[1]


def silent(_phase: str, _done: int, _total: int) -> None:
    return None


def groups() -> set[frozenset[str]]:
    homes: dict[int, set[str]] = {}
    for customer, value in IdentityTable.objects.values_list("customer_id", "value"):
        homes.setdefault(customer, set()).add(value)
    return {frozenset(members) for members in homes.values()}


def home(value: str) -> int:
    return IdentityTable.objects.get(value=value).customer_id


@st.composite
def histories(draw):
    people = [unionid(f"u{n}") for n in range(3)] + [SHARED, phone("+8613912345679")]
    people += [user("m1"), cookie("c1"), cookie("c2")]
    return [
        fact(
            *draw(st.lists(st.sampled_from(people), min_size=1, max_size=3, unique=True)),
            at=START + 86_400_000 * draw(st.integers(0, 9)) // 4,
            source=draw(st.sampled_from(["shop", "app"])),
            message_id=str(number),
        )
        for number in range(draw(st.integers(2, 9)))
    ]


@SLOW
@given(histories(), st.sampled_from(["", "1 ever", "2 per 1 days"]), st.data())
def test_rule_05_edges_decide_whatever_their_order(run_time, lin, made, limit, data):
    clear()
    run_time.namespaces = Namespaces(run_time.namespaces)
    if limit:
        rules = {"phone": {"limit": limit}, "anonymous_id": {"limit": "1 ever"}}
        rebuilding.change_rules(lin, rules, reason="试", now=NOW.now())
    feed(NOW, *made)
    expected = groups()
    states = sorted(Edge.objects.values_list("source", "evidence", "state", "reason"))
    found = preview_rebuild()
    assert (found.merges, found.splits, len(found.changed)) == (0, 0, 0)
    clear()
    if limit:
        rebuilding.change_rules(lin, rules, reason="试", now=NOW.now())
    for one in data.draw(st.permutations(made)):
        feed(NOW, one)
    assert groups() == expected
    assert sorted(Edge.objects.values_list("source", "evidence", "state", "reason")) == states


@SLOW
@given(histories(), st.data())
def test_rule_05_unmerge_is_a_retracted_edge(run_time, lin, made, data):
    clear()
    extra = fact(unionid("u0"), phone("+8613500000001"), at=START, source="crm", message_id="x")
    feed(NOW, *made, fact(unionid("u0"), at=START), fact(phone("+8613500000001"), at=START))
    before = groups()
    feed(NOW, extra)
    edge = Edge.objects.get(source="crm")
    actions.retract_edge(lin, edge.pk, reason="弄错了", now=NOW.now())
    assert groups() == before
    assert Edge.objects.filter(pk=edge.pk, retracted_reason="弄错了").exists()


def test_rule_06_weak_never_joins_two_strong_of_one_kind():
    device = cookie("c1")
    feed(NOW, fact(unionid("u1"), device, at=START), fact(unionid("u2"), device, at=START + 1))
    assert groups() == {frozenset({"u1", "c1"}), frozenset({"u2"})}
    feed(NOW, fact(user("m1"), cookie("c2"), at=START), fact(SHARED, cookie("c2"), at=START + 1))
    assert frozenset({"m1", "c2", SHARED.value}) in groups()


def test_rule_07_on_conflict_the_id_of_least_priority_gives_way(lin):
    feed(NOW, fact(unionid("u1"), user("m1"), at=START))
    [seen] = feed(NOW, fact(user("m1"), unionid("u2"), at=START + 5, name="order_paid"))
    assert who(seen) == home("u2") != home("m1")
    refused = Edge.objects.get(state="refused")
    assert (refused.reason, refused.evidence) == ("single_valued", "order_paid")
    assert home("m1") == home("u1")
    assert [entry.edge_id for entry in evidence.list_conflicts(lin).items] == [refused.pk]


def test_rule_08_a_namespace_limit_refuses_keeps_and_asks(lin):
    rules = {"phone": {"limit": "2 per 7 days"}}
    rebuilding.change_rules(lin, rules, reason="一周两个", now=NOW.now())
    day = 86_400_000
    for n, at in enumerate((0, day, 2 * day)):
        number = phone(f"+861391234567{n}")
        [seen] = feed(NOW, fact(unionid("u1"), number, at=START - 9 * day + at))
        assert seen.customer_id == home("u1")
    assert home("+8613912345672") != home("u1")
    assert Edge.objects.get(reason="limit").state == "refused"
    assert [entry.kind for entry in evidence.list_conflicts(lin).items] == ["limit"]
    feed(NOW, fact(unionid("u1"), phone("+8613912345673"), at=START))
    assert home("+8613912345673") == home("u1")


@pytest.mark.parametrize(
    ("namespace", "value"),
    [
        ("phone", "13800138000"),
        ("phone", "12345678901"),
        ("phone", "00000000000"),
        ("phone", "11111111111"),
        ("phone", "4008123123"),
        ("phone", "021-62881234"),
        ("phone", "1.38E+10"),
        ("phone", "10690000"),
        ("user_id", "null"),
        ("user_id", "undefined"),
        ("user_id", "anonymous"),
        ("user_id", "-1"),
        ("user_id", "d41d8cd98f00b204e9800998ecf8427e"),
        ("anonymous_id", "00000000-0000-0000-0000-000000000000"),
        ("email", "x" * 320 + "@a.cn"),
    ],
)
def test_rule_08_what_is_nobody_s_is_no_identity(namespace, value):
    with pytest.raises(Refused) as error:
        Namespaces().identity(namespace, value)
    assert error.value.code
    assert error.value.field


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("+86 139-1234-5678", "+8613912345678"),
        ("0086-139-1234-5678", "+8613912345678"),
        ("139 1234 5678", "+8613912345678"),
        ("１３９１２３４５６７８", "+8613912345678"),
        ("13912345678.0", "+8613912345678"),
        ("+852 6123 4567", "+85261234567"),
        ("+853 6612 3456", "+85366123456"),
        ("+886 912 345 678", "+886912345678"),
    ],
)
def test_rule_08_every_way_to_write_a_number_is_one_number(told, kept):
    assert Namespaces().identity("phone", told).value == kept


def test_rule_08_mail_is_folded_and_look_alikes_stay_apart():
    known = Namespaces()
    assert known.identity("email", "Lin+shop@Example.COM").value == "lin+shop@example.com"
    latin, cyrillic = (known.identity("email", f"a@{d}.cn").value for d in ("apple", "аpple"))
    assert latin != cyrillic
    assert "xn--" in cyrillic


def test_rule_08_what_a_manifest_or_a_person_blocks_joins_nobody(run_time, lin):
    run_time.namespaces = Namespaces(
        [
            NamespaceRule(
                name="oaid",
                zh="OAID",
                en="OAID",
                limit="5 ever",
                is_single_valued=False,
                blocked_patterns=("0+[0-9a-f]?",),
            )
        ]
    )
    with pytest.raises(Refused):
        run_time.namespaces.identity("oaid", "00000a")
    staff = Identity("wx_unionid", "", "o-staff")
    poisoning.block_value(
        lin, "wx_unionid", "o-staff", is_pattern=False, reason="店员自己的号", now=NOW.now()
    )
    raw = Identity("oaid", "app", "0000")
    feed(NOW, fact(user("m1"), staff, raw, at=START), fact(user("m2"), staff, raw, at=START + 1))
    assert groups() == {frozenset({one}) for one in ("m1", "m2", "o-staff", "0000")}
    assert IdentityTable.objects.filter(is_quarantined=True).count() == 2


def test_rule_09_two_identified_people_are_joined_by_a_person_only(lin, mei):
    one, other = feed(NOW, fact(user("m1"), at=START), fact(user("m2"), at=START))
    feed(
        NOW, fact(user("m1"), cookie("c1"), at=START), fact(user("m2"), cookie("c1"), at=START + 1)
    )
    feed(NOW, fact(user("m1"), user("m2"), at=START + 2, name="alias"))
    assert home("m1") != home("m2")
    with pytest.raises(Exception, match="权限"):
        actions.merge_customers(mei, who(one), who(other), reason="同一人", now=NOW.now())
    actions.merge_customers(lin, who(one), who(other), reason="同一人", now=NOW.now())
    assert home("m1") == home("m2")
    assert AuditEntry.objects.filter(verb="merge_customers").exists()


def test_rule_10_an_openid_is_of_an_app_and_a_unionid_of_an_open_account():
    first, second = Identity("wx_unionid", "brand", "o1"), Identity("wx_unionid", "agency", "o2")
    same = Identity("wx_unionid", "brand", "o9")
    feed(NOW, fact(first, SHARED, at=START), fact(second, SHARED, at=START + 1))
    assert groups() == {frozenset({"o1", "o2", SHARED.value})}
    feed(NOW, fact(same, SHARED, at=START + 2))
    assert frozenset({"o9"}) in groups()
    added = fact(first, at=START, name="friend_added", account="wecom:ww1", staff="mei")
    [seen] = feed(NOW, added)
    [relation] = queries.relations_of([who(seen)])[who(seen)]
    assert (relation.staff, relation.identity_id) == ("mei", seen.identity_id)
    assert not IdentityTable.objects.filter(value="mei").exists()


def test_rule_11_consent_on_merge_is_the_most_restrictive(lin):
    one, other = feed(NOW, fact(user("m1"), at=START), fact(unionid("u1"), at=START))
    for customer, is_granted in ((who(one), True), (who(other), False)):
        actions.set_consent(
            lin,
            customer,
            channel="*",
            purpose="marketing",
            is_granted=is_granted,
            source="form",
            now=NOW.now(),
        )
    joined = actions.merge_customers(lin, who(one), who(other), reason="同一人", now=NOW.now())
    told = {"channel": "wecom.mass_send", "purpose": "marketing"}
    assert queries.consent_of([joined], **told) == {joined: False}
    edge = Edge.objects.get(strength="manual")
    actions.retract_edge(lin, edge.pk, reason="弄错了", now=NOW.now())
    both = queries.consent_of([who(one), who(other)], **told)
    assert both == {who(one): True, who(other): False}


def ordered(person: Identity, number: int):
    properties = {"order_id": f"o{number}", "revenue": "30.00", "currency": "CNY"}
    return fact(
        person,
        at=START + number,
        name="order_completed",
        properties=properties,
        message_id=f"o{number}",
    )


def test_rule_11_counters_are_recomputed_never_added(lin):
    batch = Batch(
        [Seen(ordered(p, n)) for n, p in enumerate((user("m1"), unionid("u1")))], NOW.now()
    )
    actions.resolve(batch)
    commerce.record_orders(batch)
    one, other = (who(seen) for seen in batch.seen)
    for _ in range(2):
        joined = actions.merge_customers(lin, one, other, reason="同一人", now=NOW.now())
        row = Customer.objects.get(pk=joined)
        assert (row.order_count, row.revenue_fen) == (2, 6000)
        edge = Edge.objects.get(strength="manual")
        actions.retract_edge(lin, edge.pk, reason="弄错了", now=NOW.now())
        rows = Customer.objects.filter(pk__in=[one, other]).values_list("order_count", flat=True)
        assert list(rows) == [1, 1]


def entry(seen: Seen, number: int) -> Entry:
    return Entry.objects.create(
        journey_id=7,
        version=1,
        customer_id=who(seen),
        identity_id=seen.identity_id,
        entry_key=f"e{number}",
        node="wait",
        awaits="wait",
        due_at=NOW.now(),
        triggered_at=NOW.now(),
        entered_at=datetime(2026, 11, number + 1, tzinfo=UTC),
    )


def test_rule_12_a_merge_moves_journeys_and_touches(lin):
    seen = feed(NOW, fact(user("m1"), at=START), fact(unionid("u1"), at=START))
    late, early = entry(seen[0], 5), entry(seen[1], 2)
    for number, one in enumerate(seen):
        Touch.objects.create(
            campaign="journey:7",
            version=1,
            step="s",
            entry_key=f"e{number}",
            customer_id=who(one),
            identity_id=one.identity_id,
            channel_kind="sms",
            planned_for=who(one),
            purpose="marketing",
            wording_id=1,
            state="accepted",
            planned_at=NOW.now(),
            due_at=NOW.now(),
            next_at=NOW.now(),
            expires_at=NOW.now(),
        )
    joined = actions.merge_customers(
        lin, who(seen[0]), who(seen[1]), reason="同一人", now=NOW.now()
    )
    late.refresh_from_db()
    early.refresh_from_db()
    assert (late.state, late.exit_reason) == ("exited", "merged")
    assert (early.state, early.customer_id) == ("active", joined)
    assert Touch.objects.filter(customer_id=joined, state="accepted").count() == 2
    edge = Edge.objects.get(strength="manual")
    actions.retract_edge(lin, edge.pk, reason="弄错了", now=NOW.now())
    assert Counter(Touch.objects.values_list("customer_id", flat=True)) == {
        who(seen[0]): 1,
        who(seen[1]): 1,
    }


def test_rule_13_old_ids_resolve_for_ever_and_erasure_covers_them_all(lin):
    seen = feed(NOW, *(fact(user(f"m{n}"), at=START) for n in range(3)))
    ids = [who(one) for one in seen]
    for other in ids[1:]:
        actions.merge_customers(lin, ids[0], other, reason="同一人", now=NOW.now())
    assert {queries.current_customer_id(one) for one in ids} == {min(ids)}
    actions.erase_customer(lin, ids[2], now=NOW.now())
    assert not IdentityTable.objects.exists()
    assert Tombstone.objects.count() == 3
    again = feed(NOW, *(fact(user(f"m{n}"), at=START + 9) for n in range(3)))
    assert [one.customer_id for one in again] == [None, None, None]


@SLOW
@given(histories(), st.data())
def test_r14_unmerge_of_merge_is_the_same_field_by_field(run_time, lin, made, data):
    clear()
    feed(NOW, *made)
    customers = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    if len(customers) < 2:
        return
    one, other = data.draw(st.permutations(customers))[:2]
    before = exact()
    actions.merge_customers(lin, one, other, reason="同一人", now=NOW.now())
    edge = Edge.objects.get(strength="manual", retracted_at=None)
    actions.retract_edge(lin, edge.pk, reason="弄错了", now=NOW.now())
    assert exact() == before


@SLOW
@given(histories(), st.data())
def test_r14_a_decision_undone_leaves_no_trace(run_time, lin, made, data):
    clear()
    feed(NOW, *made)
    entries = [one for one in evidence.list_conflicts(lin).items if one.edge_id]
    if not entries:
        return
    before = groups()
    verdict = data.draw(st.sampled_from([Verdict.MERGE, Verdict.APART]))
    chosen = data.draw(st.sampled_from(entries))
    try:
        done = reviewing.decide_conflict(lin, chosen.id, verdict, reason="看过", now=NOW.now())
    except Conflict:
        return
    assert preview_rebuild().merges == preview_rebuild().splits == 0
    reviewing.undo_decision(lin, done, reason="再看", now=NOW.now())
    assert groups() == before
    assert {one.edge_id for one in evidence.list_conflicts(lin).items if one.edge_id} == {
        one.edge_id for one in entries
    }


def test_r15_shared_ids_glue_no_strangers():
    honest = [fact(unionid(f"h{n}"), phone(f"+86136{n:08d}"), at=START) for n in range(50)]
    feed(NOW, *honest)
    before = groups()
    known = Namespaces()
    poison = [("phone", "13800138000"), ("user_id", "0000")]
    for namespace, value in poison:
        with pytest.raises(Refused):
            known.identity(namespace, value)
    tester, device = Identity("wx_unionid", "", "o-test"), cookie("kiosk")
    made = [
        fact(phone(f"+86135{n:08d}"), (tester, device)[n % 2], at=START + n) for n in range(SIZE)
    ]
    for start in range(0, SIZE, 500):
        feed(NOW, *made[start : start + 500])
        if start >= 1_000:
            assert IdentityTable.objects.filter(is_quarantined=True).count() == 2
    sizes = Counter(IdentityTable.objects.values_list("customer_id", flat=True))
    assert max(sizes.values()) <= 20
    assert before <= groups()


def chain(prefix: str, size: int, shift: int = 0) -> list:
    """Members of one chain, each linked to the next by a phone-like id."""
    return [
        fact(
            Identity("email", "", f"{prefix}{n}@a.cn"),
            Identity("email", "", f"{prefix}{n + 1}@a.cn"),
            at=START + shift + n,
        )
        for n in range(size)
    ]


def slowest(facts) -> float:
    """Median of the slowest twentieth of events one by one, in ms."""
    times = []
    for one in facts:
        started = time.perf_counter()
        feed(NOW, one)
        times.append((time.perf_counter() - started) * 1000)
    worst = sorted(times)[-max(1, len(times) // 20) :]
    return worst[len(worst) // 2]


def test_r15_an_event_costs_the_same_however_large_the_crowd(lin):
    half = max(SIZE // 2, MAX_COMPONENT + 200)
    for prefix in ("a", "b"):
        made = chain(prefix, half)
        for start in range(0, half, 500):
            feed(NOW, *made[start : start + 500])
    assert max(len(group) for group in groups()) <= MAX_GROUP
    took = slowest(chain("a", half + 20)[half:])
    before = groups()
    a, b = (Identity("email", "", value) for value in ("a3@a.cn", f"b{half - 3}@a.cn"))
    took = max(took, slowest([fact(a, b, at=START + 9_000_000, source="bridge")]))
    edge = Edge.objects.get(source="bridge")
    assert (edge.state, edge.reason) == ("refused", "crowded")
    assert edge.pk in {one.edge_id for one in evidence.list_conflicts(lin, limit=200).items}
    started = time.perf_counter()
    actions.retract_edge(lin, edge.pk, reason="弄错了", now=NOW.now())
    took = max(took, (time.perf_counter() - started) * 1000)
    assert groups() == before
    print(f"slowest event in a crowd of {2 * half}: {took:.1f} ms")
    assert took < 500
    rebuilding.rebuild(lin, silent, now=NOW.now())
    assert len(preview_rebuild().changed) == 0
