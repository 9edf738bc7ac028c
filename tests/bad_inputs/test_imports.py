"""Row Import of docs/bad_inputs.md: one test a cell."""

from __future__ import annotations

import io

import pytest
from xlsxwriter import Workbook

from siyu.pool.models import Customer, Trait
from siyu.pool.models import Identity as IdentityTable
from tests.bad_inputs.files import bring, codes, finish, look, start, upload, zipped

pytestmark = [pytest.mark.django_db(transaction=True)]
ROWS = '会员编号,姓名\nm1,张三\nm2,"李,四"\nm3,"王""五"\nm4,𠮷田\n'


def names() -> set[str]:
    return set(Customer.objects.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("encoding", "delimiter", "newline"),
    [
        ("gbk", ",", "\n"),
        ("gb18030", ";", "\r\n"),
        ("utf-16", "\t", "\n"),
        ("utf-8-sig", ",", "\r\n"),
        ("utf-8", "\t", "\n"),
    ],
)
def test_import_1_text_of_any_kind_is_shown_and_read_exactly(browser, encoding, delimiter, newline):
    rows = ROWS if encoding != "gbk" else ROWS.replace("𠮷", "吉")
    text = rows.replace(",", delimiter).replace(f'"李{delimiter}四"', '"李,四"')
    run_id = upload(browser, text.replace("\n", newline).encode(encoding))
    shown = look(browser, run_id).json()
    assert shown["how"]["编码"] in {encoding, "gb18030", "utf-16-le"}
    assert shown["columns"][1]["samples"][:3] == ["张三", "李,四", '王"五']
    start(browser, run_id)
    assert finish(browser, run_id)["counts"]["fresh"] == 4
    assert {"张三", "李,四", '王"五'} <= names()


def test_import_1_a_cut_line_is_reported_and_hopeless_text_refused(browser):
    told = bring(browser, "会员编号,姓名\nm1,张三\nm2".encode())
    assert codes(told) == [(3, "import.cells")]
    for content, code in (
        (b" \n \n", "import.empty"),
        (b"id,name\nm1,a\x00b\n", "import.binary"),
        ("会员编号\nm1\n".encode() + b"\xff\xff\xff\n", "import.encoding"),
        (b"," * 1_000_000 + b"\n1\n", "import.columns"),
    ):
        answer = look(browser, upload(browser, content))
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["field"] == "file"


def test_import_2_days_and_numbers_a_spreadsheet_changed(browser):
    head = "会员编号,注册时间\n"
    told = bring(browser, f"{head}m1,45000\nm2,2024-02-30\nm3,2024/1/2\n".encode())
    assert codes(told) == [(2, "import.date"), (3, "import.date")]
    told = bring(browser, f"{head}m4,45000\n".encode(), date_order="excel")
    assert told["counts"]["fresh"] == 1
    assert Customer.objects.get(pk=_of("m4")).created_at.date().isoformat() == "2023-03-14"
    told = bring(browser, f"{head}m5,2/1/2024\nm6,3/4/2024\n".encode(), date_order=None)
    assert (told["state"], told["counts"]) == ("failed", {})
    assert "日/月" in told["error"]
    told = bring(browser, f"{head}m7,25/1/2024\nm8,3/4/2024\n".encode(), date_order=None)
    assert told["counts"]["fresh"] == 2
    told = bring(
        browser, b"\xe4\xbc\x9a\xe5\x91\x98\xe7\xbc\x96\xe5\x8f\xb7\n1.23457E+14\n17850.0\n"
    )
    assert codes(told) == [(2, "import.precision")]
    assert IdentityTable.objects.filter(value="17850").exists()
    answer = start(browser, upload(browser, f"{head}m9,2024-01-01\n".encode()), timezone="Mars/X")
    assert (answer.status_code, answer.json()["code"]) == (422, "import.timezone")
    answer = start(browser, upload(browser, f"{head}m9,2024-01-01\n".encode()), date_order="dym")
    assert answer.status_code == 422


def _of(value: str) -> int:
    return int(IdentityTable.objects.get(value=value).customer_id)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped({"xl/worksheets/sheet1.xml": b"0" * (20 << 20)}), "import.bomb"),
        (zipped({f"{number}": b"" for number in range(2001)}), "import.bomb"),
        (b"PK\x03\x04 broken", "import.archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "import.archive"),
        (b"PAR1 broken", "import.parquet"),
        (b"\x1f\x8b broken", "import.gzip"),
    ],
)
def test_import_3_bombs_and_broken_archives_are_refused_whole(browser, content, code):
    answer = look(browser, upload(browser, content, name="c.xlsx"))
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        code,
        "file",
    )
    assert not Customer.objects.exists()


def test_import_3_a_workbook_s_formulas_and_links_stay_text(browser):
    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["会员编号", "姓名"])
        sheet.write_row(1, 0, ["m1", "张三"])
        sheet.write_formula(2, 0, "=1+1", value="m2")
        sheet.write_url(2, 1, "http://127.0.0.1:9/", string="链接")
    told = bring(browser, buffer.getvalue())
    assert told["counts"]["fresh"] == 2
    assert names() == {"张三", "链接"}


@pytest.mark.parametrize(
    "entries",
    [
        {"../../etc/passwd": b"x", "xl/workbook.xml": b""},
        {"/etc/passwd": b"x", "xl/workbook.xml": b""},
        {"inner.zip": zipped({"a": b"b"}), "xl/workbook.xml": b""},
        {"数据.csv".encode("gbk").decode("cp437"): b"x"},
    ],
)
def test_import_4_names_inside_an_archive_never_become_paths(browser, run_time, entries):
    before = {path for path in run_time.home.parent.rglob("*") if "passwd" in path.name}
    answer = look(browser, upload(browser, zipped(entries), name="../../c.zip"))
    assert (answer.status_code, answer.json()["code"]) == (422, "import.archive")
    assert {path for path in run_time.home.parent.rglob("*") if "passwd" in path.name} == before


NASTY = ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "＝HYPERLINK(1)"]


def test_import_5_formulas_are_kept_as_they_stand_and_disarmed_when_shown(browser):
    rows = "".join(f'm{n},"{text}",2024-02-30\n' for n, text in enumerate(NASTY))
    clean = "".join(f'k{n},"{text}",2024-02-01\n' for n, text in enumerate(NASTY))
    told = bring(browser, f"会员编号,姓名,注册时间\n{rows}{clean}".encode())
    assert (told["counts"]["refused"], told["counts"]["fresh"]) == (5, 5)
    assert set(NASTY) == names()
    kept = {row.strip('"') for row in Trait.objects.values_list("value", flat=True)}
    assert set(NASTY) <= kept
    lines = browser.get(f"/api/imports/{told['id']}/refused.csv").content.decode("utf-8-sig")
    assert not [
        cell for line in lines.splitlines() for cell in line.split(",") if cell[:1] in "=+@"
    ]


def test_import_6_again_at_once_and_stopped_half_way(browser):
    first = bring(browser, ROWS.encode())
    again = bring(browser, ROWS.encode())
    assert (first["counts"]["fresh"], again["counts"]["fresh"], again["counts"]["known"]) == (
        4,
        0,
        4,
    )
    runs = [upload(browser, f"会员编号\nx{n}\n".encode()) for n in range(2)]
    for run_id in runs:
        assert start(browser, run_id).json()["state"] == "queued"
    assert [finish(browser, run_id)["state"] for run_id in runs] == ["done", "done"]
    stopped = upload(browser, b"\xe4\xbc\x9a\xe5\x91\x98\xe7\xbc\x96\xe5\x8f\xb7\ny1\n")
    start(browser, stopped)
    assert browser.post(f"/api/imports/{stopped}/cancel").json()["state"] == "cancelled"
    start(browser, stopped)
    assert finish(browser, stopped)["state"] == "done"
