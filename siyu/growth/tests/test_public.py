"""Pages without login: what they show, what they refuse, how often they answer."""

from __future__ import annotations

import dataclasses
import json
from itertools import count

import pytest
from django.apps import apps
from django.test import Client

from siyu.core.access import SYSTEM
from siyu.growth import actions, stores
from siyu.growth.models import LiveCode, PageDay
from siyu.growth.neighbours import set_neighbours
from siyu.growth.tests.conftest import STORES
from siyu.kernel.errors import Refused
from siyu.platforms.wecom.pictures import read_qr

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = count(1)


@pytest.fixture
def guest() -> Client:
    """A browser of an address of its own: the limit counts by address."""
    return Client(REMOTE_ADDR=f"192.0.2.{next(ADDRESSES)}")


@pytest.fixture
def opened(make_code):
    page = {"title": "<b>加好友</b>", "text": "领茶样", "hint": "长按"}
    return make_code(page=page, is_open=True)


def test_the_page_shows_the_code_and_escapes(town, opened, guest):
    path = f"/p/c/{opened.slug}"
    answer = guest.get(path)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "&lt;b&gt;加好友&lt;/b&gt;" in page
    assert "领茶样" in page
    assert opened.state not in page
    assert answer["X-Robots-Tag"] == "noindex"
    picture = guest.get(f"{path}/qr.png")
    assert read_qr(picture.content) == opened.url
    assert PageDay.objects.get().views == 1
    assert guest.get("/p/files/page.css").status_code == 200
    assert guest.get("/p/files/secret").status_code == 404


def test_a_closed_or_paused_page_is_gone(town, opened, guest, clock):
    actions.update_live_code(SYSTEM, opened.id, is_active=False, now=clock.now())
    assert guest.get(f"/p/c/{opened.slug}").status_code == 404
    assert guest.get("/p/c/nothing").status_code == 404


def test_a_page_that_is_opened_again_has_its_old_address_and_views(town, opened, guest, clock):
    guest.get(f"/p/c/{opened.slug}")
    shut = actions.update_live_code(SYSTEM, opened.id, is_open=False, now=clock.now())
    assert shut.slug == ""
    assert guest.get(f"/p/c/{opened.slug}").status_code == 404
    again = actions.update_live_code(SYSTEM, opened.id, is_open=True, now=clock.now())
    assert again.slug == opened.slug
    assert guest.get(f"/p/c/{opened.slug}").status_code == 200
    assert PageDay.objects.get().views == 2


def test_the_page_of_a_code_the_platform_has_no_more_is_gone(town, opened, guest, clock):
    actions.delete_live_code(SYSTEM, opened.id, now=clock.now())
    assert guest.get(f"/p/c/{opened.slug}").status_code == 404


@pytest.fixture
def store_code(town, make_code, clock):
    values = {
        "name": "全国门店",
        "account": town.account,
        "title": "找到离您最近的门店",
        "fallback_id": make_code(name="客服").id,
    }
    made = stores.save_store_code(SYSTEM, None, values, now=clock.now())
    assert stores.fill_store_code(SYSTEM, made.id, now=clock.now()) == {}
    assert stores.fill_store_code(SYSTEM, made.id, now=clock.now()) == {}
    return stores.list_store_codes(SYSTEM)[0]


def find(guest, store_code, **asked):
    body = json.dumps(asked)
    return guest.post(f"/p/s/{store_code.slug}/find", body, content_type="application/json")


def test_every_store_with_staff_gets_a_code(town, store_code):
    shown = [(entry.name, entry.code_id is not None) for entry in store_code.entries]
    assert shown == [("外滩店", True), ("徐家汇店", True), ("网店", False)]
    assert {tuple(way["user"]) for way in town.people("contact_ways")} == {
        ("mei", "lin"),
        ("mei",),
        ("lin",),
    }


def test_codes_follow_their_stores_and_are_made_anew_when_lost(town, store_code, clock):
    near, far = store_code.entries[0], store_code.entries[1]
    moved = dataclasses.replace(STORES[0], staff=((town.account, "lin"), (town.account, "mei")))
    set_neighbours(stores=lambda: (moved, *STORES[1:]))
    actions.delete_live_code(SYSTEM, far.code_id, now=clock.now())
    (before,) = stores.list_store_codes(SYSTEM)
    assert [one.is_current for one in before.entries] == [False, False, True]
    assert stores.fill_store_code(SYSTEM, store_code.id, now=clock.now()) == {}
    (after,) = stores.list_store_codes(SYSTEM)
    assert [one.is_current for one in after.entries] == [True, True, True]
    assert after.entries[0].code_id == near.code_id
    assert after.entries[1].code_id != far.code_id
    state = LiveCode.objects.get(pk=near.code_id).state
    assert set(town.way(state)["user"]) == {"mei", "lin"}


def test_a_store_code_counts_its_page_and_whom_each_store_won(town, store_code, guest):
    guest.get(f"/p/s/{store_code.slug}")
    state = LiveCode.objects.get(pk=store_code.entries[0].code_id).state
    for number in range(2):
        town.people("scan", state=state, unionid=f"oU{number}", name="客")
    town.hear()
    (seen,) = stores.list_store_codes(SYSTEM)
    assert (seen.views, [one.added for one in seen.entries]) == (1, [2, 0, 0])


def test_a_place_leads_to_the_nearest_store(town, store_code, guest):
    near = find(guest, store_code, lat=31.2397, lng=121.4998).json()
    assert near["store"] == "外滩店"
    assert 900 < near["metres"] < 960
    assert guest.get(near["picture"]).content.startswith(b"\x89PNG")
    chosen = find(guest, store_code, store=2).json()
    assert (chosen["store"], chosen["metres"]) == ("徐家汇店", None)


def test_too_far_or_unknown_leads_to_the_fallback(town, store_code, guest):
    for asked in ({"lat": 39.9, "lng": 116.4}, {"store": 99}):
        far = find(guest, store_code, **asked).json()
        assert (far["is_far"], far["store"]) == (True, "")
        assert guest.get(far["picture"]).status_code == 200


def test_a_group_code_goes_before_the_stores_own(town, store_code, guest, clock):
    known = {"account": town.account, "name": "外滩群", "state": "g1", "slug": "abc"}
    code = apps.get_model("groups", "GroupCode").objects.create(**known, created_at=clock.now()).pk
    near = store_code.entries[0].store_id
    stores.save_store_code(SYSTEM, store_code.id, {"groups": {near: code}}, now=clock.now())
    found = find(guest, store_code, store=near).json()
    assert found["group_path"] == "/g/abc"
    with pytest.raises(Refused, match="群活码"):
        stores.save_store_code(SYSTEM, store_code.id, {"groups": {near: 999}}, now=clock.now())


def test_the_page_lists_stores_and_asks_for_the_place(town, store_code, guest):
    page = guest.get(f"/p/s/{store_code.slug}")
    assert "geolocation=(self)" in page["Permissions-Policy"]
    items = guest.get(f"/p/s/{store_code.slug}/stores").json()["items"]
    assert [(one["city"], one["name"]) for one in items] == [
        ("上海", "外滩店"),
        ("上海", "徐家汇店"),
    ]
    assert find(guest, store_code, lat=99, lng=0).status_code == 422
    assert (
        guest.post(f"/p/s/{store_code.slug}/find", "{", content_type="text/plain").status_code
        == 422
    )


@pytest.mark.parametrize("wrong", [{"name": ""}, {"radius_m": 5}, {"fallback_id": 99}])
def test_wrong_store_codes_are_refused(town, clock, wrong):
    values = {"name": "门店", "account": town.account, **wrong}
    with pytest.raises(Refused):
        stores.save_store_code(SYSTEM, None, values, now=clock.now())
