"""The routes of broadcasts and quotas."""

from __future__ import annotations

import json

import pytest

from siyu.broadcasts.tests.town import ACCOUNT, MASS, Town
from siyu.core.access import Role
from siyu.reach.tests.test_reading import browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
JSON = "application/json"


def body(ids: list[int], **more) -> str:
    values = {
        "name": "预告",
        "account": ACCOUNT,
        "channel": MASS,
        "text": "新茶到了",
        "audience": {"kind": "customers", "ids": ids},
    }
    return json.dumps({**values, **more})


def test_from_preview_to_export(town: Town, clock):
    ids = town.befriend(2)
    client = browser(clock, Role.OPERATOR)
    names = {one["name"] for one in client.get("/api/broadcasts/channels").json()["items"]}
    assert {MASS, "wecom.group_send"} <= names
    found = client.post("/api/broadcasts/preview", body(ids), JSON).json()
    assert (found["audience"], found["allowed"], found["tasks"]) == (2, 2, 1)
    assert found["samples"][0]["text"] == "新茶到了"
    made = client.post("/api/broadcasts", body(ids), JSON)
    assert made.status_code == 201
    path = f"/api/broadcasts/{made.json()['id']}"
    assert client.put(path, body(ids, name="改"), JSON).status_code == 204
    assert client.post(f"{path}/submit").status_code == 204
    assert client.post(f"{path}/approve").status_code == 204
    town.work()
    town.work(4)
    shown = client.get(path).json()
    assert (shown["name"], shown["state"]) == ("改", "sending")
    assert shown["counts"]["in_tasks"] == 2
    (sender,) = client.get(f"{path}/senders").json()["items"]
    assert (sender["sender"], sender["states"]) == ("mei", {"accepted": 2})
    assert client.get("/api/broadcasts").json()["items"][0]["id"] == shown["id"]
    (quota, *_) = client.get(f"/api/customers/{ids[0]}/quotas").json()["items"]
    assert (quota["limit"], quota["used"], quota["elsewhere"]) == (30, 1, 0)


def test_refusals_name_their_field_and_rights_hold(town: Town, clock):
    ids = town.befriend(1)
    client = browser(clock, Role.OPERATOR)
    for more, field in (
        ({"name": ""}, "name"),
        ({"channel": "wecom.welcome"}, "channel"),
        ({"audience": {"kind": "?"}}, "audience"),
        ({"text": ""}, "text"),
        ({"attachments": [{"kind": "link"}]}, "attachments"),
    ):
        refused = client.post("/api/broadcasts", body(ids, **more), JSON)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert client.get("/api/broadcasts/999").status_code == 404


def test_a_limit_is_noted_with_its_date(town: Town, clock):
    client = browser(clock, Role.OPERATOR)
    told = {
        "channel": MASS,
        "window": "month",
        "limit": 7,
        "valid_from": "2026-12-01",
        "source": "公告",
    }
    rows = client.post("/api/reach/quotas", json.dumps(told), JSON).json()["items"]
    assert [row["limit"] for row in rows if row["is_ours"]] == [7]
    bad = {**told, "valid_from": "下月"}
    refused = client.post("/api/reach/quotas", json.dumps(bad), JSON)
    assert (refused.status_code, refused.json()["field"]) == (422, "valid_from")


def test_a_guide_may_neither_read_nor_write(town: Town, clock):
    client = browser(clock, Role.GUIDE)
    assert client.get("/api/broadcasts").status_code == 403
    assert client.post("/api/broadcasts", body([1]), JSON).status_code == 403
