from __future__ import annotations

import base64
import gzip
import json
from urllib.parse import quote, urlencode

import pytest

from siyu.core.tests.conftest import drain
from siyu.core.tests.intake_client import IntakeClient

NOW_MS = 1_794_362_400_000
"""2026-11-11 10:00 in Shanghai, where the tests' clock stands."""
VIEW = {
    "type": "track",
    "event": "ViewProduct",
    "time": NOW_MS - 1000,
    "distinct_id": "u1",
    "properties": {"$is_login_id": True, "$os": "iOS", "sku": "s1", "$lib": "python"},
}


def pack(value: object) -> str:
    return base64.b64encode(gzip.compress(json.dumps(value).encode())).decode()


def send(shop: IntakeClient, *records: object):
    body = urlencode({"data_list": pack(list(records)), "gzip": 1}).encode()
    return shop.post(f"/sa?project=default&token={shop.key}", body)


def test_a_tracked_event_becomes_a_fact(shop: IntakeClient, seen):
    assert send(shop, VIEW).json["accepted"] == 1
    drain()
    fact = seen[0]
    assert (fact.name, fact.at) == ("view_product", NOW_MS - 1000)
    assert fact.properties == {"os": "iOS", "sku": "s1", "lib": "python"}
    assert [each.key for each in fact.identities] == ["user_id:shop:u1"]


def test_the_same_record_again_is_a_duplicate(shop: IntakeClient):
    send(shop, {**VIEW, "_flush_time": 1})
    assert send(shop, {**VIEW, "_flush_time": 2}).json["duplicate"] == 1


def test_a_single_record_comes_by_get_or_uncompressed(shop: IntakeClient, seen):
    data = quote(base64.b64encode(json.dumps(VIEW).encode()).decode())
    reply = shop.request("GET", f"/sa.gif?data={data}&token={shop.key}")
    assert reply.json["accepted"] == 1
    drain()
    assert seen[0].name == "view_product"


def test_identities_of_the_third_generation_are_mapped(shop: IntakeClient, seen):
    identities = {
        "$identity_login_id": "u1",
        "$identity_mobile": "13912345678",
        "$identity_mp_unionid": "oX",
        "$identity_cookie_id": "c1",
        "$identity_martian": "m",
    }
    send(shop, {**VIEW, "identities": identities})
    drain()
    assert [each.key for each in seen[0].identities] == [
        "user_id:shop:u1",
        "phone::+8613912345678",
        "wx_unionid::oX",
        "anonymous_id:shop:c1",
    ]
    assert "martian" in seen[0].private["notes"]


def test_a_signup_links_the_anonymous_with_the_login_id(shop: IntakeClient, seen):
    record = {**VIEW, "type": "track_signup", "event": "$SignUp", "original_id": "a1"}
    send(shop, record)
    drain()
    assert seen[0].name == "signed_up"
    assert [each.key for each in seen[0].identities] == ["user_id:shop:u1", "anonymous_id:shop:a1"]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("profile_set", None),
        ("profile_set_once", "set_once"),
        ("profile_increment", "increment"),
        ("profile_append", "append"),
        ("profile_unset", "unset"),
    ],
)
def test_profiles_become_traits(shop: IntakeClient, seen, kind, mode):
    send(shop, {**VIEW, "type": kind, "properties": {"$is_login_id": True, "level": 3}})
    drain()
    assert (seen[0].name, seen[0].traits) == ("identified", {"level": 3})
    assert seen[0].properties.get("trait_mode") == mode


@pytest.mark.parametrize(("kind", "name"), [("bind", "alias"), ("unbind", "identity_unbound")])
def test_binding_and_unbinding_are_facts(shop: IntakeClient, seen, kind, name):
    identities = {"$identity_login_id": "u1", "$identity_mobile": "13912345678"}
    send(shop, {**VIEW, "type": f"track_id_{kind}", "identities": identities})
    drain()
    assert (seen[0].name, len(seen[0].identities)) == (name, 2)


def test_bad_records_are_reported_one_by_one(shop: IntakeClient):
    reply = send(
        shop, VIEW, {**VIEW, "type": "item_set"}, {**VIEW, "time": 5}, {**VIEW, "event": 1}
    )
    assert reply.status == 200
    assert [item["code"] for item in reply.json["rejected"]] == [
        "event.type",
        "event.time.past",
        "event.name",
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "request.data"),
        (b"data_list=%%%", 400, "request.base64"),
        (b"data_list=" + quote(base64.b64encode(b"[1,")).encode(), 400, "request.json"),
        (b"\xff", 400, "request.form"),
        (b"data_list=" + quote(base64.b64encode(b"\x1f\x8bxx")).encode(), 400, "request.gzip"),
        (b"data=" + b"a" * 2_000_000, 413, "request.too_large"),
    ],
)
def test_bad_bodies_are_refused(shop: IntakeClient, body, status, code):
    reply = shop.post(f"/sa?token={shop.key}", body)
    assert (reply.status, reply.json["code"]) == (status, code)


def test_a_missing_token_is_refused(shop: IntakeClient):
    body = urlencode({"data_list": pack([VIEW])}).encode()
    assert IntakeClient(shop.app).post("/sa", body).status == 401


def test_the_token_may_sit_in_the_record(shop: IntakeClient):
    body = urlencode({"data_list": pack([{**VIEW, "token": shop.key}])}).encode()
    assert IntakeClient(shop.app).post("/sa", body).json["accepted"] == 1
