"""Take-over, losses and behaviour: the business against the sandbox's platform."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from siyu.core.access import SYSTEM
from siyu.core.models import AuditEntry
from siyu.core.runtime import runtime, set_runtime
from siyu.guides import behaviour, choosing, loss_alerts, losses, transferring, transfers
from siyu.guides.choosing import Choice
from siyu.guides.models import BehaviourDay, BehaviourPull, Loss, Staff, Transfer, TransferItem
from siyu.guides.tests import org
from siyu.kernel.clock import SHANGHAI
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.pool import ownership
from siyu.pool import queries as pool
from siyu.pool.actions import add_tags, ensure_tag
from siyu.ports import facts
from siyu.ports.sandbox import Trouble, load_sandbox
from siyu.ports.testing import QuietWorld, SandboxDoor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
BASE = "https://qyapi.weixin.qq.com"


@pytest.fixture
def platform(account, clock):
    """The sandbox behind the account, with the organisation's people as friends of customers."""
    world = QuietWorld(clock, random.Random(3))
    sandbox = load_sandbox("wecom")(world)
    set_runtime(replace(runtime(), http=SandboxDoor(sandbox, BASE)))
    fields = {"token": "callbacktoken", "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
    sandbox.control("configure", {"corp_id": "ww1234567890abcdef", "secret": "s", **fields})
    people = [{"userid": who, "name": who} for who in ("mei", "lin", "zhou", "wen", "he")]
    sandbox.control("add_staff", {"staff": people})
    org.build(clock.now())
    return sandbox


@pytest.fixture
def door(platform):
    """The door to that sandbox."""
    return runtime().http


def befriend(platform, clock, staff, count, mark="c"):
    """Friends here and there; their customer ids."""
    found = []
    for number in range(count):
        wanted = {"userid": staff, "unionid": f"{mark}{number}", "name": f"客{number}"}
        remote = platform.control("add_friend", wanted)["external_userid"]
        found.append(org.befriend(staff, remote, clock.now()))
    return found


def leave(platform, clock, staff):
    platform.control("leave", {"userid": staff})
    told = org.fact(facts.STAFF_SYNCED, staff, "", clock.now(), change="delete")
    org.take(replace_identities(told), now=clock.now())


def replace_identities(told):
    return facts.Fact(
        **{name: getattr(told, name) for name in told.__struct_fields__ if name != "identities"}
    )


def work(clock):
    while transferring.work(clock.now()):
        pass


def states(transfer):
    return sorted(TransferItem.objects.filter(transfer_id=transfer).values_list("state", flat=True))


def test_who_leaves_becomes_a_task_and_his_customers_move(platform, clock):
    customers = befriend(platform, clock, "mei", 103)
    lin = org.LOOKS["store"]
    assert transfers.list_leavers(lin) == []
    leave(platform, clock, "mei")
    (todo,) = transfers.list_leavers(lin)
    assert (todo.staff, todo.customers, todo.waiting) == ("mei", 103, 0)
    made = transfers.start_transfer(lin, (org.CORP, "mei"), "lin", now=clock.now())
    work(clock)
    assert set(states(made)) == {"asked"}
    (todo,) = transfers.list_leavers(lin)
    assert todo.waiting == 103
    platform.control("settle_moves", {"is_forced": True})
    clock.advance(hours=1)
    work(clock)
    assert set(states(made)) == {"done"}
    (view,) = transfers.list_transfers(lin)
    assert (view.state, view.counts, view.has_left) == ("done", {"done": 103}, True)
    owners = ownership.owners_of(customers)
    assert {(one.staff, one.reason) for one in owners.values()} == {("lin", "transfer")}
    moves = platform.control("moves", {})
    assert len(moves) == 103


def test_some_of_a_leavers_customers_are_chosen(platform, clock):
    customers = befriend(platform, clock, "mei", 4)
    lin, giver = org.LOOKS["store"], (org.CORP, "mei")
    vip = ensure_tag(SYSTEM, "等级", "VIP", now=clock.now())
    add_tags(SYSTEM, customers[:2], [vip], origin="manual", now=clock.now())
    leave(platform, clock, "mei")
    everybody = choosing.list_candidates(lin, giver, Choice(), now=clock.now())
    assert everybody.ids == customers
    assert {one.since for one in everybody.items} == {clock.now()}
    some = choosing.list_candidates(lin, giver, Choice(tag_id=vip), now=clock.now())
    assert some.ids == customers[:2]
    assert [(one.name, one.tags, one.blocked) for one in some.items] == [
        (one.name, ("VIP",), "") for one in everybody.items[:2]
    ]
    plan = transfers.plan_transfer(lin, giver, some.ids, now=clock.now())
    assert plan.customers == 2
    made = transfers.start_transfer(lin, giver, "lin", customer_ids=some.ids, now=clock.now())
    work(clock)
    assert states(made) == ["asked", "asked"]
    again = choosing.list_candidates(lin, giver, Choice(), now=clock.now())
    assert [one.blocked for one in again.items] == ["moving", "moving", "", ""]
    with pytest.raises(Conflict):
        transfers.start_transfer(lin, giver, "lin", customer_ids=some.ids, now=clock.now())
    two = customers[1:3]
    more = transfers.start_transfer(lin, giver, "lin", customer_ids=two, now=clock.now())
    work(clock)
    assert (states(made), states(more)) == (["asked", "asked"], ["asked", "failed"])
    platform.control("settle_moves", {"is_forced": True})
    clock.advance(hours=1)
    work(clock)
    work(clock)
    assert (states(made), states(more)) == (["done", "done"], ["done", "failed"])
    stranger = (org.CORP, "wen")
    with pytest.raises(NotFound):
        choosing.list_candidates(lin, stranger, Choice(), now=clock.now())


def test_candidates_are_found_by_name_number_and_day(platform, clock):
    early = befriend(platform, clock, "mei", 2)
    others = befriend(platform, clock, "lin", 1, mark="d")
    clock.advance(days=3)
    late = befriend(platform, clock, "mei", 1, mark="e")
    lin, giver = org.LOOKS["store"], (org.CORP, "mei")
    today = clock.now().astimezone(SHANGHAI).date()

    def found(**wanted):
        choice = choosing.choice_of(**wanted)
        return choosing.list_candidates(lin, giver, choice, now=clock.now()).ids

    assert found() == [*early, *late]
    assert found(start=today) == late
    assert found(end=today - timedelta(days=1)) == early
    assert found(start=today - timedelta(days=3), end=today) == [*early, *late]
    remote = next(one.value for one in pool.identities_of(early)[early[1]])
    told = org.fact(facts.FRIEND_SYNCED, "mei", remote, clock.now())
    org.take(structs.replace(told, traits={"remark": "小王老师"}), now=clock.now())
    assert found(q="王老") == [early[1]]
    assert found(q=str(late[0])) == late
    assert found(q=str(others[0])) == found(q="%") == []


def test_on_the_job_each_customer_gets_his_answer(platform, clock):
    customers = befriend(platform, clock, "mei", 3)
    lin = org.LOOKS["store"]
    remote = next(one.value for one in pool.identities_of(customers[:1])[customers[0]])
    made = transfers.start_transfer(
        lin, (org.CORP, "mei"), "lin", message="由店长为您服务", now=clock.now()
    )
    work(clock)
    platform.control("refuse_move", {"external_userid": remote})
    clock.advance(hours=25)
    work(clock)
    assert states(made) == ["done", "done", "refused"]
    assert {one["message"] for one in platform.control("moves", {})} == {"由店长为您服务"}
    items = transfers.list_items(lin, made, state="refused")
    assert [one.customer_id for one in items] == [customers[0]]


def test_what_a_callback_tells_is_read_within_seconds(platform, clock):
    customers = befriend(platform, clock, "mei", 3)
    made = transfers.start_transfer(SYSTEM, (org.CORP, "mei"), "lin", now=clock.now())
    work(clock)
    assert set(states(made)) == {"asked"}
    first, second, _ = (
        next(one.value for one in pool.identities_of([customer])[customer])
        for customer in customers
    )
    platform.control("refuse_move", {"external_userid": first})
    told = org.fact(facts.TRANSFER_FAILED, "lin", first, clock.now(), reason="customer_refused")
    org.take(told, now=clock.now())
    clock.advance(seconds=2)
    work(clock)
    assert states(made) == ["asked", "asked", "refused"]
    platform.control("settle_moves", {"is_forced": True})
    gone = org.fact(facts.FRIEND_REMOVED, "mei", second, clock.now(), reason="delete_by_transfer")
    org.take(gone, now=clock.now())
    clock.advance(seconds=2)
    work(clock)
    assert states(made) == ["done", "done", "refused"]


def test_a_callback_during_a_reading_is_not_forgotten(platform, clock):
    (customer,) = befriend(platform, clock, "mei", 1)
    made = transfers.start_transfer(SYSTEM, (org.CORP, "mei"), "lin", now=clock.now())
    remote = next(one.value for one in pool.identities_of([customer])[customer])
    work(clock)
    clock.advance(hours=1)
    row = Transfer.objects.get(pk=made)
    before, row.next_at = row.next_at, clock.now() + transferring.POLL
    Transfer.objects.filter(pk=made).update(lease="busy")
    told = org.fact(facts.TRANSFER_FAILED, "lin", remote, clock.now(), reason="customer_refused")
    org.take(told, now=clock.now())
    transferring.keep(row, before)
    assert Transfer.objects.get(pk=made).next_at == clock.now() + transferring.SOON


def test_an_ordinary_loss_reads_nothing(platform, clock):
    (customer,) = befriend(platform, clock, "mei", 1)
    made = transfers.start_transfer(SYSTEM, (org.CORP, "mei"), "lin", now=clock.now())
    work(clock)
    before = Transfer.objects.get(pk=made).next_at
    remote = next(one.value for one in pool.identities_of([customer])[customer])
    org.take(org.fact(facts.FRIEND_REMOVED, "mei", remote, clock.now()), now=clock.now())
    assert Transfer.objects.get(pk=made).next_at == before


def test_a_dry_run_tells_who_may_not_be_moved(platform, clock):
    befriend(platform, clock, "mei", 2)
    lin = org.LOOKS["store"]
    for giver, taker in (("mei", "lin"), ("lin", "mei")):
        transfers.start_transfer(lin, (org.CORP, giver), taker, now=clock.now())
        work(clock)
        clock.advance(hours=25)
        work(clock)
        # the platform's callbacks make them friends of the new one
        for item in TransferItem.objects.filter(transfer__giver=giver):
            told = org.fact(facts.FRIEND_ADDED, taker, item.remote_id, clock.now())
            gone = org.fact(
                facts.FRIEND_REMOVED,
                giver,
                item.remote_id,
                clock.now(),
                reason="delete_by_transfer",
            )
            org.take(told, gone, now=clock.now())
    plan = transfers.plan_transfer(lin, (org.CORP, "mei"), None, now=clock.now())
    assert (plan.customers, plan.blocked) == (0, {"too_often": 2})
    assert len(platform.control("moves", {})) == 4, "asking for a plan moves nobody"
    assert not Loss.objects.exists(), "a move is no loss"
    made = transfers.start_transfer(lin, (org.CORP, "mei"), "lin", now=clock.now())
    work(clock)
    assert {one.code for one in transfers.list_items(lin, made)} == {"transfer.too_often"}


@pytest.mark.parametrize("trouble", list(Trouble))
def test_a_bad_moment_of_the_platform_delays_and_never_doubles(platform, door, clock, trouble):
    befriend(platform, clock, "mei", 5)
    made = transfers.start_transfer(SYSTEM, (org.CORP, "mei"), "lin", now=clock.now())
    door.troubles += [trouble] * 3
    for _ in range(8):
        work(clock)
        clock.advance(minutes=15)
    clock.advance(hours=25)
    work(clock)
    assert states(made) == ["done"] * 5
    assert len(platform.control("moves", {})) == 5


def test_a_crash_after_the_platform_took_a_batch_loses_nothing(platform, clock):
    befriend(platform, clock, "mei", 4)
    made = transfers.start_transfer(SYSTEM, (org.CORP, "mei"), "lin", now=clock.now())
    work(clock)
    TransferItem.objects.filter(transfer_id=made).update(state="planned", asked_at=None)
    clock.advance(hours=1)
    work(clock)
    assert states(made) == ["asked"] * 4
    clock.advance(hours=25)
    work(clock)
    assert states(made) == ["done"] * 4


def test_who_may_not_start_a_transfer(platform, clock):
    befriend(platform, clock, "mei", 1)
    lin = org.LOOKS["store"]
    with pytest.raises(Forbidden):
        transfers.start_transfer(org.LOOKS["self"], (org.CORP, "mei"), "lin", now=clock.now())
    for giver, taker in (("mei", "zhou"), ("zhou", "lin"), ("nobody", "lin")):
        with pytest.raises(NotFound) as error:
            transfers.start_transfer(lin, (org.CORP, giver), taker, now=clock.now())
        assert error.value.code == "staff.missing"
    with pytest.raises(Refused):
        transfers.start_transfer(lin, (org.CORP, "mei"), "mei", now=clock.now())
    transfers.start_transfer(lin, (org.CORP, "mei"), "lin", now=clock.now())
    with pytest.raises(Conflict):
        transfers.start_transfer(lin, (org.CORP, "mei"), "lin", now=clock.now())


# losses


def lose(clock, staff, customer, *, by_staff=False):
    name = facts.FRIEND_REMOVED if by_staff else facts.FRIEND_LOST
    org.take(org.fact(name, staff, customer, clock.now()), now=clock.now())


def noted(platform):
    return [(one["userid"], one["text"]) for one in platform.control("noted", {})["items"]]


def test_a_customer_who_leaves_is_told_to_the_guide_and_the_other_way_to_managers(platform, clock):
    org.befriend("mei", "wm1", clock.now())
    org.befriend("mei", "wm2", clock.now())
    clock.advance(hours=24 * 12)
    lose(clock, "mei", "wm1")
    lose(clock, "mei", "wm2", by_staff=True)
    Staff.objects.filter(staff="mei").update(name="林小美")
    loss_alerts.tell(clock.now())
    told = noted(platform)
    assert sorted({who for who, _ in told}) == ["he", "lin", "mei"]
    assert "删除了您, 相处 12 天" in next(text for who, text in told if who == "mei")
    assert "员工 林小美 删除了客户" in next(text for who, text in told if who == "lin")
    loss_alerts.tell(clock.now())
    assert len(noted(platform)) == len(told), "once"


def test_the_digest_comes_once_a_day_at_its_hour(platform, clock):
    losses.set_alert_rule(SYSTEM, losses.AlertRule("daily", 9, ("gu",)), now=clock.now())
    loss_alerts.tell(clock.now())
    org.befriend("mei", "wm1", clock.now())
    lose(clock, "mei", "wm1")
    clock.advance(hours=22)
    loss_alerts.tell(clock.now())
    assert noted(platform) == []
    clock.advance(hours=1)
    loss_alerts.tell(clock.now())
    loss_alerts.tell(clock.now())
    assert sorted(who for who, _ in noted(platform)) == ["he", "lin", "mei"]


def test_the_list_of_losses_keeps_to_the_scope_and_the_filter(platform, clock):
    for staff in ("mei", "zhou"):
        org.befriend(staff, f"wm-{staff}", clock.now())
        lose(clock, staff, f"wm-{staff}", by_staff=staff == "zhou")
    everything = losses.LossFilter()
    for scope, expected in (("self", ["mei"]), ("region", ["zhou", "mei"])):
        page = losses.list_losses(org.LOOKS[scope], everything)
        assert [one.staff for one in page.items] == expected
    ours = losses.parse_filter(direction="ours")
    exported = list(losses.stream_losses(org.LOOKS["all"], ours, now=clock.now()))
    assert [(one.staff, one.staff_name) for one in exported] == [("zhou", "zhou")]
    assert AuditEntry.objects.filter(verb="export_losses").count() == 1
    for filters in (everything, ours):
        assert losses.count_losses(org.LOOKS["region"], filters) == {"ours": 1, "customers": 1}
    with pytest.raises(Refused):
        losses.parse_filter(direction="sideways")


def test_hearing_of_a_loss_twice_is_one_loss(platform, clock):
    org.befriend("mei", "wm1", clock.now())
    lose(clock, "mei", "wm1")
    lose(clock, "mei", "wm1")
    assert Loss.objects.count() == 1


# behaviour


def pull(clock):
    while behaviour.pull(clock.now()):
        pass


def test_days_are_pulled_once_and_again_without_doubling(platform, door, clock):
    row = {"userid": "mei", "day": "2026-11-10", "chats": 4, "messages": 9, "replied": 4}
    platform.control("behave", {"rows": [row]})
    pull(clock)
    found = BehaviourDay.objects.get(staff="mei", day="2026-11-10")
    assert (found.chats, found.messages, found.reply_percent) == (4, 9, 100.0)
    days = BehaviourDay.objects.count()
    before = door.count
    pull(clock)
    assert door.count == before, "nothing is missing"
    platform.control("behave", {"rows": [{**row, "chats": 1, "messages": 1, "replied": 0}]})
    assert behaviour.pull_again(SYSTEM, org.CORP, days=3, now=clock.now()) == 5
    pull(clock)
    assert BehaviourDay.objects.count() == days
    assert BehaviourDay.objects.get(staff="mei", day="2026-11-10").messages == 10


def test_a_limit_of_the_platform_pauses_and_the_rest_follows(door, clock):
    door.troubles += [Trouble.RATE_LIMITED]
    pull(clock)
    assert BehaviourPull.objects.exclude(error="").count() == 1
    clock.advance(minutes=11)
    pull(clock)
    assert not BehaviourPull.objects.exclude(error="").exists()
    assert set(BehaviourDay.objects.values_list("staff", flat=True)) == set(
        Staff.objects.values_list("staff", flat=True)
    )


def test_the_next_day_asks_for_little(platform, door, clock):
    pull(clock)
    clock.advance(seconds=timedelta(days=1).total_seconds())
    platform.control("behave", {"rows": [{"userid": "mei", "day": "2026-11-11", "chats": 2}]})
    before = door.count
    pull(clock)
    assert door.count - before <= 6
    assert BehaviourDay.objects.get(staff="mei", day="2026-11-11").chats == 2
