"""What people see of the ledger, of channels and of the policy."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from siyu.core.access import SYSTEM, Role
from siyu.core.models import User
from siyu.kernel.errors import Forbidden, Refused
from siyu.pool import actions as pool
from siyu.pool.absence import note_absent
from siyu.reach import queries
from siyu.reach.models import Touch, Window
from siyu.reach.policy import get_policy, parse_minutes, update_policy
from siyu.reach.tests.cast import WECOM
from siyu.reach.types import Policy, TouchFilter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


def browser(clock, role: Role, staff_id: str = "") -> Client:
    user = User(username=role, role=role, staff_id=staff_id, created_at=clock.now())
    user.set_password("correct horse battery")
    user.save()
    client = Client()
    client.force_login(user)
    return client


def test_guide_sees_only_touches_of_own_customers(stage, mei, wu, lin):
    stage.plan(*stage.befriend("li", staff="mei"), *stage.befriend("wang", staff="zhang"))
    stage.run()
    assert len(queries.list_touches(mei, TouchFilter()).items) == 1
    assert len(queries.list_touches(lin, TouchFilter()).items) == 2
    assert len(queries.list_touches(wu, TouchFilter()).items) == 2


def test_pages_have_neither_gaps_nor_repeats(stage, lin):
    stage.plan(*stage.befriend(*[f"p{number}" for number in range(7)]))
    seen, cursor = [], None
    while True:
        page = queries.list_touches(lin, TouchFilter(), cursor=cursor, limit=3)
        seen += [row.id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(Touch.objects.values_list("id", flat=True), reverse=True)


def test_summary_counts_every_touch_once(stage, lin):
    (li, wang) = stage.befriend("li", "wang")
    stage.plan(li)
    stage.plan(wang, template="{{ coupon }}")
    stage.run()
    summary = queries.touch_summary(lin, TouchFilter())
    assert summary.states == {"accepted": 1, "suppressed": 1}
    assert summary.reasons == {"template_missing_variable": 1}
    assert summary.channels == {("wecom.mass_send", "accepted"): 1}
    assert queries.count_open(stage.clock.now()) == 0


def test_open_channels_say_why_the_others_are_closed(stage, clock):
    (li,) = stage.befriend("li", code="C")
    clock.advance(minutes=1)
    found = {
        route.channel: route
        for route in queries.open_channels([li.customer_id], clock.now())[li.customer_id]
    }
    assert found["wecom.mass_send"].reason_if_closed == ""
    assert found["wecom.welcome"].reason_if_closed == "window_closed"
    assert found["douyin.dm"].reason_if_closed == "no_channel"


@pytest.mark.parametrize("left", [(), ("mei",)])
def test_two_ids_at_one_guide_are_two_channels_that_differ(stage, clock, left):
    (li, other) = stage.befriend("li", "li2")
    people = (li.customer_id, other.customer_id)
    kept = pool.merge_customers(SYSTEM, *people, reason="同一个人的两个号", now=clock.now())
    note_absent(WECOM, left, clock.now())
    (found,) = queries.open_channels([kept], clock.now()).values()
    mass = [route for route in found if route.channel == "wecom.mass_send"]
    assert {route.sender for route in mass} == {"mei"}
    assert {route.identity_id for route in mass} == {li.identity_id, other.identity_id}


def test_erasure_blanks_text_and_address_and_sends_nothing_more(stage, clock):
    from siyu.reach.actions import forget_identities

    (li,) = stage.befriend("li", code="C")
    stage.plan(li)
    stage.run()
    stage.plan(li, campaign="later:1", due_at=clock.now() + timedelta(hours=1))
    forget_identities([li.identity_id])
    assert set(Touch.objects.values_list("text", "address")) == {("", "")}
    assert Touch.objects.get(campaign="later:1").reason == "erased"
    assert not Window.objects.exists()


def test_policy_changes_only_by_those_who_may(clock, lin, wu):
    update_policy(lin, Policy(quiet_start=0, quiet_end=0, cap_count=1), now=clock.now())
    assert get_policy().cap_count == 1
    with pytest.raises(Forbidden):
        update_policy(wu, Policy(), now=clock.now())
    with pytest.raises(Refused):
        update_policy(lin, Policy(cap_days=0), now=clock.now())


@pytest.mark.parametrize("text", ["", "25:00", "8", "8:5", "-1:00", "aa:bb", "23:60"])
def test_wrong_time_of_day_is_refused(text):
    with pytest.raises(Refused):
        parse_minutes(text, field="quiet_start")


def test_routes_answer(stage, clock):
    (li,) = stage.befriend("li")
    stage.plan(li)
    stage.run()
    client = browser(clock, Role.OWNER)
    page = client.get("/api/touches", {"state": "accepted"}).json()
    assert [item["account"] for item in page["items"]] == [WECOM]
    assert client.get("/api/touches/summary").json()["states"] == {"accepted": 1}
    channels = client.get(f"/api/customers/{li.customer_id}/channels").json()["items"]
    assert channels[0]["is_open"]
    body = {"quiet_start": "21:30", "quiet_end": "09:00", "cap_count": 2, "cap_days": 7}
    answer = client.put("/api/reach/policy", json.dumps(body), "application/json")
    assert answer.json() == body == client.get("/api/reach/policy").json()
    wrong = client.put(
        "/api/reach/policy", json.dumps(body | {"quiet_end": "9"}), "application/json"
    )
    assert (wrong.status_code, wrong.json()["field"]) == (422, "quiet_end")
    assert client.get("/api/touches", {"cursor": "zzz"}).status_code == 422
