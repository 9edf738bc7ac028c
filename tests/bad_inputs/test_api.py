"""Rows Collector/API and Segment/DSL of docs/bad_inputs.md: one test a cell."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from siyu.core import retention
from siyu.core.models import KeptAnswer, RejectedItem
from siyu.core.tests.conftest import drain
from siyu.segments.models import Segment
from siyu.site.middleware import LISTS

pytestmark = [pytest.mark.django_db(transaction=True)]
OPENAPI = Path(__file__).parents[2] / "console" / "openapi.json"
FRIENDS = {"op": "platform", "platform": "wecom", "has": True}


def track(number: int, **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": "u1",
        "messageId": f"m{number}",
        "timestamp": "2026-11-11T01:59:00Z",
        "properties": {"order_id": f"o{number}", **properties},
    }


def test_collector_3_one_bad_row_is_named_and_the_others_are_kept(shop, seen):
    batch = [track(number, total=1) for number in range(500)]
    batch[137] = {"type": "track", "messageId": "bad"}
    for times in (1, 2):
        reply = shop.post("/v1/batch", {"batch": batch})
        assert reply.status == 200
        assert [(row["index"]) for row in reply.json["rejected"]] == [137]
        assert reply.json["accepted" if times == 1 else "duplicate"] == 499
    drain()
    assert len(seen) == 499
    huge = {"batch": [{"type": "track", "userId": "u"}] * 6_000}
    assert shop.post("/v1/batch", huge).status == 413


def test_collector_2_too_much_and_reserved_names_are_refused_by_item(shop):
    bad: list[dict[str, Any]] = [
        {f"k{n}": 1 for n in range(1_000)},
        {"text": "x" * 20_000},
        {"__proto__": 1},
        {"constructor": 1},
        {"$where": 1},
        {"k" * 256: 1},
    ]
    reply = shop.post("/v1/batch", {"batch": [track(n, **each) for n, each in enumerate(bad)]})
    assert reply.status == 200
    assert [row["index"] for row in reply.json["rejected"]] == list(range(6))
    assert {row["code"] for row in reply.json["rejected"]} == {
        "event.too_many_keys",
        "event.value_too_large",
        "event.reserved_key",
        "event.key_too_long",
    }
    drain()
    assert RejectedItem.objects.count() == 6


def make_segment(browser: Client, name: str, key: str) -> Any:
    body = json.dumps({"name": name, "definition": {"version": 1, "root": FRIENDS}})
    headers = {"idempotency-key": key}
    return browser.post("/api/segments", body, content_type="application/json", headers=headers)


def test_collector_4_a_request_with_a_key_is_done_once(browser, clock):
    first = make_segment(browser, "好友", "k1")
    again = make_segment(browser, "好友", "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, again["Idempotent-Replayed"]) == (again.content, "true")
    assert Segment.objects.filter(name="好友").count() == 1
    other = make_segment(browser, "别的", "k1")
    assert (other.status_code, other.json()["code"]) == (409, "request.key_reused")
    for key in ("k" * 300, "", "钥匙"):
        refused = make_segment(browser, "别的", key)
        assert (refused.status_code, refused.json()["code"]) == (400, "request.idempotency_key")
    assert not Segment.objects.filter(name="别的").exists()
    clock.advance(days=2)
    while retention.trim():
        pass
    assert make_segment(browser, "别的", "k1").status_code == 201


def test_collector_4_a_twin_waits_and_a_lost_end_is_told(browser, clock):
    make_segment(browser, "好友", "k1")
    KeptAnswer.objects.update(status=0)
    twin = make_segment(browser, "好友", "k1")
    assert (twin.status_code, twin.json()["code"]) == (409, "request.under_way")
    clock.advance(minutes=2)
    late = make_segment(browser, "好友", "k1")
    assert (late.status_code, late.json()["code"]) == (409, "request.unknown")
    assert Segment.objects.count() == 1


def test_collector_4_of_parallel_twins_one_is_done(browser):
    sessions = {name: morsel.value for name, morsel in browser.cookies.items()}

    def ask(_number: int) -> int:
        twin = Client()
        twin.cookies.load(sessions)
        try:
            return int(make_segment(twin, "双胞胎", "k1").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        found = sorted(threads.map(ask, range(8)))
    assert found[0] == 201
    assert set(found) <= {201, 409}
    assert Segment.objects.filter(name="双胞胎").count() == 1


def test_collector_5_forged_addresses_methods_and_doubled_parameters(browser, shop):
    headers = {"x-forwarded-for": "127.0.0.1", "x-http-method-override": "DELETE"}
    assert shop.post("/v1/track", track(1, total=1), headers).status == 200
    answer = browser.get("/api/imports", headers=headers)
    assert answer.status_code == 200
    doubled = browser.get("/api/customers?limit=1&limit=2")
    assert (doubled.status_code, doubled.json()["code"]) == (400, "request.doubled")
    assert doubled.json()["field"] == "limit"
    assert browser.post("/api/customers?_method=DELETE").status_code == 405


def test_collector_5_only_lists_may_be_given_more_than_once():
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"]
    described = {
        parameter["name"]
        for operations in paths.values()
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query" and '"array"' in json.dumps(parameter["schema"])
    }
    assert described == LISTS


@pytest.mark.parametrize("path", ["/api/customers", "/api/orders"])
@pytest.mark.parametrize(
    "query",
    [
        "limit=1000000",
        "limit=0",
        "limit=-1",
        "limit=x",
        "cursor=%F0%9F%98%80",
        "cursor=" + "a" * 900,
    ],
)
def test_collector_6_pages_are_capped_and_cursors_are_ours(browser, path, query):
    answer = browser.get(f"{path}?{query}")
    assert answer.status_code == 422, answer.content
    assert answer.json()["code"]


NESTED: Any = {"op": "platform", "platform": "wecom", "has": True}
for _ in range(40):
    NESTED = {"op": "not", "child": NESTED}


@pytest.mark.parametrize(
    "root",
    [
        {"op": "and", "children": [{"op": "tag", "tag_id": 1, "has": True}] * 10_000},
        NESTED,
        {"op": "trait", "field": "stage", "cmp": "matches", "value": r"(a)\1"},
        {"op": "trait", "field": "secret_of_another", "cmp": "eq", "value": 1},
        {"op": "segment", "segment_id": 10**9, "is_member": True},
    ],
)
def test_segment_1_definitions_beyond_reason_are_refused_with_their_place(browser, root):
    for path in ("/api/segments", "/api/segments/preview"):
        body = {"name": "x", "definition": {"version": 1, "root": root}}
        answer = browser.post(path, json.dumps(body), content_type="application/json")
        assert answer.status_code in {404, 422}, answer.content
        assert answer.json()["code"]
    assert not Segment.objects.exists()
