"""The platform hears who is on duty: once for each change, again after a failure."""

from __future__ import annotations

import pytest

from siyu.core.access import SYSTEM, Actor, Role
from siyu.core.models import AuditEntry
from siyu.growth import actions, queries
from siyu.growth.arrangements import everybody
from siyu.growth.away import list_presence, set_online
from siyu.growth.batch import BatchChange, change_codes
from siyu.growth.duty import tell_due
from siyu.growth.models import LiveCode
from siyu.growth.neighbours import set_neighbours
from siyu.growth.tests.conftest import STAFF
from siyu.growth.types import Colleague
from siyu.kernel.errors import Conflict, Forbidden, NotFound, PlatformRefused, Refused
from siyu.ports.sandbox import Trouble

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = {
    "staff": ["mei"],
    "shifts": [{"start": 1200, "end": 540, "staff": ["lin"]}],
    "acceptance": "slots",
    "accept_slots": [{"start": 540, "end": 1200}],
}


def test_a_shift_begins_and_the_platform_hears_once(town, make_code, clock):
    code = make_code(plan=NIGHT)
    assert town.way(code.state)["user"] == ["mei"]
    clock.advance(hours=9, minutes=59)
    tell_due(clock.now())
    assert town.way(code.state)["updates"] == 0
    clock.advance(minutes=1)
    for _ in range(3):
        tell_due(clock.now())
    way = town.way(code.state)
    assert (way["user"], way["skip_verify"], way["updates"]) == (["lin"], False, 1)
    clock.advance(hours=13)
    tell_due(clock.now())
    assert town.way(code.state)["skip_verify"] is True


def test_a_full_guide_hands_over_until_midnight(town, make_code, clock):
    code = make_code(plan={"staff": ["mei"], "backups": ["lin"], "cap": 2})
    for number in (1, 2):
        town.people("scan", state=code.state, unionid=f"oU{number}", name="客")
        town.hear()
        tell_due(clock.now())
    assert town.way(code.state)["user"] == ["lin"]
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).on_duty == ["lin"]
    clock.advance(hours=14)
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["mei"]


def test_a_look_that_finds_nothing_new_calls_nobody(town, make_code, clock):
    code = make_code(plan={"staff": ["mei"], "backups": ["lin"], "cap": 2})
    town.people("scan", state=code.state, unionid="oU1", name="客")
    town.hear()
    tell_due(clock.now())
    clock.advance(days=1)
    tell_due(clock.now())
    assert town.way(code.state)["updates"] == 0


def test_turns_go_round(town, make_code, clock):
    code = make_code(plan={"staff": ["mei", "lin"], "rotation": "round_robin"})
    got = []
    for number in range(4):
        done = town.people("scan", state=code.state, unionid=f"oU{number}", name="客")
        got.append(done["userid"])
        town.hear()
        tell_due(clock.now())
        clock.advance(seconds=1)
    assert got == ["mei", "lin", "mei", "lin"]


def test_going_offline_takes_one_off_duty_and_is_written_down(town, make_code, clock):
    code = make_code()
    mei = Actor("mei", Role.GUIDE, "mei")
    set_online(mei, town.account, "mei", is_online=False, now=clock.now())
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["lin"]
    assert [(one.staff, one.is_online) for one in list_presence(mei)] == [("mei", False)]
    assert len(list_presence(SYSTEM)) == 2
    set_online(mei, town.account, "mei", is_online=True, now=clock.now())
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["mei", "lin"]
    assert AuditEntry.objects.filter(verb="go_offline", actor="mei").count() == 1
    with pytest.raises(Forbidden):
        set_online(mei, town.account, "lin", is_online=False, now=clock.now())


def test_who_is_deleted_from_the_directory_is_off_his_codes_at_once(town, make_code, clock):
    code, other = make_code(), make_code(staff=["mei"])
    set_neighbours(staff=lambda _account: {**STAFF, "lin": Colleague(is_active=False)})
    town.people("leave", userid="lin")
    town.hear()
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["mei"]
    assert (town.way(code.state)["updates"], town.way(other.state)["updates"]) == (1, 0)


def test_an_edit_that_the_duty_runs_into_ends_as_the_edit_says(town, make_code, clock):
    code = make_code(plan=NIGHT)
    clock.advance(hours=10)
    town.door.on_call = lambda url: (
        _once(town, code, {"staff": ["mei", "lin"]}, clock) if "update_contact_way" in url else None
    )
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["lin"], "the duty's call came last"
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["mei", "lin"]


def test_a_duty_that_runs_into_an_edit_is_told_again(town, make_code, clock):
    code = make_code(plan=NIGHT)
    clock.advance(hours=10)

    def meddle(url: str) -> None:
        if "update_contact_way" in url:
            town.door.on_call = lambda _url: None
            tell_due(clock.now())

    town.door.on_call = meddle
    actions.update_live_code(SYSTEM, code.id, plan={"staff": ["mei", "lin"]}, now=clock.now())
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["mei", "lin"]
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).on_duty == ["mei", "lin"]


def _once(town, code, plan, clock) -> None:
    town.door.on_call = lambda _url: None
    actions.update_live_code(SYSTEM, code.id, plan=plan, now=clock.now())


def test_who_left_is_never_on_duty(town, make_code):
    assert town.way(make_code(staff=["mei", "han"]).state)["user"] == ["mei"]


@pytest.mark.parametrize("trouble", [Trouble.RATE_LIMITED, Trouble.BUSY])
def test_a_failure_is_shown_and_made_good(town, make_code, clock, trouble):
    code = make_code(plan=NIGHT)
    clock.advance(hours=10)
    town.door.troubles = [trouble]
    tell_due(clock.now())
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).error
    clock.advance(minutes=2)
    tell_due(clock.now())
    assert town.way(code.state)["user"] == ["lin"]
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).error == ""


def test_an_edit_the_platform_refuses_keeps_nothing(town, make_code, clock):
    code = make_code()
    with pytest.raises(PlatformRefused):
        actions.update_live_code(SYSTEM, code.id, staff=["nobody"], now=clock.now())
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).staff == ["mei", "lin"]


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"staff": ["mei", "mei"]},
        {"staff": ["mei"], "cap": 0},
        {"staff": ["mei"], "shifts": [{"start": 600, "end": 600, "staff": ["lin"]}]},
        {"staff": ["mei"], "shifts": [{"start": 0, "end": 60}]},
        {"staff": ["mei"], "shifts": [{"weekdays": [8], "staff": ["lin"]}]},
        {"staff": ["mei"], "acceptance": "slots"},
        {"departments": ["1"], "rotation": "round_robin"},
        {"staff": ["mei"], "specials": [{"first": "2026-11-12", "last": "2026-11-11"}]},
        {"staff": "mei"},
    ],
)
def test_plans_that_cannot_be_kept_are_refused(town, make_code, plan):
    with pytest.raises(Refused):
        make_code(plan=plan)


def test_a_department_receives(town, make_code):
    code = make_code(staff=[], plan={"departments": ["1"]})
    assert town.way(code.state)["party"] == [1]


def test_many_codes_change_at_once_and_failures_are_told(town, make_code, clock):
    codes = [make_code(name=f"码{n}") for n in range(3)]
    ids = [code.id for code in codes]
    change = BatchChange(
        drop_staff=("lin",),
        cap=5,
        group_id=actions.create_code_group(SYSTEM, "双十一", now=clock.now()),
    )
    assert change_codes(SYSTEM, ids, change, now=clock.now()) == {}
    seen = queries.list_live_codes(SYSTEM, now=clock.now())
    assert {(one.group, one.plan.cap, tuple(one.staff)) for one in seen} == {
        ("双十一", 5, ("mei",))
    }
    failed = change_codes(SYSTEM, ids, BatchChange(drop_staff=("mei",)), now=clock.now())
    assert set(failed) == set(ids)


EVERYWHERE = {
    "staff": ["mei", "lin"],
    "shifts": [
        {"start": 600, "end": 660, "staff": ["lin"]},
        {"start": 0, "end": 60, "staff": ["mei"]},
    ],
    "specials": [{"first": "2026-12-01", "last": "2026-12-02", "staff": ["lin", "mei"]}],
    "backups": ["lin"],
    "caps": {"lin": 3},
}


def test_who_is_dropped_from_many_codes_is_nowhere_in_them(town, make_code, clock):
    code = make_code(plan=EVERYWHERE)
    change = BatchChange(drop_staff=("lin",))
    assert change_codes(SYSTEM, [code.id, 999], change, now=clock.now()) == {999: "没有这个活码"}
    plan = queries.get_live_code(SYSTEM, code.id, now=clock.now()).plan
    assert everybody(plan) == {"mei"}
    assert (len(plan.shifts), len(plan.specials), dict(plan.caps)) == (1, 1, {})
    assert town.way(code.state)["user"] == ["mei"]


def test_a_guide_takes_anothers_places_in_many_codes(town, make_code, clock):
    town.people("add_staff", staff=[{"userid": "su", "name": "苏"}])
    code = make_code(plan=EVERYWHERE)
    assert change_codes(SYSTEM, [code.id], BatchChange(swap=("lin", "su")), now=clock.now()) == {}
    plan = queries.get_live_code(SYSTEM, code.id, now=clock.now()).plan
    assert everybody(plan) == {"mei", "su"}
    assert (plan.backups, dict(plan.caps)) == (("su",), {"su": 3})
    assert town.way(code.state)["user"] == ["su"]
    for wrong in (("su", "su"), ("", "su")):
        with pytest.raises(Refused):
            change_codes(SYSTEM, [code.id], BatchChange(swap=wrong), now=clock.now())


def test_groups_are_renamed_and_deleted_and_their_codes_stay(town, make_code, clock):
    first = actions.create_code_group(SYSTEM, "双十一", now=clock.now())
    second = actions.create_code_group(SYSTEM, "门店", now=clock.now())
    code = make_code(group_id=first)
    actions.rename_code_group(SYSTEM, first, " 双十二 ", now=clock.now())
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).group == "双十二"
    with pytest.raises(Conflict):
        actions.rename_code_group(SYSTEM, second, "双十二", now=clock.now())
    actions.delete_code_group(SYSTEM, first, now=clock.now())
    assert queries.get_live_code(SYSTEM, code.id, now=clock.now()).group_id is None
    assert [name for _, name in queries.list_code_groups(SYSTEM)] == ["门店"]
    with pytest.raises(NotFound):
        actions.delete_code_group(SYSTEM, first, now=clock.now())


def test_an_archived_code_is_out_of_the_list_and_a_deleted_one_off_the_platform(
    town, make_code, clock
):
    code, other = make_code(), make_code(name="另一个")
    actions.update_live_code(SYSTEM, code.id, is_archived=True, now=clock.now())
    assert [one.id for one in queries.list_live_codes(SYSTEM, now=clock.now())] == [other.id]
    actions.delete_live_code(SYSTEM, other.id, now=clock.now())
    assert [way["state"] for way in town.people("contact_ways")] == [code.state]
    assert LiveCode.objects.count() == 2


def test_a_deleted_code_cannot_come_back_to_life(town, make_code, clock):
    code = make_code()
    actions.delete_live_code(SYSTEM, code.id, now=clock.now())
    actions.update_live_code(SYSTEM, code.id, is_archived=False, now=clock.now())
    (seen,) = queries.list_live_codes(SYSTEM, now=clock.now())
    assert (seen.is_gone, seen.is_active) == (True, False)
    assert "删除" in seen.error
    with pytest.raises(Conflict):
        actions.update_live_code(SYSTEM, code.id, is_active=True, now=clock.now())
    before = town.door.count
    clock.advance(days=1)
    tell_due(clock.now())
    assert town.door.count == before


def test_the_change_log_says_what_was_before(town, make_code, clock):
    code = make_code()
    actions.update_live_code(SYSTEM, code.id, name="新名字", now=clock.now())
    entry = AuditEntry.objects.get(verb="update_live_code")
    assert entry.detail["changed"] == {"name": ["门店海报", "新名字"]}
