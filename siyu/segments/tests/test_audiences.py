"""Segments side by side and over time: overlap, growth, members, export."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siyu.core.access import SYSTEM
from siyu.core.models import AuditEntry, User
from siyu.kernel.clock import to_ms
from siyu.pool.tests.people import fact, feed, phone, who
from siyu.segments import actions, audiences
from siyu.segments.models import Membership, Segment
from siyu.segments.rules import decode
from siyu.segments.templates import TEMPLATES
from siyu.segments.tests.support import World, showing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
PLATFORMS = ("wecom", "douyin", "web", "mini", "alipay")


@pytest.fixture
def world(clock):
    with showing(World(clock.now())) as shown:
        yield shown


def sign_in(clock, role: str = "owner") -> Client:
    client = Client()
    client.force_login(User.objects.create(username=role, role=role, created_at=clock.now()))
    return client


def on(platform: str) -> dict[str, Any]:
    return {"version": 1, "root": {"op": "platform", "platform": platform, "has": True}}


def body_of(answer: Any) -> str:
    async def whole() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return async_to_sync(whole)().decode("utf-8-sig")


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(people=st.lists(st.sets(st.sampled_from(PLATFORMS)), min_size=1, max_size=12))
def test_regions_count_everybody_once(world, clock, people):
    Segment.objects.all().delete()
    world.customers.clear()
    for row_id, seen in enumerate(people, start=1):
        world.add_customer(row_id, platforms=",".join(sorted(seen)))
    world.show()
    now = clock.now()
    ids = {actions.create_segment(SYSTEM, name, on(name), now=now): name for name in PLATFORMS[:3]}
    found = audiences.find_overlap(SYSTEM, list(ids), now=now)
    told = {
        frozenset(ids[row] for row in region.segment_ids): region.count for region in found.regions
    }
    expected: dict[frozenset[str], int] = {}
    for seen in people:
        key = frozenset(seen & set(ids.values()))
        expected[key] = expected.get(key, 0) + 1
    assert found.outside == expected.pop(frozenset(), 0)
    assert told == expected
    assert {segment.name: segment.count for segment in found.segments} == {
        name: sum(name in seen for seen in people) for name in ids.values()
    }


def test_overlap_needs_two_to_five_known_segments(world, clock):
    owner = sign_in(clock)
    world.add_customer(1, platforms="wecom")
    world.show()
    ids = [actions.create_segment(SYSTEM, name, on(name), now=clock.now()) for name in PLATFORMS]
    six = actions.create_segment(SYSTEM, "all", on("none"), now=clock.now())
    path = "/api/segments/overlap"
    assert owner.get(path, {"ids": ids}).status_code == 200
    assert owner.get(path, {"ids": ids[:1]}).json()["code"] == "segment.compared"
    assert owner.get(path, {"ids": [*ids, six]}).json()["code"] == "segment.compared"
    assert owner.get(path, {"ids": [ids[0], 999]}).status_code == 404
    assert sign_in(clock, "guide").get(path, {"ids": ids}).status_code == 403


def test_growth_counts_entries_and_exits_by_day_of_the_brand(world, clock):
    row_id = actions.create_segment(SYSTEM, "群", on("wecom"), now=clock.now())
    now = clock.now()

    def stay(customer: int, came: float, went: float | None = None, cause: str = "fact:x") -> None:
        Membership.objects.create(
            segment_id=row_id,
            customer_id=customer,
            valid_from=now - timedelta(hours=came),
            valid_to=None if went is None else now - timedelta(hours=went),
            cause=cause,
            left_cause="" if went is None else "clock",
        )

    stay(1, 30 * 24, cause="created")
    stay(2, 11)
    stay(3, 9)
    stay(4, 50, 12)
    Segment.objects.filter(pk=row_id).update(member_count=3)
    found = sign_in(clock).get(f"/api/segments/{row_id}/growth?days=4").json()
    assert [(day["size"], day["entered"], day["left"]) for day in found["days"]] == [
        (1, 0, 0),
        (2, 1, 0),
        (2, 1, 1),
        (3, 1, 0),
    ]
    assert found["days"][-1]["date"] == "2026-11-11"
    assert found["causes"] == [
        {"cause": "fact", "entered": 3, "left": 0},
        {"cause": "clock", "entered": 0, "left": 1},
    ]


@pytest.fixture
def members(clock) -> int:
    """A segment of seven real customers."""
    names = ["=cmd()", "林", "梅", "吴", "a", "b", "c"]
    facts = [
        fact(phone(f"+861384000000{n}"), at=to_ms(clock.now()) + n, traits={"name": name})
        for n, name in enumerate(names, start=1)
    ]
    customers = [who(seen) for seen in feed(clock, *facts)]
    row = Segment.objects.create(
        name="群",
        definition=on("web"),
        created_at=clock.now(),
        updated_at=clock.now(),
        member_count=len(customers),
    )
    for customer in customers:
        Membership.objects.create(
            segment_id=row.pk, customer_id=customer, valid_from=clock.now(), cause="created"
        )
    return int(row.pk)


def test_members_are_paged_by_key_with_masked_rows(clock, members):
    owner = sign_in(clock)
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        path = f"/api/segments/{members}/members?limit=3&cursor={cursor}"
        page = owner.get(path).json()
        seen += [row["id"] for row in page["items"]]
        assert all("****" in row["row"]["phone_masked"] for row in page["items"])
        cursor = page["next_cursor"]
    assert len(seen) == 7
    assert seen == sorted(set(seen), reverse=True)
    assert owner.get(f"/api/segments/{members}/members?cursor=x").status_code == 422


def test_export_is_masked_formula_safe_and_audited(clock, members):
    text = body_of(sign_in(clock).get(f"/api/segments/{members}/export.csv"))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 7
    assert "13840000001" not in text
    assert "'=cmd()" in {row["name"] for row in rows}
    assert {row["cause"] for row in rows} == {"created"}
    assert AuditEntry.objects.get(verb="export_segment").target == f"segment:{members}"
    for role, expected in (("operator", 200), ("analyst", 403), ("guide", 403), ("auditor", 403)):
        answer = sign_in(clock, role).get(f"/api/segments/{members}/export.csv")
        assert answer.status_code == expected


def test_an_export_streams_page_by_page(members, lin):
    rows = audiences.stream_members(lin, members, at_once=2)
    first = next(rows)
    assert len([first, *rows]) == 7


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_every_template_is_a_definition_that_can_be_counted(world, clock, template):
    decode(template.definition)
    world.add_customer(1, platforms="wecom")
    world.show()
    owner = sign_in(clock)
    body = {"definition": template.definition}
    answer = owner.post("/api/segments/preview", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    listed = owner.get("/api/segments/templates").json()["items"]
    assert template.key in {item["key"] for item in listed}
