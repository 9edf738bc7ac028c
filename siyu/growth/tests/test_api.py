"""Routes of live codes."""

from __future__ import annotations

import pytest
from django.test import Client

from siyu.core.models import User
from siyu.growth.models import LiveCode

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def sign_in(clock, role: str) -> Client:
    person = User.objects.create(username=role, role=role, created_at=clock.now())
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def code(clock) -> LiveCode:
    return LiveCode.objects.create(
        account="wecom:ww1",
        name="门店海报",
        channel="store_poster",
        state="c1",
        remote_id="r1",
        url="https://qr.example/1",
        staff=["mei"],
        created_at=clock.now(),
    )


def test_list_shows_the_code_and_its_picture_opens(clock, code):
    client = sign_in(clock, "guide")
    (item,) = client.get("/api/live-codes").json()["items"]
    assert (item["name"], item["added"], item["staff"]) == ("门店海报", 0, ["mei"])
    picture = client.get(item["qr_url"])
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")
    assert client.get(item["qr_url"].replace("svg", "png")).content.startswith(b"\x89PNG")


def test_change_by_route(clock, code):
    body = {"welcome_text": "你好", "is_active": False}
    answer = sign_in(clock, "operator").patch(
        f"/api/live-codes/{code.pk}", body, content_type="application/json"
    )
    assert answer.status_code == 200
    assert (answer.json()["welcome_text"], answer.json()["is_active"]) == ("你好", False)


def test_unknown_code_is_not_found(clock):
    assert sign_in(clock, "owner").get("/api/live-codes/9/qr.png").status_code == 404


def test_malformed_code_is_a_problem(clock):
    answer = sign_in(clock, "owner").post(
        "/api/live-codes", {"account": "wecom:ww1"}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert answer.json()["field"]
