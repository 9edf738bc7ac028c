"""A platform gives a member of staff another id: he stays who he is, in whatever order it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps

from siyu.core import staff_ids
from siyu.core.access import SYSTEM, Role
from siyu.core.models import AuditEntry, User
from siyu.core.pipeline import run_stages
from siyu.core.runtime import Runtime, set_runtime
from siyu.core.users import Place, create_user
from siyu.groups import actions as groups
from siyu.growth import actions as growth
from siyu.growth import duty
from siyu.growth.models import CodeAdd, LiveCode
from siyu.guides import actions as guides
from siyu.guides import org_actions, renaming
from siyu.guides.models import DayCount, Loss, Post, Staff, StaffRename, Sync
from siyu.kernel.clock import FakeClock
from siyu.pool import tag_words
from siyu.pool.actions import resolve
from siyu.pool.models import Customer, CustomerTag, Ownership, Relation
from siyu.ports.facts import Fact
from siyu.reach import actions as reach
from siyu.reach.models import Attempt
from siyu.sandbox.door import SandboxDoor
from siyu.sandbox.world import SandboxWorld
from siyu.site import staff_columns
from siyu.writeback import actions as writeback
from siyu.writeback.models import Remark
from siyu.writeback.tests.brand import ACCOUNT, Brand

pytestmark = [pytest.mark.django_db(transaction=True)]
STAGES = (
    renaming.follow_renames,
    resolve,
    reach.hear,
    groups.hear,
    growth.hear,
    guides.hear,
    writeback.hear,
)


@dataclass
class Town(Brand):
    """The brand with all rooms that name staff."""

    def run(self, told: list[Fact]) -> None:
        run_stages(told, STAGES, self.clock.now())

    def rename(self, before: str, after: str) -> None:
        self.clock.advance(seconds=30)
        self.do("rename_staff", userid=before, new_userid=after)
        self.clock.advance(seconds=30)

    def mishear(self) -> None:
        """The callbacks on their way arrive in the opposite order."""
        self.world.outbox.reverse()
        self.hear()


@pytest.fixture
def town(run_time: Runtime, clock: FakeClock) -> Iterator[Town]:
    world = SandboxWorld(clock, platforms=["wecom"])
    set_runtime(Runtime(run_time.home, clock, SandboxDoor(world), run_time.namespaces))
    tag_words.set_ear(writeback.hear_tag_lists)
    columns, callbacks = dict(staff_ids._columns), list(staff_ids._callbacks)
    staff_columns.connect()
    yield Town(world, clock)
    staff_ids._columns.clear()
    staff_ids._columns.update(columns)
    staff_ids._callbacks[:] = callbacks


def friends() -> dict[str, list[int]]:
    """Customers by member of staff."""
    found: dict[str, list[int]] = {}
    for one in Relation.objects.filter(is_friend=True).order_by("customer_id"):
        found.setdefault(one.staff, []).append(one.customer_id)
    return found


def owners() -> set[str]:
    shown = set(Customer.objects.values_list("owner_staff", flat=True))
    assert shown == set(Ownership.objects.values_list("staff", flat=True))
    return shown


def code_of(town: Town) -> LiveCode:
    plan = {"staff": ["mei", "lan"], "backups": ["mei"], "caps": {"mei": 30}}
    made = growth.create_live_code(
        SYSTEM, account=ACCOUNT, name="门店", channel="海报", plan=plan, now=town.clock.now()
    )
    while duty.keep_on_duty():
        pass
    return LiveCode.objects.get(pk=made.id)


def updates(town: Town) -> Any:
    (way,) = town.do("contact_ways")
    return way["user"], way["updates"]


def settle(town: Town, code: LiveCode) -> None:
    """A member of staff with everything that may be his."""
    now = town.clock.now()
    org_actions.save_store(SYSTEM, "s1", {"name": "外滩店"}, now=now)
    org_actions.set_post(SYSTEM, (ACCOUNT, "mei"), "store_manager", store="s1", now=now)
    place = Place("mei", ACCOUNT)
    create_user(SYSTEM, "xiaomei", "camellia-7-camellia", Role.MANAGER, place=place, now=now)
    town.people["甲"] = town.do("scan", unionid="u-甲", name="甲", state=code.state)
    town.befriend("乙")
    Attempt.objects.create(
        account=ACCOUNT, channel="wecom.mass_send", sender="mei", started_at=now, lease_until=0
    )


def test_all_that_was_his_is_his_under_the_new_id(town):
    town.pull()
    code = code_of(town)
    settle(town, code)
    town.do("make_tags", group="意向", names=["高意向"])
    town.pull()
    town.mark_there("甲", add=("意向/高意向",))
    town.hear()
    before = friends()
    told = updates(town)
    town.rename("mei", "meimei")
    town.hear()
    assert friends() == {"meimei": before["mei"]}
    assert (owners(), Loss.objects.count()) == ({"meimei"}, 0)
    assert set(Staff.objects.values_list("staff", "is_active")) == {("meimei", True), ("lan", True)}
    assert Post.objects.get().staff.staff == "meimei"
    assert User.objects.get(username="xiaomei").staff_id == "meimei"
    assert CodeAdd.objects.get().staff == Attempt.objects.get().sender == "meimei"
    assert DayCount.objects.get().staff == "meimei"
    assert set(Remark.objects.values_list("staff", flat=True)) <= {"meimei"}
    tag = CustomerTag.objects.get(origin="platform")
    assert (tag.tag.name, tag.source) == ("高意向", f"{ACCOUNT}/meimei")
    code.refresh_from_db()
    assert code.plan["staff"] == ["meimei", "lan"]
    assert (code.plan["backups"], code.plan["caps"]) == (["meimei"], {"meimei": 30})
    while duty.keep_on_duty():
        pass
    assert updates(town) == (["meimei" if one == "mei" else one for one in told[0]], told[1])
    assert AuditEntry.objects.filter(verb="rename_staff", target="staff:meimei").count() == 1


@pytest.mark.parametrize("order", ["told first", "pulled first", "told twice"])
def test_a_pull_before_or_after_the_callback_comes_to_the_same(town, order):
    ids = [town.befriend(name) for name in ("甲", "乙", "丙")]
    org_actions.save_store(SYSTEM, "s1", {"name": "外滩店"}, now=town.clock.now())
    org_actions.set_post(SYSTEM, (ACCOUNT, "mei"), "guide", store="s1", now=town.clock.now())
    town.pull()
    town.rename("mei", "meimei")
    kept = list(town.world.outbox)
    if order == "pulled first":
        town.pull()
        assert set(friends()) == {"mei", "meimei"}, "a pull alone cannot know that both are one"
        assert Loss.objects.count() == 0
    town.hear()
    if order == "told twice":
        town.world.outbox.extend(kept)
        town.hear()
    town.clock.advance(days=1)
    town.pull()
    assert Sync.objects.order_by("-pk").values_list("gone", "changed")[0] == (0, 0)
    assert friends() == {"meimei": sorted(ids)}
    assert (owners(), Loss.objects.count()) == ({"meimei"}, 0)
    assert Post.objects.get().staff.staff == "meimei"
    assert StaffRename.objects.count() == 1
    assert not Staff.objects.filter(staff="mei").exists()


def test_news_from_before_that_comes_after_is_his(town):
    town.befriend("甲")
    who = town.people["甲"]["external_userid"]
    town.do("add_friend", userid="mei", unionid="u-乙", name="乙")
    town.do("delete_friend", userid="mei", external_userid=who, by="customer")
    town.rename("mei", "meimei")
    town.mishear()
    assert set(friends()) == {"meimei"}
    assert len(friends()["meimei"]) == 1
    assert Loss.objects.get().staff == "meimei"


def test_two_changes_in_any_order_end_at_the_last(town):
    ids = [town.befriend("甲")]
    town.rename("mei", "meimei")
    town.rename("meimei", "mei2")
    town.mishear()
    assert friends() == {"mei2": ids}
    assert owners() == {"mei2"}


def test_who_gets_the_old_id_later_is_somebody_else(town):
    mine = town.befriend("甲")
    town.rename("mei", "meimei")
    town.hear()
    town.do("add_staff", staff=[{"userid": "mei", "name": "新来的小梅"}])
    hers = town.befriend("乙")
    assert friends() == {"meimei": [mine], "mei": [hers]}


NOT_STAFF = {
    "guides.StaffRename",
    "guides.Sync",
    "guides.Post",
    "guides.Staff",
    "lake.PendingEvent",
}
"""A change itself; a pull under way; a key; whom `join_staff` moves; the history of its day."""


def test_every_column_that_names_staff_is_known():
    names = {"staff", "sender", "userid", "giver", "taker", "staff_id", "servicers", "from_staff"}
    known = {(one.model, one.column) for one in staff_columns.COLUMNS}
    missing = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name in names
        and model._meta.label not in NOT_STAFF
        and (model._meta.label, field.name) not in known
    }
    assert missing == set()
