"""Groups get new owners: the dry run, the limits, and the platform's answer for each."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from siyu.core.runtime import runtime, set_runtime
from siyu.groups.models import Group
from siyu.guides import transferring, transfers
from siyu.guides.models import Staff, Transfer, TransferItem
from siyu.guides.tests import org
from siyu.kernel.errors import NotFound, Refused
from siyu.ports.sandbox import load_sandbox
from siyu.ports.testing import QuietWorld, SandboxDoor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
MEI, LIN = (org.CORP, "mei"), org.LOOKS["store"]


@pytest.fixture
def platform(account, clock):
    sandbox = load_sandbox("wecom")(QuietWorld(clock, random.Random(3)))
    set_runtime(replace(runtime(), http=SandboxDoor(sandbox, "https://qyapi.weixin.qq.com")))
    fields = {"token": "callbacktoken", "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}
    sandbox.control("configure", {"corp_id": "ww1234567890abcdef", "secret": "s", **fields})
    people = [{"userid": who, "name": who} for who in ("mei", "lin", "zhou")]
    sandbox.control("add_staff", {"staff": people})
    org.build(clock.now())
    return sandbox


def make_groups(platform, owner, count):
    """Groups there, known here; their ids."""
    made = [
        platform.control("create_group", {"owner": owner, "name": f"群{number}"})["chat_id"]
        for number in range(count)
    ]
    Group.objects.bulk_create(
        [Group(account=org.CORP, remote_id=one, name=one, owner=owner) for one in made]
    )
    return made


def move(groups, clock, giver=MEI, taker="lin"):
    made = transfers.start_transfer(
        LIN, giver, taker, customer_ids=[], groups=groups, now=clock.now()
    )
    while transferring.work(clock.now()):
        pass
    return made


def owners(platform):
    return {one["chat_id"]: one["owner"] for one in platform.control("groups", {})}


def test_groups_of_somebody_at_work_go_to_a_colleague(platform, clock):
    chats = make_groups(platform, "mei", 3)
    plan = transfers.plan_transfer(LIN, MEI, [], groups=chats, taker="lin", now=clock.now())
    assert (plan.customers, plan.groups, plan.blocked_groups) == (0, 3, {})
    assert plan.groups_left_today == 300
    assert set(owners(platform).values()) == {"mei"}, "a plan moves nothing"
    made = move(chats[:2], clock)
    (view,) = transfers.list_transfers(LIN)
    assert (view.state, view.counts) == ("done", {"done": 2})
    assert owners(platform) == {chats[0]: "lin", chats[1]: "lin", chats[2]: "mei"}
    assert {one.is_group for one in transfers.list_items(LIN, made)} == {True}
    due = Group.objects.filter(due_at=clock.now()).values_list("remote_id", flat=True)
    assert set(due) == set(chats[:2]), "they are read again"


def test_a_leaver_with_groups_only_is_a_task(platform, clock):
    chats = make_groups(platform, "mei", 2)
    platform.control("leave", {"userid": "mei"})
    Staff.objects.filter(staff="mei").update(is_active=False)
    (todo,) = transfers.list_leavers(LIN)
    assert (todo.staff, todo.customers, todo.groups) == ("mei", 0, 2)
    move(chats, clock)
    assert set(owners(platform).values()) == {"lin"}


def test_the_dry_run_and_the_move_agree_on_what_was_moved_twice(platform, clock):
    chats = make_groups(platform, "mei", 1)
    for giver, taker in (("mei", "lin"), ("lin", "mei")):
        move(chats, clock, (org.CORP, giver), taker)
        Group.objects.update(owner=taker)
    plan = transfers.plan_transfer(LIN, MEI, [], groups=chats, taker="lin", now=clock.now())
    assert (plan.groups, plan.blocked_groups, plan.groups_left_today) == (
        0,
        {"too_often": 1},
        299,
    )
    made = move(chats, clock)
    assert [one.code for one in transfers.list_items(LIN, made)] == ["transfer.too_often"]
    assert owners(platform) == {chats[0]: "mei"}


def test_a_day_s_limit_is_counted_for_the_taker_until_midnight(platform, clock):
    now, chats = clock.now(), make_groups(platform, "mei", 3)
    before = Transfer.objects.create(
        account=org.CORP,
        giver="zhou",
        taker="lin",
        has_left=False,
        state="done",
        created_at=now,
        next_at=now,
    )
    TransferItem.objects.bulk_create(
        [
            TransferItem(
                transfer=before, is_group=True, remote_id=f"g{n}", state="done", asked_at=now
            )
            for n in range(298)
        ]
    )
    plan = transfers.plan_transfer(LIN, MEI, [], groups=chats, taker="lin", now=now)
    assert (plan.groups, plan.blocked_groups, plan.groups_left_today) == (2, {"today": 1}, 2)
    clock.advance(hours=24)
    plan = transfers.plan_transfer(LIN, MEI, [], groups=chats, taker="lin", now=clock.now())
    assert (plan.groups, plan.blocked_groups) == (3, {})


def test_only_groups_of_the_giver_can_be_moved(platform, clock):
    (other,) = make_groups(platform, "zhou", 1)
    for wanted in (other, "nowhere"):
        with pytest.raises(NotFound):
            transfers.plan_transfer(LIN, MEI, [], groups=[wanted], now=clock.now())
        with pytest.raises(NotFound):
            move([wanted], clock)
    with pytest.raises(Refused) as error:
        move([], clock)
    assert error.value.code == "transfer.empty"
