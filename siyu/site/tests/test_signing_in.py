from __future__ import annotations

import pytest
from django.test import Client

from siyu.core.access import SYSTEM, Role
from siyu.core.models import AuditEntry
from siyu.core.users import Place, create_user, update_user

pytestmark = pytest.mark.django_db
PASSWORD = "camellia-blooms-9"


@pytest.fixture
def people(run_time, clock):
    create_user(SYSTEM, "lin", PASSWORD, Role.OWNER, now=clock.now())
    create_user(SYSTEM, "mei", PASSWORD, Role.GUIDE, place=Place("mei"), now=clock.now())
    create_user(SYSTEM, "wu", PASSWORD, Role.AUDITOR, now=clock.now())


def sign_in(name: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(
        "/api/session", {"username": name, "password": password}, content_type="application/json"
    )
    return client


def test_the_session_tells_who_signed_in(people):
    answer = sign_in("lin").get("/api/session").json()
    assert answer["user"]["role"] == "owner"
    assert "user:write" in answer["user"]["permissions"]


def test_nobody_gets_a_401_problem_everywhere(people):
    for path in ("/api/session", "/api/customers", "/api/overview", "/api/users"):
        answer = Client().get(path)
        assert answer.status_code == 401
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "access.anonymous"


def test_a_wrong_password_is_a_403_problem(people):
    answer = Client().post(
        "/api/session", {"username": "lin", "password": "x"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "login.wrong")


def test_signing_out_ends_the_session(people):
    client = sign_in("lin")
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/session").status_code == 401


def test_a_changed_password_ends_other_sessions(people, clock):
    client = sign_in("mei")
    user_id = client.get("/api/session").json()["user"]["id"]
    update_user(SYSTEM, user_id, password="another-camellia-7", now=clock.now())
    assert client.get("/api/session").status_code == 401


def test_a_disabled_person_s_session_ends(people, clock):
    client = sign_in("mei")
    user_id = client.get("/api/session").json()["user"]["id"]
    update_user(SYSTEM, user_id, is_active=False, now=clock.now())
    assert client.get("/api/session").status_code == 401


def test_writes_need_the_csrf_token(people):
    client = Client(enforce_csrf_checks=True)
    client.post(
        "/api/session", {"username": "lin", "password": PASSWORD}, content_type="application/json"
    )
    body = {"username": "new", "password": PASSWORD, "role": "analyst"}
    assert client.post("/api/users", body, content_type="application/json").status_code == 403
    token = client.get("/api/session").json()["csrf_token"]
    answer = client.post(
        "/api/users", body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("mei", "/api/users", 403),
        ("wu", "/api/users", 403),
        ("wu", "/api/audit", 200),
        ("mei", "/api/audit", 403),
        ("lin", "/api/audit?limit=0", 422),
        ("lin", "/api/audit?cursor=%27", 422),
        ("lin", "/api/audit?actor=%00", 400),
    ],
)
def test_roles_hold_at_the_api(people, name, path, status):
    assert sign_in(name).get(path).status_code == status


def test_what_people_do_is_in_the_audit_log(people):
    client = sign_in("lin")
    body = {"username": "new", "password": PASSWORD, "role": "analyst"}
    client.post("/api/users", body, content_type="application/json")
    assert AuditEntry.objects.latest("id").actor == "lin"
    assert client.get("/api/audit/check").json() == {"is_whole": True, "broken_id": None}


def test_pages_carry_the_headers_that_keep_them_safe(people):
    answer = Client().get("/api/session")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
