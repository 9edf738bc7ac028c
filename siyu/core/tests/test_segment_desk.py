from __future__ import annotations

import gzip
import json

import pytest

from siyu.core.models import RejectedItem
from siyu.core.tests.conftest import drain
from siyu.core.tests.intake_client import IntakeClient
from siyu.kernel.identity import Identity

AT = "2026-11-11T01:59:00Z"
ORDER = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u1",
    "anonymousId": "a1",
    "messageId": "m1",
    "timestamp": AT,
    "properties": {"order_id": "o1", "revenue": 12.5, "products": [{"sku": "s", "name": "茶"}]},
    "context": {"externalIds": [{"id": "oX1", "type": "wx_unionid", "collection": "users"}]},
}


def test_an_order_becomes_a_fact_with_all_identities(shop: IntakeClient, seen):
    reply = shop.post("/v1/track", ORDER)
    assert (reply.status, reply.json) == (
        200,
        {"success": True, "accepted": 1, "duplicate": 0, "rejected": []},
    )
    drain()
    fact = seen[0]
    assert (fact.name, fact.source, fact.platform) == ("order_completed", "shop", "web")
    assert fact.identities == (
        Identity("user_id", "shop", "u1"),
        Identity("wx_unionid", "", "oX1"),
        Identity("anonymous_id", "shop", "a1"),
    )
    assert fact.properties["products"] == [{"sku": "s", "name": "茶"}]


def test_the_same_message_again_is_a_duplicate_whatever_its_sending_time(shop: IntakeClient, seen):
    shop.post("/v1/track", {**ORDER, "sentAt": AT})
    again = shop.post("/v1/track", {**ORDER, "sentAt": "2026-11-11T01:59:30Z"})
    assert (again.json["accepted"], again.json["duplicate"]) == (0, 1)
    drain()
    assert len(seen) == 1


def test_the_same_message_id_with_another_body_is_a_conflict(shop: IntakeClient, seen):
    shop.post("/v1/track", ORDER)
    reply = shop.post("/v1/track", {**ORDER, "event": "Cart Viewed"})
    assert reply.json["rejected"][0]["code"] == "event.conflict"
    drain()
    assert [fact.name for fact in seen] == ["order_completed"]
    assert RejectedItem.objects.get().code == "event.conflict"


def test_one_batch_may_hold_new_known_clashing_and_broken_items(shop: IntakeClient, seen):
    shop.post("/v1/track", ORDER)
    batch = [
        {**ORDER, "messageId": "m2"},
        ORDER,
        {**ORDER, "messageId": "m2"},
        {**ORDER, "messageId": "m2", "event": "Cart Viewed"},
        {"type": "dance", "userId": "u1"},
    ]
    reply = shop.post("/v1/batch", {"batch": batch})
    assert (reply.json["accepted"], reply.json["duplicate"]) == (1, 2)
    assert [(item["index"], item["code"]) for item in reply.json["rejected"]] == [
        (3, "event.conflict"),
        (4, "event.type"),
    ]
    drain()
    assert [fact.message_id for fact in seen] == ["m1", "m2"]


def test_message_ids_of_two_sources_do_not_meet(shop: IntakeClient, seen, lin, clock):
    from siyu.core.write_keys import create_write_key

    app_key = create_write_key(lin, "app", "app", now=clock.now())
    shop.post("/v1/track", ORDER)
    other = IntakeClient(shop.app, app_key).post("/v1/track", {**ORDER, "event": "Other"})
    assert other.json["accepted"] == 1


def test_client_clocks_are_corrected_and_lateness_is_marked(shop: IntakeClient, seen, clock):
    wrong = {**ORDER, "timestamp": "2026-11-10T00:00:00Z", "sentAt": "2026-11-10T00:00:05Z"}
    old = {**ORDER, "messageId": "m2", "timestamp": "2026-11-09T00:00:00Z"}
    shop.post("/v1/batch", {"batch": [wrong, old]})
    drain()
    assert seen[0].at == seen[0].received_at - 5_000
    assert [fact.is_late for fact in seen] == [False, True]


@pytest.mark.parametrize(
    ("timestamp", "code"),
    [
        ("2026-11-11T03:01:00Z", "event.time.future"),
        ("2099-01-01T00:00:00Z", "event.time.future"),
        ("1970-01-01T00:00:00Z", "event.time.past"),
        ("2026-02-30T00:00:00Z", "event.time.invalid"),
        ("yesterday", "event.time.invalid"),
        ({"a": 1}, "event.time.invalid"),
    ],
)
def test_impossible_times_are_refused_and_kept(shop: IntakeClient, seen, timestamp, code):
    reply = shop.post("/v1/track", {**ORDER, "timestamp": timestamp})
    assert reply.json["rejected"][0]["code"] == code
    drain()
    kept = RejectedItem.objects.get()
    assert (seen, kept.code, kept.source) == ([], code, "shop")
    assert json.loads(bytes(kept.raw))["messageId"] == "m1"


def test_personal_data_stays_out_of_properties(shop: IntakeClient, seen):
    properties = {
        "phone": "13912345678",
        "note": "请打 139 1234 5678",
        "contact": "lin@example.cn",
        "shippingAddress": {"street": "西湖路 1 号"},
        "order_no": "13912345678",
        "amount": 12,
        "items": [{"sku": "s1", "name": "茶", "memo": "a@b.cn"}],
    }
    shop.post("/v1/track", {**ORDER, "event": "Form Sent", "properties": properties})
    drain()
    assert seen[0].properties == {
        "order_no": "13912345678",
        "amount": 12,
        "items": [{"sku": "s1", "name": "茶"}],
    }
    assert seen[0].private["note"] == "请打 139 1234 5678"
    assert seen[0].private["items.0.memo"] == "a@b.cn"


def test_contacts_of_an_identify_become_identities(shop: IntakeClient, seen):
    traits = {"phone": "139 1234 5678", "email": "Lin@Example.CN", "name": "林"}
    shop.post("/v1/identify", {"userId": "u1", "messageId": "i1", "traits": traits})
    drain()
    assert seen[0].name == "identified"
    assert {each.key for each in seen[0].identities} == {
        "user_id:shop:u1",
        "phone::+8613912345678",
        "email::lin@example.cn",
    }
    assert seen[0].traits == traits


def test_poison_contacts_stay_traits_and_never_refuse_the_event(shop: IntakeClient, seen):
    traits = {"phone": "13800138000", "email": "nobody"}
    reply = shop.post("/v1/identify", {"userId": "u1", "messageId": "i1", "traits": traits})
    assert reply.json["accepted"] == 1
    drain()
    assert [each.namespace for each in seen[0].identities] == ["user_id"]
    assert seen[0].traits == traits
    assert "phone.poison" in seen[0].private["notes"]


def test_an_unknown_namespace_is_ignored_with_a_note(shop: IntakeClient, seen):
    context = {"externalIds": [{"id": "1", "type": "martian_id"}, {"id": 5}]}
    shop.post("/v1/track", {**ORDER, "context": context})
    drain()
    assert [each.namespace for each in seen[0].identities] == ["user_id", "anonymous_id"]
    assert "martian_id: identity.namespace" in seen[0].private["notes"]


def test_alias_links_both_ids(shop: IntakeClient, seen):
    shop.post("/v1/alias", {"userId": "u1", "previousId": "a9", "messageId": "x"})
    drain()
    assert seen[0].name == "alias"
    assert [each.key for each in seen[0].identities] == [
        "user_id:shop:u1",
        "anonymous_id:shop:a9",
    ]


@pytest.mark.parametrize(
    ("path", "item", "name"),
    [
        ("/v1/page", {"name": "首页"}, "page_viewed"),
        ("/v1/screen", {"name": "Home"}, "screen_viewed"),
        ("/v1/group", {"groupId": "g1"}, "group_joined"),
        ("/v1/track", {"event": "Order Refunded", "properties": {"order_id": 7}}, "order_refunded"),
        ("/v1/track", {"event": "Friend Referred"}, "referred"),
        ("/v1/track", {"event": "friend_added"}, "custom_friend_added"),
        ("/v1/track", {"event": "加入购物车"}, "加入购物车"),
        ("/v1/track", {"event": "productViewed"}, "product_viewed"),
    ],
)
def test_calls_become_named_facts(shop: IntakeClient, seen, path, item, name):
    assert shop.post(path, {"userId": "u1", **item}).json["accepted"] == 1
    drain()
    assert seen[0].name == name


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"userId": None, "anonymousId": None, "context": {}}, "event.no_identity"),
        ({"event": ""}, "event.name"),
        ({"event": 5}, "event.name"),
        ({"event": "x" * 300}, "event.name"),
        ({"properties": []}, "event.type"),
        ({"messageId": "x" * 300}, "event.message_id"),
        ({"properties": {"order_id": ""}}, "order.id"),
        ({"properties": {"order_id": "o", "revenue": -1}}, "money.negative"),
        ({"properties": {"order_id": "o", "revenue": 1e18}}, "money.range"),
        ({"properties": {"order_id": "o", "revenue": "12.345"}}, "money.decimals"),
        ({"properties": {"order_id": "o", "revenue": "lots"}}, "money.invalid"),
        ({"properties": {"order_id": "o", "revenue": "1e999999"}}, "money.invalid"),
        ({"properties": {f"k{n}": 1 for n in range(101)}}, "event.too_many_keys"),
        ({"properties": {"order_id": "o", "text": "x" * 9000}}, "event.value_too_large"),
        ({"properties": {"order_id": "o", "k" * 256: 1}}, "event.key_too_long"),
        ({"properties": {"__proto__": 1}}, "event.reserved_key"),
        ({"properties": {"a": {"constructor": 1}}}, "event.reserved_key"),
        ({"properties": {"order_id": "o", "n": 2**70}}, "event.number"),
        ({"properties": {"order_id": "o", "text": ["x" * 8000] * 5}}, "event.too_large"),
    ],
)
def test_bad_items_say_what_is_wrong(shop: IntakeClient, change, code):
    reply = shop.post("/v1/track", {**ORDER, **change})
    assert reply.status == 200
    assert [item["code"] for item in reply.json["rejected"]] == [code]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"userId":"u","userId":"v","event":"x"}', "event.duplicate_key"),
        (b'{"userId":"u","event":"x","\\u003a":1,"\\u003a":2}', "event.duplicate_key"),
        (b'{"userId":"u","event":"\xff"}', "event.json"),
        (b'{"userId":"u","event":"x","p":' + b"[" * 80 + b"]" * 80 + b"}", "event.too_deep"),
        (b"[1]", "event.json"),
    ],
)
def test_items_are_read_strictly(shop: IntakeClient, raw, code):
    reply = shop.post("/v1/batch", b'{"batch":[' + raw + b"]}")
    assert reply.status == 200
    assert [item["code"] for item in reply.json["rejected"]] == [code]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"batch":{}}',
        b'{"batch":[NaN]}',
        b'{"batch":[]} {"batch":[]}',
        b'{"batch":["\\ud800"]}',
        b'{"batch":' + b"[" * 50_000,
        b'{"batch":[1e999',
        b"\xef\xbb\xbf{}",
    ],
)
def test_a_body_that_is_no_json_is_refused_whole(shop: IntakeClient, raw):
    reply = shop.post("/v1/batch", raw)
    assert (reply.status, reply.json["code"]) == (400, "request.json")


def test_texts_come_through_as_they_were_sent_but_for_nul(shop: IntakeClient, seen):
    text = "𠮷👨‍👩‍👧\u202e\u200b"
    item = {**ORDER, "event": "Note", "properties": {"text": text + "\x00"}}
    shop.post("/v1/track", item)
    drain()
    assert seen[0].properties == {"text": text}


def test_keys_come_by_basic_bearer_or_body(shop: IntakeClient):
    nobody = IntakeClient(shop.app)
    bearer = nobody.post("/v1/track", ORDER, {"authorization": f"Bearer {shop.key}"})
    body = nobody.post("/v1/batch", {"batch": [], "writeKey": shop.key})
    assert (bearer.status, body.status) == (200, 200)
    assert nobody.post("/v1/track", ORDER).status == 401
    wrong = nobody.post("/v1/track", ORDER, {"authorization": "Bearer swk_wrong"})
    assert (wrong.status, wrong.json["code"]) == (401, "write_key.unknown")
    assert "www-authenticate" in wrong.headers


def test_gzip_bodies_are_unpacked_within_limits(shop: IntakeClient):
    packed = gzip.compress(json.dumps({"batch": [ORDER]}).encode())
    header = {"content-encoding": "gzip"}
    assert shop.post("/v1/batch", packed, header).json["accepted"] == 1
    bomb = gzip.compress(b" " * 10_000_000)
    assert shop.post("/v1/batch", bomb, header).status == 413
    assert shop.post("/v1/batch", packed[:-9], header).status == 400
    assert shop.post("/v1/batch", b"{}", header).status == 400
    assert shop.post("/v1/batch", packed, {"content-encoding": "br"}).status == 415


def test_bodies_beyond_500_kb_are_refused(shop: IntakeClient):
    assert shop.post("/v1/batch", b" " * 600_000).status == 413
    declared = shop.post("/v1/batch", b"{}", {"content-length": "600000"})
    assert declared.status == 413


async def test_a_body_in_parts_is_put_together_and_limited(shop: IntakeClient):
    raw = json.dumps({"batch": [ORDER]}).encode()
    whole = await shop.send("POST", "/v1/batch", [raw[:10], raw[10:50], raw[50:]])
    assert whole.json["accepted"] == 1
    assert (await shop.send("POST", "/v1/batch", [b" " * 300_000] * 3)).status == 413


def test_other_methods_and_paths_are_refused(shop: IntakeClient):
    assert shop.request("GET", "/v1/track").status == 405
    assert shop.post("/v1/dance", ORDER).status == 404


def test_revoked_keys_stop_working(shop: IntakeClient, lin, clock):
    import time

    from siyu.core.write_keys import FRESH_SECONDS, list_write_keys, revoke_write_key

    assert shop.post("/v1/track", ORDER).status == 200
    revoke_write_key(lin, list_write_keys(lin)[0].id, now=clock.now())
    time.sleep(FRESH_SECONDS + 0.1)
    assert shop.post("/v1/track", ORDER).status == 401
