"""Uploaded lists through the API: what is matched, reported, kept and used in other segments."""

from __future__ import annotations

import csv
import io
import tracemalloc
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from xlsxwriter import Workbook

from siyu.core.access import SYSTEM
from siyu.core.models import AuditEntry, User
from siyu.kernel.clock import to_ms
from siyu.kernel.identity import Identity
from siyu.lake import mirror
from siyu.pool import belongings
from siyu.pool import lake_tables as pool_tables
from siyu.pool.actions import erase_customer, merge_customers
from siyu.pool.tests.people import fact, feed, phone, unionid, who
from siyu.segments import lists
from siyu.segments.lake_tables import TABLES
from siyu.segments.list_types import ListChoice, ListSource
from siyu.segments.models import ListMember

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("run_time")]
PHONES = [f"+86138{number:08d}" for number in range(40_000_001, 40_000_007)]


@pytest.fixture(autouse=True)
def _shown():
    before = mirror.list_tables()
    for tables in (pool_tables.TABLES, TABLES):
        for table in tables:
            mirror.register(table)
    belongings.register("segments_listmember")
    belongings.on_erase(lists.forget_identities)
    yield
    for shown in mirror.list_tables():
        mirror.unregister(shown.name)
    for shown in before:
        mirror.register(shown)


@pytest.fixture
def people(clock) -> list[int]:
    """Six customers with a phone each; the first three have a unionid, too."""
    facts = []
    for place, number in enumerate(PHONES):
        ids = [phone(number)] + ([unionid(f"oUnion{place}xyzxyz")] if place < 3 else [])
        facts.append(fact(*ids, at=to_ms(clock.now()) + place))
    return [who(seen) for seen in feed(clock, *facts)]


@pytest.fixture
def owner(clock) -> Client:
    return sign_in(clock, "owner")


def sign_in(clock, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.create(username=role, role=role, created_at=clock.now()))
    return client


def upload(client: Client, path: str, content: bytes, **fields: Any) -> Any:
    file = SimpleUploadedFile(fields.pop("file_name", "list.csv"), content)
    return client.post(f"/api{path}", {"file": file, **fields})


def make(client: Client, content: bytes, name: str = "名单", **fields: Any) -> Any:
    return upload(client, "/segments/lists", content, name=name, **{"kind": "phone", **fields})


def members(client: Client, segment_id: int) -> set[int]:
    found = client.get(f"/api/segments/{segment_id}/members?limit=200").json()["items"]
    return {row["id"] for row in found}


def body_of(answer: Any) -> str:
    async def whole() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return async_to_sync(whole)().decode("utf-8-sig")


def test_a_list_of_phones_becomes_a_segment(owner, people):
    content = "手机号,备注\n13840000001,a\n+86 138-4000-0002,b\n13999999998,c\nabc,d\n"
    made = make(owner, content.encode("gb18030"))
    assert made.status_code == 201, made.content
    counts = made.json()["upload"]["counts"]
    assert (counts["lines"], counts["matched"], counts["members"]) == (4, 2, 2)
    assert (counts["unmatched"], counts["refused"], counts["added"]) == (1, 1, 2)
    misses = made.json()["upload"]["misses"]
    assert [(miss["line"], miss["code"]) for miss in misses] == [
        (4, "list.unmatched"),
        (5, "phone.invalid"),
    ]
    assert "13999999998" not in made.content.decode()
    assert members(owner, made.json()["segment_id"]) == set(people[:2])
    entry = AuditEntry.objects.get(verb="upload_list")
    assert entry.detail["matched"] == 2
    assert "1384000" not in str(entry.detail)


def test_the_same_list_again_changes_nothing(owner, people):
    content = "\n".join(PHONES[:3]).encode()
    first = make(owner, content).json()
    again = make(owner, content)
    assert (again.status_code, again.json()["segment_id"]) == (201, first["segment_id"])
    more = upload(
        owner, f"/segments/{first['segment_id']}/uploads", content, kind="phone", mode="add"
    ).json()
    assert more["upload"]["counts"]["added"] == 0
    assert members(owner, first["segment_id"]) == set(people[:3])
    other = make(owner, "\n".join(PHONES[3:]).encode())
    assert (other.status_code, other.json()["code"]) == (409, "segment.name_taken")


def test_a_list_grows_and_is_replaced(owner, people):
    row_id = make(owner, "\n".join(PHONES[:2]).encode()).json()["segment_id"]
    path = f"/segments/{row_id}/uploads"
    upload(owner, path, "\n".join(PHONES[1:3]).encode(), kind="phone", mode="add")
    assert members(owner, row_id) == set(people[:3])
    told = upload(owner, path, PHONES[5].encode(), kind="phone", mode="replace").json()
    assert (told["upload"]["counts"]["removed"], told["upload"]["counts"]["members"]) == (3, 1)
    assert members(owner, row_id) == {people[5]}
    assert len(owner.get(f"/api{path}").json()["items"]) == 3
    causes = owner.get(f"/api/segments/{row_id}/growth").json()["causes"]
    assert {"cause": "list", "entered": 2, "left": 3} in causes


def test_customer_numbers_unionids_and_pasted_text(owner, people):
    by_id = make(
        owner, f"客户号\n{people[0]}\n#{people[1]}\n999999\n-3".encode(), kind="customer_id"
    )
    assert by_id.json()["upload"]["counts"]["matched"] == 2
    by_union = make(owner, b"oUnion0xyzxyz\noUnion2xyzxyz", "微信", kind="wx_unionid").json()
    assert members(owner, by_union["segment_id"]) == {people[0], people[2]}
    body = {
        "name": "粘贴",
        "kind": "phone",
        "text": f"{PHONES[0]},{PHONES[1]};{PHONES[2]}\n{PHONES[0]}",
    }
    pasted = owner.post("/api/segments/lists", body).json()["upload"]["counts"]
    assert (pasted["lines"], pasted["matched"], pasted["members"]) == (4, 4, 3)


def test_a_workbook_keeps_its_row_numbers(owner, people, tmp_path):
    path = tmp_path / "list.xlsx"
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["序号", "电话"])
        for row, number in enumerate([*PHONES[:3], "13999999998"], start=2):
            sheet.write_row(row, 0, [row, int(number[-11:])])
    content = path.read_bytes()
    seen = upload(owner, "/segments/lists/inspect", content, file_name="list.xlsx").json()
    assert (seen["best"], seen["columns"][1]["kind"], seen["columns"][1]["known"]) == (
        1,
        "phone",
        3,
    )
    assert "138" not in seen["columns"][1]["sample"][0][5:]
    made = make(owner, content, column=1, file_name="list.xlsx").json()["upload"]
    assert (made["counts"]["matched"], made["misses"][0]["line"]) == (3, 6)


def test_inspection_tells_what_a_column_holds(owner, people):
    rows = "\n".join(f"{n},x,oUnion{n}xyzxyz" for n in range(3))
    seen = upload(owner, "/segments/lists/inspect", f"序号,名字,微信\n{rows}".encode()).json()
    assert (seen["best"], seen["columns"][2]["kind"]) == (2, "wx_unionid")
    assert [column["name"] for column in seen["columns"]] == ["序号", "名字", "微信"]
    unknown = upload(owner, "/segments/lists/inspect", b"a\nb\nc").json()
    assert unknown["best"] is None


def test_a_list_is_used_inside_another_segment(owner, people, clock):
    row_id = make(owner, "\n".join(PHONES[:4]).encode()).json()["segment_id"]
    other = make(owner, "\n".join(PHONES[2:]).encode(), "名单二").json()["segment_id"]
    root = {
        "op": "and",
        "children": [
            {"op": "segment", "segment_id": row_id},
            {"op": "not", "children": [{"op": "segment", "segment_id": other}]},
        ],
    }
    body = {"name": "差集", "definition": {"version": 1, "root": root}}
    made = owner.post("/api/segments", body, content_type="application/json").json()["id"]
    assert members(owner, made) == set(people[:2])
    upload(owner, f"/segments/{other}/uploads", PHONES[0].encode(), kind="phone", mode="add")
    assert members(owner, made) == {people[1]}


def test_a_listed_person_is_followed_through_merge_and_erasure(owner, people, clock, lin):
    row_id = make(owner, PHONES[3].encode()).json()["segment_id"]
    merge_customers(lin, people[0], people[3], reason="同一人", now=clock.now())
    assert list(ListMember.objects.values_list("customer_id", flat=True)) == [people[0]]
    path = f"/segments/{row_id}/uploads"
    told = upload(owner, path, str(people[3]).encode(), kind="customer_id", mode="add").json()
    assert told["upload"]["counts"]["members"] == 1
    erase_customer(SYSTEM, people[0], now=clock.now())
    assert not ListMember.objects.exists()


def test_an_identity_of_several_customers_is_ambiguous(owner, people, clock):
    feed(clock, fact(Identity("wecom_external_userid", "ww1", "wm1"), at=1, source="a"))
    feed(clock, fact(Identity("wecom_external_userid", "ww2", "wm1"), at=2, source="b"))
    told = make(owner, b"wm1", kind="wecom_external_userid").json()["upload"]
    assert (told["counts"]["ambiguous"], told["misses"][0]["code"]) == (1, "list.ambiguous")


def test_lines_that_found_nobody_are_a_file(owner, people):
    content = b"=1+1\n13999999991\n\n13999999992"
    made = make(owner, content, kind="user_id").json()
    path = f"/api/segments/{made['segment_id']}/uploads/{made['upload']['id']}/misses.csv"
    rows = list(csv.reader(io.StringIO(body_of(owner.get(path)))))
    assert [row[0] for row in rows] == ["line", "1", "2", "4"]
    assert rows[1][1].startswith("'=")
    assert owner.get(path.replace("uploads/", "uploads/9")).status_code == 404


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "list.empty"),
        (b"\n \n", "list.empty"),
        (b"\x00\x01\x02", "list.binary"),
        (b"PK\x03\x04broken", "list.excel"),
        (b'"open\n' + b"x\n" * 200_000, "list.csv"),
        (b"\xff\xfe\x00", "list.encoding"),
    ],
    ids=["empty", "blank", "binary", "zip", "quote", "encoding"],
)
def test_a_file_that_cannot_be_read_is_refused(owner, content, code):
    answer = make(owner, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert owner.get("/api/segments").json()["items"] == []


def test_wrong_choices_are_refused(owner, people):
    assert make(owner, b"1", kind="shoe_size").json()["code"] == "identity.namespace"
    assert owner.post("/api/segments/lists", {"name": "x", "kind": "phone"}).status_code == 422
    plain = make(owner, PHONES[0].encode()).json()["segment_id"]
    assert upload(owner, "/segments/777/uploads", b"1", kind="phone").status_code == 404
    assert (
        make(owner, PHONES[0].encode(), "短", column=7).json()["upload"]["counts"]["refused"] == 1
    )
    assert plain


@pytest.mark.parametrize("role", ["operator", "guide", "analyst", "auditor"])
def test_who_may_upload(clock, role, people):
    client = sign_in(clock, role)
    expected = 201 if role == "operator" else 403
    assert make(client, PHONES[0].encode()).status_code == expected
    inspected = upload(client, "/segments/lists/inspect", PHONES[0].encode()).status_code
    assert inspected == (200 if role == "operator" else 403)


def test_memory_does_not_grow_with_the_file(people, clock, lin, tmp_path):
    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.csv"
        with path.open("wb") as out:
            out.writelines(b"139%08d\n" % n for n in range(lines))
        tracemalloc.start()
        with path.open("rb") as file:
            source = ListSource(path.name, file)
            lists.create_list(lin, path.name, source, ListChoice("phone"), now=clock.now())
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    small = peak(11_000)
    assert peak(26_000) < small * 1.3
