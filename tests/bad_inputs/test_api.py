"""Rows Collector/API and Segment/DSL of docs/bad_inputs.md: one test a cell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from siyu.core.models import RejectedItem
from siyu.core.tests.conftest import drain
from siyu.segments.models import Segment

pytestmark = [pytest.mark.django_db(transaction=True)]


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


def test_collector_5_forged_addresses_methods_and_doubled_parameters(browser, shop):
    headers = {"x-forwarded-for": "127.0.0.1", "x-http-method-override": "DELETE"}
    assert shop.post("/v1/track", track(1, total=1), headers).status == 200
    answer = browser.get("/api/imports", headers=headers)
    assert answer.status_code == 200
    assert browser.get("/api/customers?limit=1&limit=2").status_code in {200, 400, 422}
    assert browser.post("/api/customers?_method=DELETE").status_code == 405


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
