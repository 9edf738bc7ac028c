"""What each role sees through the API."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from siyu.core.models import AuditEntry, User
from siyu.kernel.clock import to_ms
from siyu.pool import listing, queries
from siyu.pool.models import Edge, Identity, phone_tail
from siyu.pool.rows import execute, is_postgres
from siyu.pool.tests.people import fact, feed, phone, unionid, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
PHONE = "+8613912345678"
ROLES = ["owner", "operator", "guide", "analyst", "auditor"]


def sign_in(clock, role: str, staff: str = "") -> Client:
    person = User.objects.create(
        username=f"{role}{staff}", role=role, staff_id=staff, created_at=clock.now()
    )
    client = Client()
    client.force_login(person)
    return client


@async_to_sync
async def body_of(answer: Any) -> bytes:
    """A streamed answer, read as the ASGI server reads it."""
    return b"".join([piece async for piece in answer.streaming_content])


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


@pytest.fixture
def ann(clock) -> int:
    """Ann is a friend of Mei and has a phone."""
    [seen] = feed(
        clock,
        fact(
            unionid("oABCDEFGHIJKLMNOP"),
            phone(PHONE),
            at=to_ms(clock.now()),
            name="friend_added",
            platform="wecom",
            account="wecom:ww1",
            staff="mei",
            traits={"name": "=安", "mobile": PHONE, "note": f"call {PHONE}"},
        ),
    )
    assert seen.customer_id is not None
    return seen.customer_id


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_but_the_reveal_holds_a_full_phone(clock, ann, role):
    client = sign_in(clock, role, "mei" if role == "guide" else "")
    paths = ["/api/customers", f"/api/customers/{ann}", f"/api/customers/{ann}/why"]
    for path in [*paths, "/api/customers/export.csv", "/api/conflicts"]:
        answer = client.get(path)
        body = body_of(answer) if answer.streaming else answer.content
        assert b"13912345678" not in body, path
        assert answer.status_code in {200, 403}
    row = client.get("/api/customers").json()["items"][0]
    assert (row["phone_masked"], row["name"], row["stage"]) == ("139****5678", "=安", "")
    answer = client.get(f"/api/customers/{ann}/phone")
    assert answer.status_code == (200 if role == "owner" else 403)
    if role == "owner":
        assert answer.json() == {"phone": PHONE}
        assert AuditEntry.objects.filter(verb="reveal_phone").count() == 1


def test_guide_sees_his_own_and_cannot_tell_foreign_from_missing(clock, ann):
    li = sign_in(clock, "guide", "li")
    nobody = sign_in(clock, "guide", "")
    for client in (li, nobody):
        assert client.get("/api/customers").json()["items"] == []
        assert client.get("/api/customers/count").json() == {"count": 0}
        foreign, missing = (
            client.get(f"/api/customers/{number}{tail}")
            for number, tail in ((ann, "/why"), (99999, "/why"))
        )
        assert (foreign.status_code, foreign.content) == (404, missing.content)
        assert client.get(f"/api/customers/{ann}").status_code == 404
        path = f"/api/customers/{ann}/tags"
        body = {"add": [], "remove": [1]}
        assert post(client, path, body).status_code == 404
    mei = sign_in(clock, "guide", "mei")
    assert mei.get(f"/api/customers/{ann}").json()["relations"][0]["staff"] == "mei"


@pytest.mark.parametrize("role", ["guide", "analyst", "auditor"])
def test_roles_without_the_right_may_not_write(clock, ann, role):
    client = sign_in(clock, role, "mei" if role == "guide" else "")
    merge = {"keep_id": ann, "other_id": ann, "reason": "x"}
    assert post(client, "/api/customers/merge", merge).status_code == 403
    assert client.delete(f"/api/customers/{ann}").status_code == 403
    edge = Edge.objects.get().pk
    assert post(client, f"/api/edges/{edge}/retract", {"reason": "x"}).status_code == 403
    assert client.get("/api/customers/export.csv").status_code == 403
    assert client.get("/api/conflicts").status_code == 403


def test_signed_out_gets_401(ann):
    assert Client().get("/api/customers").status_code == 401


def test_pages_go_through_everybody_once(clock):
    at = to_ms(clock.now())
    feed(clock, *(fact(user(f"m{n}"), at=at + 1000 * (n // 3)) for n in range(23)))
    client = sign_in(clock, "owner")
    seen: list[int] = []
    cursor = ""
    while True:
        page = client.get(f"/api/customers?limit=5&cursor={cursor}").json()
        seen += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 23
    assert client.get("/api/customers", {"cursor": "nonsense"}).status_code == 422
    assert client.get("/api/customers", {"limit": 10**6}).status_code == 422


def test_filters_and_search(clock, ann):
    at = to_ms(clock.now())
    [bo] = feed(clock, fact(user("m1"), at=at, traits={"name": "Bo Li"}))
    client = sign_in(clock, "owner")

    def found(**query: Any) -> list[int]:
        answer = client.get("/api/customers", query)
        assert answer.status_code == 200, answer.content
        rows = answer.json()["items"]
        assert client.get("/api/customers/count", query).json()["count"] == len(rows)
        return [row["id"] for row in rows]

    assert found(q="139 1234 5678") == [ann]
    assert found(q="5678") == [ann]
    assert found(q="1234") == found(q="45678") == found(q="567") == []
    assert found(q="m1") == found(q="Bo") == found(q=str(bo.customer_id)) == [bo.customer_id]
    assert found(q="%") == found(q="o Li") == []
    assert found(platform="wecom") == [ann]
    assert found(platform="we") == []
    assert found(owner="mei") == [ann]
    assert found(stage="buy") == []
    assert client.get("/api/customers", {"stage": "sideways"}).status_code == 422
    before = list(listing._segment_members)
    queries.set_segment_members(lambda segment: [ann] if segment == 7 else [])
    assert (found(segment_id=7), found(segment_id=8)) == ([ann], [])
    listing._segment_members[:] = before


def test_the_end_of_a_phone_is_found_by_its_index():
    if is_postgres():
        execute("SET LOCAL enable_seqscan = off")
    phones = Identity.objects.filter(namespace="phone").alias(tail=phone_tail())
    plan = phones.filter(tail="5678").explain()
    assert "identity_phone_tail" in plan
    assert ("Index Cond" if is_postgres() else "SEARCH") in plan


def test_tags_through_the_api(clock, ann):
    client = sign_in(clock, "operator")
    tag = post(client, "/api/tags", {"group": "等级", "name": "VIP"}).json()
    body = {"add": [tag["id"]]}
    answer = post(client, f"/api/customers/{ann}/tags", body)
    assert answer.json()["items"] == [tag]
    assert client.get("/api/customers", {"tag_id": tag["id"]}).json()["items"][0]["id"] == ann
    assert post(client, "/api/tags", {"name": " "}).status_code == 422
    missing = post(client, f"/api/customers/{ann}/tags", {"add": [999]})
    assert missing.status_code == 404
    assert client.delete(f"/api/tags/{tag['id']}").status_code == 204
    assert client.get("/api/tags").json()["items"] == []
    assert client.get(f"/api/customers/{ann}").json()["tags"] == []


def test_merge_why_and_retract_through_the_api(clock, ann):
    [bo] = feed(clock, fact(user("m1"), at=to_ms(clock.now())))
    client = sign_in(clock, "owner")
    body = {"keep_id": bo.customer_id, "other_id": ann, "reason": "同一人"}
    answer = post(client, "/api/customers/merge", body)
    assert answer.json() == {"id": min(ann, bo.customer_id)}
    profile = client.get(f"/api/customers/{bo.customer_id}").json()
    assert (profile["id"], profile["merged_from"]) == (ann, [bo.customer_id])
    graph = client.get(f"/api/customers/{ann}/why").json()
    assert {node["value_masked"] for node in graph["nodes"]} == {
        "oABC…MNOP",
        "139****5678",
        "m1***",
    }
    manual = next(edge for edge in graph["edges"] if edge["evidence"] == "manual")
    path = f"/api/edges/{manual['id']}/retract"
    assert post(client, path, {"reason": "弄错了"}).status_code == 204
    assert post(client, path, {"reason": "弄错了"}).status_code == 409
    assert client.get(f"/api/customers/{bo.customer_id}").json()["id"] == bo.customer_id


def test_consent_and_erasure_through_the_api(clock, ann):
    client = sign_in(clock, "owner")
    body = {"channel": "*", "purpose": "marketing", "is_granted": False}
    profile = post(client, f"/api/customers/{ann}/consent", body).json()
    assert profile["consents"][0]["is_granted"] is False
    assert client.delete(f"/api/customers/{ann}").status_code == 204
    assert client.get(f"/api/customers/{ann}").status_code == 404
    assert client.delete(f"/api/customers/{ann}").status_code == 404


def test_export_is_formula_safe_and_audited(clock, ann):
    answer = sign_in(clock, "operator").get("/api/customers/export.csv")
    text = body_of(answer).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["name"], row["phone_masked"]) == ("'=安", "139****5678")
    assert AuditEntry.objects.filter(verb="export_customers").count() == 1


def test_an_export_by_an_unknown_field_is_refused_before_it_begins(clock, ann):
    client = sign_in(clock, "operator")
    answer = client.get("/api/customers/export.csv", {"field": "0", "value": "x"})
    assert (answer.status_code, answer.json()["field"]) == (404, "field")
    assert not AuditEntry.objects.filter(verb="export_customers").exists()


def test_masked_traits(clock, ann):
    traits = sign_in(clock, "owner").get(f"/api/customers/{ann}").json()["traits"]
    values = {trait["field"]: trait["value"] for trait in traits}
    assert values == {"name": "=安", "mobile": "****", "note": "call +****"}
