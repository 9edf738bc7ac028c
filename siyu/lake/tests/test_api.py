"""Timeline, user SQL and named queries through the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from siyu.core.access import Actor
from siyu.core.models import User
from siyu.kernel.errors import NotFound
from siyu.lake import actions, queries
from siyu.lake.tests.support import batch, seen

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]


@pytest.fixture(autouse=True)
def people() -> Iterator[None]:
    """Customer 1 has identity 10 and is everybody's to see; nobody else exists."""
    before = list(queries._lookup)

    def look_up(actor: Actor, customer_id: int) -> list[int]:
        if customer_id != 1:
            raise NotFound("customer.missing", "没有这位客户")
        return [10]

    queries.set_identity_lookup(look_up)
    yield
    queries._lookup[:] = before


def sign_in(clock, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.create(username=role, role=role, created_at=clock.now()))
    return client


def ask(client: Client, sql: Any) -> Any:
    return client.post("/api/query", {"sql": sql}, content_type="application/json")


@pytest.mark.parametrize("is_flushed", [False, True])
def test_the_timeline_is_newest_first_page_by_page(clock, is_flushed):
    start = clock.now()
    rows = [
        seen(1, start + timedelta(minutes=i), message_id=f"m{i}", sku=f"s{i}") for i in range(5)
    ]
    actions.buffer(batch(start, *rows))
    if is_flushed:
        clock.advance(minutes=10)
        while actions.flush():
            pass
    owner = sign_in(clock, "owner")
    found, cursor = [], ""
    while cursor is not None:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = owner.get("/api/customers/1/timeline", query).json()
        found += [item["properties"]["sku"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert found == ["s4", "s3", "s2", "s1", "s0"]


def test_a_foreign_customer_and_a_bad_cursor_are_refused(clock):
    owner = sign_in(clock, "owner")
    assert owner.get("/api/customers/2/timeline").status_code == 404
    assert owner.get("/api/customers/1/timeline?cursor=nonsense").status_code == 422


def test_a_query_answers_in_json(clock):
    actions.buffer(batch(clock.now(), seen(1, clock.now())))
    answer = ask(
        sign_in(clock, "analyst"),
        "SELECT name, occurred_at, NULL AS nothing, [1, 2] AS many, 1.5::DECIMAL(9,2) AS d"
        " FROM events",
    )
    assert answer.status_code == 200
    told = answer.json()
    assert told["columns"] == ["name", "occurred_at", "nothing", "many", "d"]
    [[name, at, nothing, many, amount]] = told["rows"]
    assert (name, nothing, many, float(amount)) == ("page_viewed", None, [1, 2], 1.5)
    assert at.startswith("2026-11-11")
    assert (told["is_truncated"], told["took_ms"] >= 0) == (False, True)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM events",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH 'x.db'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
        "SELECT getenv('HOME')",
        "SELECT * FROM core_user",
        "SELECT nonsense FROM events",
        "not sql",
    ],
)
def test_what_is_not_one_select_over_the_tables_is_refused(clock, sql):
    answer = ask(sign_in(clock, "owner"), sql)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"].startswith("query.")
    assert answer.json()["title"]


@pytest.mark.parametrize("sql", ["", "x" * 20_001, None, 5])
def test_a_body_out_of_shape_is_refused(clock, sql):
    assert ask(sign_in(clock, "owner"), sql).status_code == 422


@pytest.mark.parametrize(
    ("role", "query", "timeline", "named"),
    [
        ("owner", 200, 200, 200),
        ("operator", 403, 200, 200),
        ("guide", 403, 200, 403),
        ("analyst", 200, 200, 200),
        ("auditor", 403, 200, 200),
    ],
)
def test_who_may_ask(clock, role, query, timeline, named):
    client = sign_in(clock, role)
    assert ask(client, "SELECT 1 AS one").status_code == query
    assert client.get("/api/customers/1/timeline").status_code == timeline
    assert client.get("/api/queries/overview_kpis").status_code == named


@pytest.mark.parametrize("name", ["overview_kpis", "insight.repurchase", "segments.rfm"])
def test_the_text_behind_a_number_can_be_read_and_run(clock, name):
    owner = sign_in(clock, "owner")
    told = owner.get(f"/api/queries/{name}").json()
    assert told["name"] == name
    assert "select" in told["sql"].lower()


@pytest.mark.parametrize("name", ["nonsense", "core.users", "..%2f..%2fsettings", "insight.../x"])
def test_an_unknown_name_is_404(clock, name):
    assert sign_in(clock, "owner").get(f"/api/queries/{name}").status_code == 404
