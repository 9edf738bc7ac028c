"""Data scope: every route that names or lists customers, for every role and scope."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from siyu.core.access import Actor, Role, Scope
from siyu.core.models import User
from siyu.guides.models import Post, Region, Staff, Store
from siyu.pool.models import Customer, Identity, Ownership, Relation
from siyu.pool.queries import stream_customers
from siyu.pool.types import CustomerFilter
from siyu.site.api import make_api
from siyu.site.subscriptions import subscribe
from siyu.talk.models import Conversation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
ACCOUNT = "wecom:ww1"
MISSING = 987_654_321
ROLES = ("guide", "manager", "operator", "analyst", "auditor", "owner")
SCOPES = ("self", "store", "region")
SEEN = {"self": {"mei"}, "store": {"mei", "lin"}, "region": {"mei", "lin", "zhou"}}
DOWNLOADS = {"/api/customers/export.csv", "/api/losses.csv"}
"""Tables that hold his own only; every other download needs the scope `all`."""


@pytest.fixture
def people(clock):
    """Customers of Mei and Lin (store 1), Zhou (store 2, same region), Wen (elsewhere)."""
    subscribe()
    now = clock.now()
    east = Region.objects.create(code="east", name="华东", path="/1/")
    west = Region.objects.create(code="west", name="西部", path="/2/")
    stores = [
        Store.objects.create(code=code, name=code, region=region, created_at=now)
        for code, region in (("s1", east), ("s2", east), ("s3", west))
    ]
    customers = {}
    for number, (staff, store) in enumerate(
        (("mei", 0), ("lin", 0), ("zhou", 1), ("wen", 2)), start=1
    ):
        row = Staff.objects.create(account=ACCOUNT, staff=staff, first_seen_at=now, seen_at=now)
        Post.objects.create(staff=row, store=stores[store], role="guide", since=now)
        if staff == "mei":
            Post.objects.create(staff=row, region=east, role="regional_manager", since=now)
        customer = Customer.objects.create(
            pk=number, name=f"客{staff}", created_at=now, last_seen_at=now
        )
        identity = Identity.objects.create(
            namespace="wecom_external_userid",
            scope="ww1",
            value=f"wm-{staff}",
            strength="strong",
            customer_id=number,
            birth_id=number,
            source="t",
            platform="wecom",
            platforms="wecom",
            first_seen_at=now,
            last_seen_at=now,
        )
        own = {"account": ACCOUNT, "staff": staff, "customer_id": number}
        if staff == "lin":
            Ownership.objects.create(**own, identity_id=identity.pk, reason="first", since=now)
        else:
            Relation.objects.create(
                **own, identity_id=identity.pk, platform="wecom", is_friend=True, added_at=now
            )
        Conversation.objects.create(
            customer_id=number,
            identity_id=identity.pk,
            account=ACCOUNT,
            thread=f"t{number}",
            last_at=now,
        )
        customers[staff] = customer.pk
    return customers


def client_of(clock, role, scope):
    person = User.objects.create(
        username=f"{role}-{scope}",
        role=role,
        staff_id="mei",
        staff_account=ACCOUNT,
        scope=scope,
        created_at=clock.now(),
    )
    client = Client()
    client.force_login(person)
    return client


def customer_routes():
    """(method, path) of all routes with a customer in their path, from the API's own description."""
    paths = make_api().get_openapi_schema(path_prefix="/api")["paths"]
    return sorted(
        (method, path)
        for path, operations in paths.items()
        for method in operations
        if "{customer_id}" in path and "sidebar" not in path
    )


def fill(path, customer):
    path = path.replace("{customer_id}", str(customer))
    return re.sub(r"{[^}]+}", "1", path)


def answer(client, method, path):
    got = client.generic(method.upper(), path, json.dumps({}), "application/json")
    return got.status_code, b"" if got.streaming else got.content


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", ROLES)
def test_foreign_and_missing_are_the_same_on_every_route(clock, people, role, scope):
    client = client_of(clock, role, scope)
    foreign = people["wen"]
    routes = customer_routes()
    assert len(routes) >= 15
    for method, path in routes:
        told = answer(client, method, fill(path, foreign))
        missing = answer(client, method, fill(path, MISSING))
        assert told == missing, (method, path)
        assert told[0] in {403, 404, 422}, (method, path, told)
        assert "客wen".encode() not in told[1]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", ROLES)
def test_lists_counts_and_exports_hold_his_own_only(clock, people, role, scope):
    client = client_of(clock, role, scope)
    listed = client.get("/api/customers")
    if listed.status_code == 200:
        names = {one["name"] for one in listed.json()["items"]}
        assert names == {f"客{staff}" for staff in SEEN[scope]}
    talks = client.get("/api/conversations")
    if talks.status_code == 200:
        seen = {one["customer_id"] for one in talks.json()["items"]}
        assert seen == {people[staff] for staff in SEEN[scope]}
    for path in sorted(list_routes()):
        status, content = answer(client, "get", path)
        assert status in {200, 400, 401, 403, 404, 422}, (path, status)
        assert status != 200 or not path.endswith(".csv") or path in DOWNLOADS, path
        assert "客wen".encode() not in content, path
        assert b"\\u5ba2wen" not in content, path


def test_an_export_holds_his_own_only(people):
    actor = Actor("he", Role.OPERATOR, "mei", Scope.STORE, ACCOUNT)
    rows = stream_customers(actor, CustomerFilter())
    assert {row.name for row in rows} == {"客mei", "客lin"}


def list_routes():
    """Every GET without an id in its path."""
    paths = make_api().get_openapi_schema(path_prefix="/api")["paths"]
    return [path for path, operations in paths.items() if "get" in operations and "{" not in path]


def test_the_whole_brand_is_seen_with_the_scope_all(clock, people):
    client = client_of(clock, "operator", "all")
    assert len(client.get("/api/customers").json()["items"]) == 4
