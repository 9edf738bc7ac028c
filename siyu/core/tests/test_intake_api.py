"""Write keys, refused items and the intake's state through the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from siyu.core.models import AuditEntry, User
from siyu.core.rejected import record_rejected
from siyu.core.tests.conftest import drain
from siyu.core.tests.intake_client import IntakeClient
from siyu.kernel.errors import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]
EVENT = {"type": "track", "userId": "u1", "event": "Tea Viewed"}


def sign_in(clock, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.create(username=role, role=role, created_at=clock.now()))
    return client


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api{path}", body, content_type="application/json")


def test_a_key_is_shown_once_and_lets_events_in_until_it_is_revoked(clock, seen):
    from siyu.core.intake.asgi import IntakeApp

    owner = sign_in(clock, "owner")
    made = post(owner, "/write-keys", {"name": "shop"})
    assert made.status_code == 201
    key, key_id = made.json()["key"], made.json()["id"]
    [shown] = owner.get("/api/write-keys").json()["items"]
    assert (shown["name"], shown["platform"], shown["is_active"]) == ("shop", "web", True)
    assert key.endswith(shown["hint"])
    assert key not in owner.get("/api/write-keys").content.decode()
    app = IntakeApp()
    assert IntakeClient(app, key).post("/v1/track", EVENT).status == 200
    app.close()
    drain()
    assert [fact.source for fact in seen] == ["shop"]
    assert owner.delete(f"/api/write-keys/{key_id}").status_code == 204
    app = IntakeApp()
    assert IntakeClient(app, key).post("/v1/track", EVENT).status == 401
    app.close()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"create_write_key", "revoke_write_key"} <= verbs


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "has space"}, 422, "write_key.name"),
        ({"name": ""}, 422, "write_key.name"),
        ({"name": "a", "platform": "WEB!"}, 422, "write_key.platform"),
        ({"name": "taken"}, 409, "write_key.exists"),
        ({}, 422, "request.invalid"),
    ],
)
def test_bad_keys_are_refused_with_the_field(clock, body, status, code):
    owner = sign_in(clock, "owner")
    post(owner, "/write-keys", {"name": "taken"})
    answer = post(owner, "/write-keys", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["field"]


def test_revoking_an_unknown_key_is_404(clock):
    assert sign_in(clock, "owner").delete("/api/write-keys/77").status_code == 404


@pytest.mark.parametrize("role", ["operator", "guide", "analyst", "auditor"])
def test_only_the_owner_handles_keys(clock, role):
    client = sign_in(clock, role)
    assert client.get("/api/write-keys").status_code == 403
    assert post(client, "/write-keys", {"name": "shop"}).status_code == 403
    assert client.delete("/api/write-keys/1").status_code == 403


def test_refused_items_are_paged_and_masked(clock):
    for number in range(3):
        raw = f'{{"n": {number}, "phone": "13912345678"}}'.encode()
        record_rejected("shop", Refused("event.type", "不支持", field="type"), raw, now=clock.now())
    auditor = sign_in(clock, "auditor")
    first = auditor.get("/api/rejected?limit=2").json()
    rest = auditor.get("/api/rejected", {"cursor": first["next_cursor"]}).json()
    items = [*first["items"], *rest["items"]]
    assert rest["next_cursor"] is None
    assert [item["sample"][:7] for item in items] == ['{"n": 2', '{"n": 1', '{"n": 0']
    assert {item["code"] for item in items} == {"event.type"}
    assert "13912345678" not in str(items)
    assert auditor.get("/api/rejected?cursor=nonsense").status_code == 422


@pytest.mark.parametrize(
    ("role", "rejected", "intake"),
    [
        ("owner", 200, 200),
        ("operator", 200, 200),
        ("guide", 403, 403),
        ("analyst", 403, 200),
        ("auditor", 200, 200),
    ],
)
def test_who_sees_the_intake(clock, role, rejected, intake):
    client = sign_in(clock, role)
    assert client.get("/api/rejected").status_code == rejected
    assert client.get("/api/intake").status_code == intake


def test_the_intake_counts_what_came(clock, shop: IntakeClient, seen):
    analyst = sign_in(clock, "analyst")
    before = analyst.get("/api/intake").json()
    assert (before["accepted_total"], before["last_event_at"]) == (0, None)
    shop.post("/v1/batch", {"batch": [EVENT, {**EVENT, "event": 5}]})
    assert analyst.get("/api/intake").json()["inbox_pending"] >= 1
    drain()
    after = analyst.get("/api/intake").json()
    assert (after["inbox_pending"], after["accepted_total"], after["rejected_total"]) == (0, 1, 1)
    assert after["last_event_at"]
