"""Roles and scopes: what somebody may do who does not see everything."""

from __future__ import annotations

import pytest

from siyu.core.access import PERMISSIONS, SCOPED, SYSTEM, Actor, Role, Scope
from siyu.core.scope import gather, staff_scope
from siyu.core.users import Place, create_user
from siyu.kernel.errors import Refused

PASSWORD = "camellia-blooms-9"


def test_a_narrower_scope_takes_away_what_tells_of_the_whole_brand():
    regional = Actor("he", Role.OPERATOR, "he", Scope.REGION)
    assert regional.may("customer:read")
    assert regional.may("transfer:write")
    for permission in ("overview:read", "segment:read", "order:import", "journey:write"):
        assert Actor("he", Role.OPERATOR).may(permission)
        assert not regional.may(permission)


@pytest.mark.parametrize("role", list(Role))
def test_permissions_are_those_that_may_be_used(role):
    for scope in (None, *Scope):
        actor = Actor("x", role, "x", scope)
        assert actor.permissions == {name for name in PERMISSIONS[role] if actor.may(name)}
        assert actor.sees_all or actor.permissions <= SCOPED


def test_a_scope_without_a_member_of_staff_sees_nobody():
    nobody = staff_scope(Actor("x", Role.ANALYST, "", Scope.REGION))
    assert nobody is not None
    assert not len(nobody)


def test_the_same_userid_of_another_corp_is_another_person():
    scope = gather([("wecom:a", "mei"), ("wecom:b", "zhou")])
    assert ("wecom:a", "mei") in scope
    assert ("wecom:b", "mei") not in scope


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "place", "field"),
    [
        (Role.GUIDE, Place("mei", scope=Scope.ALL), "scope"),
        (Role.MANAGER, Place("mei", scope=Scope.ALL), "scope"),
        (Role.OPERATOR, Place(scope=Scope.STORE), "staff_id"),
    ],
)
def test_a_place_that_makes_no_sense_is_refused(clock, role, place, field):
    with pytest.raises(Refused) as error:
        create_user(SYSTEM, "new", PASSWORD, role, place=place, now=clock.now())
    assert error.value.field == field
