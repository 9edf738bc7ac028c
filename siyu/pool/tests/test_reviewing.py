"""The review queue, the poison list and changed rules."""

from __future__ import annotations

import pytest

from siyu.core.models import AuditEntry
from siyu.kernel.clock import to_ms
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.pool import actions, evidence, oneid_queries, poisoning, rebuilding, reviewing, ruling
from siyu.pool.models import ConflictEntry, Edge, Rebuild
from siyu.pool.models import Identity as IdentityTable
from siyu.pool.rebuild import preview_rebuild
from siyu.pool.reviewing import Verdict
from siyu.pool.tests.people import cookie, fact, feed, phone, unionid, user, who

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
SHARED = phone("+8613912345678")


def silent(_phase: str, _done: int, _total: int) -> None:
    return None


def groups() -> set[frozenset[str]]:
    homes: dict[int, set[str]] = {}
    for customer, value in IdentityTable.objects.values_list("customer_id", "value"):
        homes.setdefault(customer, set()).add(value)
    return {frozenset(members) for members in homes.values()}


@pytest.fixture
def clash(clock, lin):
    """Two unionids told of one phone; the open entry of the queue."""
    at = to_ms(clock.now())
    feed(clock, fact(unionid("u1"), SHARED, at=at), fact(unionid("u2"), SHARED, at=at + 1))
    [entry] = evidence.list_conflicts(lin).items
    return entry


def test_an_entry_shows_both_sides(clash):
    assert clash.kind == "single_valued"
    assert {side.namespace for side in clash.sides} == {"wx_unionid", "phone"}
    assert {side.identity_count for side in clash.sides} == {1, 2}


def test_one_person_joins_and_undoing_parts_again(clock, lin, clash):
    before = groups()
    done = reviewing.decide_conflict(
        lin, clash.id, Verdict.MERGE, reason="同一人两个微信", now=clock.now()
    )
    assert groups() == {frozenset({"u1", "u2", SHARED.value})}
    assert not ConflictEntry.objects.exists()
    [row] = oneid_queries.list_decisions(lin).items
    assert (row.verdict, row.reason, len(row.sides)) == ("merge", "同一人两个微信", 2)
    reviewing.undo_decision(lin, done, reason="看错了", now=clock.now())
    assert groups() == before
    assert [entry.kind for entry in evidence.list_conflicts(lin).items] == ["single_valued"]
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs >= {"decide_conflict", "undo_decision"}


def test_two_people_stay_apart_whatever_is_told(clock, lin, clash):
    at = to_ms(clock.now())
    done = reviewing.decide_conflict(
        lin, clash.id, Verdict.APART, reason="夫妻共用手机", now=clock.now()
    )
    before = groups()
    feed(clock, fact(user("m2"), unionid("u2"), at=at + 5), fact(user("m2"), SHARED, at=at + 6))
    assert frozenset({"u1", SHARED.value}) in groups()
    assert frozenset({"u2", "m2"}) in groups()
    assert not evidence.list_conflicts(lin).items
    one, other = (
        IdentityTable.objects.get(value=value).customer_id for value in (SHARED.value, "u2")
    )
    with pytest.raises(Conflict):
        actions.merge_customers(lin, one, other, reason="其实是", now=clock.now())
    reviewing.undo_decision(lin, done, reason="查清了", now=clock.now())
    assert frozenset({"u1", SHARED.value}) in groups()
    assert before <= groups() | before
    assert evidence.list_conflicts(lin).items


def test_a_blocked_value_parts_whom_it_joined(clock, lin, clash):
    at = to_ms(clock.now())
    feed(clock, fact(user("m1"), SHARED, at=at + 2))
    side = next(side for side in clash.sides if side.namespace == "phone")
    done = reviewing.decide_conflict(
        lin,
        clash.id,
        Verdict.BLOCK,
        reason="门店座机",
        identity_id=side.identity_id,
        now=clock.now(),
    )
    assert groups() == {frozenset({one}) for one in ("u1", "u2", "m1", SHARED.value)}
    feed(clock, fact(user("m3"), SHARED, at=at + 3))
    assert frozenset({"m3"}) in groups()
    assert preview_rebuild().report.merges == preview_rebuild().report.splits == 0
    reviewing.undo_decision(lin, done, reason="不是座机", now=clock.now())
    assert frozenset({"u1", SHARED.value, "m1"}) in groups()


def test_an_entry_is_decided_once_and_by_who_may(clock, lin, mei, clash):
    with pytest.raises(Forbidden):
        reviewing.decide_conflict(mei, clash.id, Verdict.APART, reason="x", now=clock.now())
    with pytest.raises(Refused):
        reviewing.decide_conflict(lin, clash.id, Verdict.APART, reason=" ", now=clock.now())
    with pytest.raises(Refused):
        reviewing.decide_conflict(lin, clash.id, Verdict.BLOCK, reason="x", now=clock.now())
    done = reviewing.decide_conflict(lin, clash.id, Verdict.APART, reason="x", now=clock.now())
    with pytest.raises(NotFound):
        reviewing.decide_conflict(lin, clash.id, Verdict.APART, reason="x", now=clock.now())
    reviewing.undo_decision(lin, done, reason="x", now=clock.now())
    with pytest.raises(Conflict):
        reviewing.undo_decision(lin, done, reason="x", now=clock.now())


def test_a_listed_value_is_kept_but_joins_nobody(clock, lin):
    at = to_ms(clock.now())
    poisoning.block_value(
        lin, "phone", "139 1234 5678", is_pattern=False, reason="客服热线", now=clock.now()
    )
    feed(clock, fact(user("m1"), SHARED, at=at), fact(user("m2"), SHARED, at=at + 1))
    assert groups() == {frozenset({one}) for one in ("m1", "m2", SHARED.value)}
    [entry] = poisoning.list_poison(lin).items
    assert entry.value_masked == "139****5678"
    with pytest.raises(Conflict):
        poisoning.block_value(
            lin, "phone", SHARED.value, is_pattern=False, reason="再来", now=clock.now()
        )
    poisoning.unblock_value(lin, entry.id, reason="已换号", now=clock.now())
    assert len(groups()) == 2 or len(groups()) == 1
    assert not poisoning.list_poison(lin).items


def test_a_pattern_acts_at_once_on_what_is_new_and_at_a_rebuild_on_the_rest(clock, lin):
    at = to_ms(clock.now())
    feed(clock, fact(user("m1"), cookie("kiosk-7"), at=at))
    poisoning.block_value(
        lin, "anonymous_id", "kiosk-.*", is_pattern=True, reason="店内平板", now=clock.now()
    )
    feed(clock, fact(user("m2"), cookie("kiosk-8"), at=at + 1))
    assert groups() == {frozenset({"m1", "kiosk-7"}), frozenset({"m2"}), frozenset({"kiosk-8"})}
    assert preview_rebuild().report.splits == 1
    rebuilding.rebuild(lin, silent, now=clock.now())
    assert frozenset({"m1"}) in groups()
    assert preview_rebuild().report.splits == 0
    for bad in ("(", "", "x" * 201):
        with pytest.raises(Refused):
            poisoning.block_value(lin, "*", bad, is_pattern=True, reason="x", now=clock.now())


def test_changed_rules_are_previewed_applied_and_taken_back(clock, lin):
    at = to_ms(clock.now())
    feed(
        clock,
        fact(unionid("u1"), SHARED, at=at),
        fact(unionid("u2"), SHARED, at=at + 1),
        fact(user("m9"), cookie("c9"), at=at + 2),
    )
    before = groups()
    loose = {"wx_unionid": {"is_single_valued": False, "limit": "2 ever"}}
    found = preview_rebuild(loose)
    assert (found.merges, found.splits) == (1, 0)
    assert groups() == before
    assert ruling.in_force() == {}
    rebuilding.change_rules(lin, loose, reason="一人两个微信", now=clock.now())
    rebuilding.rebuild(lin, silent, now=clock.now())
    assert frozenset({"u1", "u2", SHARED.value}) in groups()
    assert not ConflictEntry.objects.exists()
    feed(clock, fact(unionid("u3"), SHARED, at=at + 3))
    assert Edge.objects.get(reason="limit").state == "refused"
    rebuilding.change_rules(lin, {}, reason="改回", now=clock.now())
    rebuilding.rebuild(lin, silent, now=clock.now())
    assert groups() == before | {frozenset({"u3"})}
    assert [row.reason for row in oneid_queries.list_versions(lin)] == ["改回", "一人两个微信"]


def test_strength_changed_by_a_rule_reaches_the_stored_rows(clock, lin):
    at = to_ms(clock.now())
    feed(clock, fact(user("m1"), SHARED, at=at), fact(user("m2"), SHARED, at=at + 1))
    rebuilding.change_rules(lin, {"phone": {"strength": "weak"}}, reason="x", now=clock.now())
    rebuilding.rebuild(lin, silent, now=clock.now())
    assert IdentityTable.objects.get(value=SHARED.value).strength == "weak"
    assert Edge.objects.exclude(state="joined").get().reason == "single_valued"
    assert not preview_rebuild().changed.size


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"qq": {"priority": 1}}, "identity.namespace"),
        ({"phone": {"strength": "iron"}}, "rule.invalid"),
        ({"phone": {"limit": "many"}}, "rule.limit"),
        ({"phone": {"limit": "0 ever"}}, "rule.limit"),
        ({"phone": {"max_degree": 0}}, "rule.degree"),
        ({"phone": {"priority": -1}}, "rule.priority"),
        ({"phone": {"blocked_patterns": ["(a"]}}, "rule.pattern"),
    ],
)
def test_wrong_rules_are_refused_with_their_field(clock, lin, overrides, code):
    with pytest.raises(Refused) as error:
        rebuilding.change_rules(lin, overrides, reason="x", now=clock.now())
    assert error.value.code == code
    assert error.value.field


def test_only_an_owner_changes_rules(clock, mei, wu):
    for actor in (mei, wu):
        with pytest.raises(Forbidden):
            rebuilding.change_rules(actor, {}, reason="x", now=clock.now())
        with pytest.raises(Forbidden):
            poisoning.block_value(actor, "*", "x", is_pattern=False, reason="x", now=clock.now())


def test_the_worker_does_what_was_asked_for_once(clock, lin):
    at = to_ms(clock.now())
    seen = feed(clock, fact(unionid("u1"), SHARED, at=at), fact(unionid("u2"), SHARED, at=at + 1))
    loose = {"wx_unionid": {"is_single_valued": False}}
    rebuilding.ask_rebuild(lin, is_preview=True, overrides=loose, reason="", now=clock.now())
    with pytest.raises(Conflict):
        rebuilding.ask_rebuild(lin, is_preview=True, overrides=None, reason="", now=clock.now())
    assert rebuilding.run_next()
    assert not rebuilding.run_next()
    [row] = oneid_queries.list_rebuilds(lin)
    assert (row.state, row.report["merges"]) == ("done", 1)
    assert who(seen[0]) != IdentityTable.objects.get(value="u2").customer_id
    rebuilding.ask_rebuild(lin, is_preview=False, overrides=loose, reason="放宽", now=clock.now())
    assert rebuilding.run_next()
    assert Rebuild.objects.latest("pk").state == "done"
    assert groups() == {frozenset({"u1", "u2", SHARED.value})}
