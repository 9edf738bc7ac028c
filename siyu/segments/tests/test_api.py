"""Segments through the API: make, change, preview, explain, list, archive."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from siyu.core.models import AuditEntry, User
from siyu.segments.tests.support import World, showing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
ROLES = ["owner", "operator", "guide", "analyst", "auditor"]
LOYAL: dict[str, Any] = {
    "version": 1,
    "root": {"op": "trait", "field": "stage", "cmp": "eq", "value": "loyal"},
}
BUYERS = {
    "version": 1,
    "root": {
        "op": "and",
        "children": [
            {"op": "order", "measure": "count", "cmp": "gte", "value": 1},
            {"op": "platform", "platform": "wecom", "has": True},
        ],
    },
}


@pytest.fixture(autouse=True)
def world(clock):
    world = World(clock.now())
    for who in range(1, 6):
        stage = "loyal" if who > 3 else "attract"
        world.add_customer(who, order_count=0, stage=stage, platforms="wecom")
    for who in (1, 2):
        world.add_order(who, clock.now(), 5_000)
    with showing(world):
        yield world


def sign_in(clock, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.create(username=role, role=role, created_at=clock.now()))
    return client


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(f"/api{path}", body, content_type="application/json")


def put(client: Client, path: str, body: Any) -> Any:
    return client.put(f"/api{path}", body, content_type="application/json")


def test_a_segment_is_made_changed_and_archived(clock):
    owner = sign_in(clock, "owner")
    made = post(owner, "/segments", {"name": "忠诚", "definition": LOYAL})
    assert made.status_code == 201
    row_id = made.json()["id"]
    shown = owner.get(f"/api/segments/{row_id}").json()
    assert (shown["name"], shown["count"], shown["definition"]) == ("忠诚", 2, LOYAL)
    changed = put(owner, f"/segments/{row_id}", {"name": "买家", "definition": BUYERS}).json()
    assert (changed["name"], changed["count"]) == ("买家", 2)
    members = owner.get(f"/api/segments/{row_id}/members").json()["items"]
    assert {row["id"] for row in members} == {1, 2}
    assert owner.delete(f"/api/segments/{row_id}").status_code == 204
    assert owner.get("/api/segments").json()["items"] == []
    [archived] = owner.get("/api/segments?is_archived=true").json()["items"]
    assert (archived["id"], archived["count"]) == (row_id, 0)
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"create_segment", "update_segment", "archive_segment"} <= verbs


def test_members_are_paged(clock):
    owner = sign_in(clock, "owner")
    everybody = {"version": 1, "root": {"op": "platform", "platform": "wecom", "has": True}}
    row_id = post(owner, "/segments", {"name": "全部", "definition": everybody}).json()["id"]
    first = owner.get(f"/api/segments/{row_id}/members?limit=3").json()
    query = {"cursor": first["next_cursor"], "limit": 3}
    rest = owner.get(f"/api/segments/{row_id}/members", query).json()
    ids = [row["id"] for row in [*first["items"], *rest["items"]]]
    assert sorted(ids) == [1, 2, 3, 4, 5]
    assert rest["next_cursor"] is None


def test_a_preview_counts_the_whole_and_every_condition(clock):
    told = post(sign_in(clock, "analyst"), "/segments/preview", {"definition": BUYERS}).json()
    assert (told["count"], told["total"]) == (2, 5)
    counts = [condition["count"] for condition in told["conditions"]]
    assert sorted(counts) == [2, 2, 5]
    assert {row["id"] for row in told["sample"]} == {1, 2}
    assert "select" in told["sql"].lower()


def test_an_explanation_says_which_condition_holds(clock):
    owner = sign_in(clock, "owner")
    row_id = post(owner, "/segments", {"name": "买家", "definition": BUYERS}).json()["id"]
    inside = owner.get(f"/api/segments/{row_id}/explain/1").json()
    outside = owner.get(f"/api/segments/{row_id}/explain/4").json()
    assert (inside["holds"], outside["holds"]) == (True, False)
    assert [child["holds"] for child in outside["children"]] == [False, True]
    assert outside["children"][0]["actual"] is not None


def test_history_ends_with_the_members_of_today(clock):
    owner = sign_in(clock, "owner")
    row_id = post(owner, "/segments", {"name": "忠诚", "definition": LOYAL}).json()["id"]
    points = owner.get(f"/api/segments/{row_id}/history").json()["items"]
    assert points[-1]["count"] == 2


def test_the_builder_knows_every_kind_of_condition(clock):
    groups = sign_in(clock, "owner").get("/api/segments/fields").json()["groups"]
    ops = {field["op"] for group in groups for field in group["fields"]}
    assert {"trait", "order", "event", "rfm"} <= ops
    assert all(field["zh"] and field["en"] for group in groups for field in group["fields"])


@pytest.mark.parametrize(
    "definition",
    [
        {},
        {"version": 2, "root": LOYAL["root"]},
        {"version": 1, "root": {"op": "magic"}},
        {"version": 1, "root": {"op": "trait", "field": "phone", "cmp": "eq", "value": "1"}},
        {"version": 1, "root": {"op": "segment", "segment_id": 999}},
        {"version": 1, "root": {"op": "and", "children": []}},
        {"version": 1, "root": {**LOYAL["root"], "cmp": "gt; DROP TABLE x"}},
    ],
)
def test_a_wrong_definition_is_refused_everywhere(clock, definition):
    owner = sign_in(clock, "owner")
    for path, body in (
        ("/segments", {"name": "x", "definition": definition}),
        ("/segments/preview", {"definition": definition}),
    ):
        answer = post(owner, path, body)
        assert answer.status_code in {404, 422}, answer.content
        assert answer.json()["code"]
    assert owner.get("/api/segments").json()["items"] == []


def test_a_name_is_taken_once(clock):
    owner = sign_in(clock, "owner")
    body = {"name": "忠诚", "definition": LOYAL}
    assert post(owner, "/segments", body).status_code == 201
    assert post(owner, "/segments", body).status_code == 409


def test_an_unknown_segment_is_404_on_every_route(clock):
    owner = sign_in(clock, "owner")
    for path in ("", "/members", "/history", "/explain/1"):
        assert owner.get(f"/api/segments/77{path}").status_code == 404, path
    assert put(owner, "/segments/77", {"name": "x", "definition": LOYAL}).status_code == 404
    assert owner.delete("/api/segments/77").status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_and_write_segments(clock, role):
    owner = User.objects.create(username="boss", role="owner", created_at=clock.now())
    boss = Client()
    boss.force_login(owner)
    row_id = post(boss, "/segments", {"name": "忠诚", "definition": LOYAL}).json()["id"]
    client = sign_in(clock, role)
    may_read, may_write = role != "guide", role in {"owner", "operator"}
    for path in (
        "/segments",
        "/segments/fields",
        f"/segments/{row_id}",
        f"/segments/{row_id}/members",
        f"/segments/{row_id}/history",
        f"/segments/{row_id}/explain/1",
    ):
        assert client.get(f"/api{path}").status_code == (200 if may_read else 403), path
    body = {"name": "新", "definition": LOYAL}
    assert post(client, "/segments/preview", {"definition": LOYAL}).status_code == (
        200 if may_read else 403
    )
    assert post(client, "/segments", body).status_code == (201 if may_write else 403)
    assert put(client, f"/segments/{row_id}", {**body, "name": "旧"}).status_code == (
        200 if may_write else 403
    )
    assert client.delete(f"/api/segments/{row_id}").status_code == (204 if may_write else 403)
