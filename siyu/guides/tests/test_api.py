"""Routes of guides and pulls."""

from __future__ import annotations

import pytest
from django.test import Client

from siyu.core.models import User
from siyu.guides.models import Staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def sign_in(clock, role: str) -> Client:
    person = User.objects.create(username=role, role=role, created_at=clock.now())
    client = Client()
    client.force_login(person)
    return client


def test_report_lists_the_staff(clock):
    now = clock.now()
    Staff.objects.create(account="wecom:ww1", staff="mei", first_seen_at=now, seen_at=now)
    (item,) = sign_in(clock, "owner").get("/api/guides").json()["items"]
    assert (item["staff"], item["customers"], item["added_7d"]) == ("mei", 0, 0)


def test_pull_of_an_unknown_account_is_not_found(clock):
    answer = sign_in(clock, "owner").post("/api/accounts/wecom:nobody/sync")
    assert (answer.status_code, answer.json()["code"]) == (404, "account.unknown")


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("auditor", 200), ("guide", 403)])
def test_who_may_see_the_pulls(clock, role, status):
    assert sign_in(clock, role).get("/api/sync").status_code == status


def test_nobody_signed_in_sees_nothing():
    assert Client().get("/api/guides").status_code == 401
