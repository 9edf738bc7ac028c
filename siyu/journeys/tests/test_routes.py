"""The routes of journeys."""

from __future__ import annotations

import json

import pytest

from siyu.core.access import Role
from siyu.reach.tests.test_reading import browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def test_journey_routes_answer(clock):
    client = browser(clock, Role.OPERATOR)
    template = client.get("/api/journeys/templates").json()["items"][0]
    made = client.post(
        "/api/journeys",
        json.dumps({"name": template["zh"], "definition": template["definition"]}),
        "application/json",
    ).json()
    assert made["state"] == "draft"
    path = f"/api/journeys/{made['id']}"
    live = client.post(f"{path}/publish").json()
    assert (live["state"], live["version"]) == ("live", 1)
    assert client.post(f"{path}/pause").json()["state"] == "paused"
    assert client.post(f"{path}/resume").json()["state"] == "live"
    assert client.get(f"{path}/entries").json() == {"items": [], "next_cursor": None}
    assert client.get("/api/journeys").json()["items"][0]["entered"] == 0
    broken = {"name": "坏", "definition": {"version": 1, "nodes": [{"id": "x", "kind": "?"}]}}
    client.put(path, json.dumps(broken), "application/json")
    refused = client.post(f"{path}/publish")
    assert (refused.status_code, refused.json()["field"]) == (422, "nodes.x")
