from __future__ import annotations

from datetime import timedelta

import pytest

from siyu.core.access import PERMISSIONS, SYSTEM, Actor, Role
from siyu.core.models import AuditEntry, User
from siyu.core.users import MAX_FAILURES, authenticate, create_user, update_user
from siyu.kernel.errors import Conflict, Forbidden, Refused

pytestmark = pytest.mark.django_db
PASSWORD = "camellia-blooms-9"


@pytest.fixture
def owner(clock):
    return create_user(SYSTEM, "lin", PASSWORD, Role.OWNER, now=clock.now())


def test_a_right_password_signs_in(owner, clock):
    assert authenticate("lin", PASSWORD, "10.0.0.1", now=clock.now()).pk == owner.pk


def test_passwords_are_kept_as_argon2(owner):
    assert User.objects.get(username="lin").password.startswith("argon2$")


@pytest.mark.parametrize(("name", "password"), [("lin", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(owner, clock, name, password):
    with pytest.raises(Forbidden) as error:
        authenticate(name, password, "10.0.0.1", now=clock.now())
    assert error.value.code == "login.wrong"


def test_guessing_is_silenced_for_ten_minutes(owner, clock):
    for _ in range(MAX_FAILURES):
        with pytest.raises(Forbidden):
            authenticate("lin", "wrong", "10.0.0.1", now=clock.now())
    with pytest.raises(Forbidden) as error:
        authenticate("lin", PASSWORD, "10.0.0.1", now=clock.now())
    assert error.value.code == "login.locked"
    assert authenticate("lin", PASSWORD, "10.0.0.2", now=clock.now())
    clock.advance(minutes=10)
    assert authenticate("lin", PASSWORD, "10.0.0.1", now=clock.now())


def test_old_failures_are_forgotten(owner, clock):
    for _ in range(MAX_FAILURES + 3):
        with pytest.raises(Forbidden) as error:
            authenticate("lin", "wrong", "10.0.0.1", now=clock.now())
        assert error.value.code == "login.wrong"
        clock.advance(seconds=timedelta(minutes=11).total_seconds())


def test_only_an_owner_adds_people(clock):
    with pytest.raises(Forbidden):
        create_user(Actor("mei", Role.OPERATOR), "new", PASSWORD, Role.OWNER, now=clock.now())
    assert not User.objects.exists()


def test_a_name_is_taken_once(owner, clock):
    with pytest.raises(Conflict):
        create_user(SYSTEM, "lin", PASSWORD, Role.ANALYST, now=clock.now())


@pytest.mark.parametrize("password", ["short", "password123", "1234567890"])
def test_weak_passwords_are_refused(clock, password):
    with pytest.raises(Refused) as error:
        create_user(SYSTEM, "lin", password, Role.OWNER, now=clock.now())
    assert error.value.field == "password"


def test_a_guide_needs_his_staff_id(clock):
    with pytest.raises(Refused) as error:
        create_user(SYSTEM, "mei", PASSWORD, Role.GUIDE, now=clock.now())
    assert error.value.field == "staff_id"


def test_the_last_owner_stays(owner, clock):
    with pytest.raises(Refused) as error:
        update_user(SYSTEM, owner.pk, role=Role.ANALYST, now=clock.now())
    assert error.value.code == "user.last_owner"
    assert User.objects.get(pk=owner.pk).role == "owner"


def test_a_disabled_person_cannot_sign_in(owner, clock):
    mei = create_user(SYSTEM, "mei", PASSWORD, Role.OPERATOR, now=clock.now())
    update_user(SYSTEM, mei.pk, is_active=False, now=clock.now())
    with pytest.raises(Forbidden):
        authenticate("mei", PASSWORD, "10.0.0.1", now=clock.now())


def test_every_change_of_a_person_is_audited(owner, clock):
    update_user(SYSTEM, owner.pk, password="another-camellia-7", now=clock.now())
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["create_user", "update_user"]
    assert "another-camellia-7" not in str(list(AuditEntry.objects.values()))


def test_only_owners_reveal_phones_and_only_named_permissions_exist():
    assert [role for role in Role if Actor("x", role).sees_phones] == [Role.OWNER]
    assert PERMISSIONS[Role.GUIDE] < PERMISSIONS[Role.OPERATOR] < PERMISSIONS[Role.OWNER]
