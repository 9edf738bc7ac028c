from __future__ import annotations

import json

import pytest

from siyu.core.models import User
from siyu.files import actions
from siyu.files.models import ImportRun
from siyu.files.tests.making import STAGES
from siyu.files.tests.test_people import CUSTOMERS
from siyu.pool.models import Customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


@pytest.fixture
def browser(client, clock):
    user = User.objects.create(username="lin", role="owner", created_at=clock.now())
    client.force_login(user)
    actions.configure(STAGES)
    return client


def call(browser, method: str, path: str, body=None):
    send = getattr(browser, method)
    return send(f"/api{path}", json.dumps(body or {}), content_type="application/json")


def upload(browser, content: bytes, kind: str = "customers", name: str = "c.csv") -> int:
    told = {"kind": kind, "file_name": name, "size": len(content)}
    run_id = call(browser, "post", "/imports", told).json()["id"]
    half = len(content) // 2
    for offset, piece in ((0, content[:half]), (half, content[half:])):
        send_piece(browser, run_id, offset, piece)
    return run_id


def send_piece(browser, run_id: int, offset: int, piece: bytes):
    path = f"/api/imports/{run_id}/content?offset={offset}"
    return browser.put(path, piece, content_type="application/octet-stream")


def start(browser, run_id: int, *, is_dry: bool):
    mapping = browser.get(f"/api/imports/{run_id}/file").json()["mapping"]
    body = {"mapping": mapping, "is_dry": is_dry}
    return call(browser, "post", f"/imports/{run_id}/start", body)


def test_a_start_without_a_source_is_refused(browser):
    body = {"mapping": {"columns": {}, "source": ""}, "is_dry": False}
    answer = browser.post("/api/imports/0/start", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (422, "import.source")


def test_upload_look_try_write_and_undo(browser):
    run_id = upload(browser, CUSTOMERS.encode("gb18030"))
    look = browser.get(f"/api/imports/{run_id}/file").json()
    assert look["how"]["编码"] == "gb18030"
    assert [column["field"] for column in look["columns"]][:3] == [
        "identity:import_id",
        "identity:phone",
        "trait:name",
    ]
    assert look["columns"][2]["samples"] == ["张三", "李四", "王五"]
    assert start(browser, run_id, is_dry=True).json()["state"] == "queued"
    while actions.work():
        pass
    tried = browser.get(f"/api/imports/{run_id}").json()
    assert (tried["state"], tried["counts"]["fresh"]) == ("checked", 3)
    assert not Customer.objects.exists()
    start(browser, run_id, is_dry=False)
    while actions.work():
        pass
    done = browser.get(f"/api/imports/{run_id}").json()
    assert (done["state"], done["position"], done["counts"]["customers"]) == ("done", 3, 3)
    gone = browser.get(f"/api/imports/{run_id}/file")
    assert (gone.status_code, gone.json()["code"]) == (409, "import.file_gone")
    assert call(browser, "post", f"/imports/{run_id}/undo").json()["customers"] == 3
    assert browser.get("/api/imports").json()["items"][0]["state"] == "undone"


def test_uploaded_files_go_when_they_are_written(browser, run_time):
    run_id = upload(browser, CUSTOMERS.encode())
    start(browser, run_id, is_dry=False)
    while actions.work():
        pass
    assert not list((run_time.home / "imports").glob("*.upload"))


def test_refused_rows_are_downloaded(browser):
    run_id = upload(browser, "会员编号,注册时间\nm1,2024-02-30\nm2,2024-02-01\n".encode())
    start(browser, run_id, is_dry=True)
    while actions.work():
        pass
    answer = browser.get(f"/api/imports/{run_id}/refused.csv")
    assert "没有这个日期或时间" in answer.content.decode("utf-8-sig")


def test_orders_are_tried_and_written_here_too(browser):
    content = "order_no,placed_at,customer_no,amount\n1,2026-01-02 08:00:00,a,12.5\n2,,b,1\n"
    run_id = upload(browser, content.encode(), kind="orders")
    start(browser, run_id, is_dry=True)
    while actions.work():
        pass
    tried = browser.get(f"/api/imports/{run_id}").json()
    assert (tried["counts"]["fresh"], tried["counts"]["refused"]) == (1, 1)
    start(browser, run_id, is_dry=False)
    while actions.work():
        pass
    assert browser.get(f"/api/imports/{run_id}").json()["state"] == "done"


def test_pieces_are_kept_in_order_and_within_the_size(browser):
    told = {"kind": "customers", "file_name": "c.csv", "size": 10}
    run_id = call(browser, "post", "/imports", told).json()["id"]
    assert send_piece(browser, run_id, 5, b"12345").status_code == 409
    assert send_piece(browser, run_id, 0, b"12345678901").status_code == 422
    assert send_piece(browser, run_id, 0, b"12345").json() == {"received": 5}
    assert send_piece(browser, run_id, 0, b"12345").json() == {"received": 5}
    assert browser.get(f"/api/imports/{run_id}/file").status_code == 409


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"kind": "people", "file_name": "c.csv", "size": 1}, "import.kind"),
        ({"kind": "customers", "file_name": "c.csv", "size": 0}, "import.empty"),
        ({"kind": "customers", "file_name": "c.csv", "size": 3 << 30}, "import.too_large"),
    ],
)
def test_hopeless_uploads_are_refused_at_once(browser, told, code):
    answer = call(browser, "post", "/imports", told)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_file_that_is_no_table_fails_with_its_reason(browser):
    run_id = upload(browser, b"PK\x03\x04 nonsense")
    answer = browser.get(f"/api/imports/{run_id}/file")
    assert (answer.status_code, answer.json()["code"]) == (422, "import.archive")
    assert browser.get(f"/api/imports/{run_id}").json()["state"] == "failed"


def test_names_of_files_are_shown_without_tricks(browser):
    run_id = upload(browser, b"a\n1\n", name="..\\..\\x\u202efdp.csv\x07")
    assert ImportRun.objects.get(pk=run_id).file_name == "xfdp.csv"


def test_a_stopped_import_goes_on(browser):
    run_id = upload(browser, CUSTOMERS.encode())
    start(browser, run_id, is_dry=False)
    assert call(browser, "post", f"/imports/{run_id}/cancel").json()["state"] == "cancelled"
    assert not actions.work()
    start(browser, run_id, is_dry=False)
    while actions.work():
        pass
    assert Customer.objects.count() == 3


def test_guides_and_strangers_import_nothing(browser, client, clock):
    guide = User.objects.create(username="mei", role="guide", created_at=clock.now())
    client.force_login(guide)
    assert client.get("/api/imports").status_code == 403
    client.logout()
    assert client.get("/api/imports").status_code == 401


def test_two_imports_at_once_take_turns(browser):
    first = upload(browser, CUSTOMERS.encode())
    second = upload(browser, "会员编号\nm9\n".encode())
    for run_id in (first, second):
        start(browser, run_id, is_dry=False)
    actions.work()
    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {first: "done", second: "queued"}
