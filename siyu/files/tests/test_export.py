from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.core.management import call_command

from siyu.core.models import AuditEntry
from siyu.core.runtime import Runtime, runtime, set_runtime
from siyu.files import exporting
from siyu.files.exporting import export_all
from siyu.files.restoring import import_home
from siyu.files.tables import LEFT_OUT, list_tables
from siyu.files.tests.making import import_file, write
from siyu.files.tests.test_events import EVENTS
from siyu.files.tests.test_people import CUSTOMERS
from siyu.kernel.errors import Conflict, Forbidden, NotFound, Refused
from siyu.lake.models import Change
from siyu.lake.tests.mirroring import mirrored
from siyu.pool.lake_tables import TABLES
from siyu.pool.models import Customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("run_time")]


@pytest.fixture
def brand(run_time, tmp_path):
    import_file("customers", write(tmp_path / "c.csv", CUSTOMERS))
    import_file("events", write(tmp_path / "e.csv", EVENTS), source="customers")


def move_house(folder) -> None:
    """An empty state and an empty history in another home."""
    call_command("flush", verbosity=0, interactive=False)
    old = runtime()
    folder.mkdir()
    set_runtime(Runtime(home=folder, clock=old.clock, http=old.http, namespaces=old.namespaces))


@pytest.mark.usefixtures("brand")
def test_an_export_taken_in_exports_the_same_bytes(tmp_path):
    first = export_all(tmp_path / "one", is_personal=True)
    move_house(tmp_path / "other")
    counts = import_home(tmp_path / "one")
    assert counts["events"] == 3
    assert counts["pool_customer"] == Customer.objects.count() == 3
    second = export_all(tmp_path / "two", is_personal=True)
    assert first["files"] == second["files"]
    assert first["migrations"] == second["migrations"]
    fresh = import_file("customers", write(tmp_path / "n.csv", "会员编号\nnew\n"))
    assert fresh.counts["customers"] == 1


@pytest.mark.usefixtures("brand")
def test_notes_of_changes_stay_with_their_home(tmp_path):
    with mirrored(*TABLES):
        Customer.objects.update(stage=2)
        first = export_all(tmp_path / "one", is_personal=True)
        move_house(tmp_path / "other")
        import_home(tmp_path / "one")
        assert Change.objects.exists()
        second = export_all(tmp_path / "two", is_personal=True)
    assert first["files"] == second["files"]


@pytest.mark.usefixtures("brand")
def test_a_home_with_people_takes_no_export(tmp_path):
    export_all(tmp_path / "one", is_personal=True)
    with pytest.raises(Conflict) as refusal:
        import_home(tmp_path / "one")
    assert refusal.value.code == "home.not_empty"


@pytest.mark.usefixtures("brand")
def test_a_damaged_export_is_refused_whole(tmp_path):
    export_all(tmp_path / "one", is_personal=True)
    path = tmp_path / "one" / "pool_customer.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    move_house(tmp_path / "other")
    with pytest.raises(Refused) as refusal:
        import_home(tmp_path / "one")
    assert refusal.value.code == "export.damaged"
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"migrations": {}}, "export.version"),
        ({"is_personal": False}, "export.kind"),
        ({"files": [{"name": "../../x.parquet", "table": "events"}]}, "export.file"),
    ],
)
@pytest.mark.usefixtures("brand")
def test_manifests_that_do_not_fit_are_refused(tmp_path, change, code):
    export_all(tmp_path / "one", is_personal=True)
    path = tmp_path / "one" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(Refused) as refusal:
        import_home(tmp_path / "one")
    assert refusal.value.code == code


@pytest.mark.usefixtures("brand")
def test_an_export_without_personal_data_holds_none(tmp_path):
    manifest = export_all(tmp_path / "plain", is_personal=False)
    texts = [
        repr(pq.read_table(tmp_path / "plain" / each["name"]).to_pylist())
        for each in manifest["files"]
        if each["rows"]
    ]
    assert texts
    assert not [text for text in texts if "13912345671" in text or "张三" in text]


def test_every_table_is_exported_or_left_out_for_a_reason():
    ours = {m._meta.label for m in apps.get_models() if m.__module__.startswith("siyu.")}
    told = {model._meta.label for model in list_tables()}
    assert told | set(LEFT_OUT) >= ours
    assert not told & set(LEFT_OUT)
    assert set(LEFT_OUT) <= ours
    assert {"pool.Customer", "pool.Edge", "commerce.Order", "journeys.Journey"} <= told


@pytest.mark.usefixtures("brand")
def test_exports_are_asked_for_done_downloaded_and_audited(lin, mei, clock):
    with pytest.raises(Forbidden):
        exporting.create_export(mei, is_personal=False, now=clock.now())
    told = exporting.create_export(lin, is_personal=True, now=clock.now())
    with pytest.raises(Conflict):
        exporting.create_export(lin, is_personal=False, now=clock.now())
    assert exporting.work()
    (row,) = exporting.list_exports(lin)
    assert (row["state"], row["is_personal"]) == ("done", True)
    assert exporting.find_file(lin, told["id"], "manifest.json").is_file()
    for name in ("../siyu.db", "nothing.parquet"):
        with pytest.raises(NotFound):
            exporting.find_file(lin, told["id"], name)
    exporting.delete_export(lin, told["id"], now=clock.now())
    assert exporting.list_exports(lin) == []
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"export_all", "download_export", "delete_export"} <= verbs


@pytest.mark.usefixtures("brand")
def test_who_may_not_reveal_phones_gets_no_personal_export(clock, lin):
    from siyu.core.access import Actor, Role

    operator = Actor("ou", Role.OPERATOR)
    with pytest.raises(Forbidden):
        exporting.create_export(operator, is_personal=True, now=clock.now())
    told = exporting.create_export(lin, is_personal=True, now=clock.now())
    exporting.work()
    with pytest.raises(Forbidden):
        exporting.find_file(operator, told["id"], "manifest.json")


NASTY = [
    "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝HYPERLINK(1)", "－2", "'quoted",
    "''", "'", 'a"b', "two\nlines", "𠮷👨‍👩‍👧", " =1", "|x", "plain",
]  # fmt: skip


@pytest.mark.usefixtures("brand")
def test_an_export_as_csv_taken_in_is_the_same(tmp_path):
    for number, text in enumerate(NASTY):
        Customer.objects.create(
            name=text, created_at=runtime().clock.now(), last_seen_at=runtime().clock.now(),
            first_source="x" if number % 2 else "", first_platform="x", platforms="x",
        )  # fmt: skip
    first = export_all(tmp_path / "one", is_personal=True, has_csv=True)
    for path in (tmp_path / "one").glob("*.parquet"):
        path.unlink()
    raw = (tmp_path / "one" / "pool_customer.csv").read_bytes().decode("utf-8-sig")
    for text in NASTY[:9]:
        assert f'"\'{text}"' in raw
    move_house(tmp_path / "other")
    import_home(tmp_path / "one")
    assert set(NASTY) <= set(Customer.objects.values_list("name", flat=True))
    second = export_all(tmp_path / "two", is_personal=True, has_csv=True)
    assert first["files"] == second["files"]


@pytest.mark.usefixtures("brand")
def test_a_damaged_csv_is_refused_before_anything_is_written(tmp_path):
    export_all(tmp_path / "one", is_personal=True, has_csv=True)
    for path in (tmp_path / "one").glob("*.parquet"):
        path.unlink()
    path = tmp_path / "one" / "pool_customer.csv"
    path.write_bytes(path.read_bytes()[:-3])
    move_house(tmp_path / "other")
    with pytest.raises(Refused) as refusal:
        import_home(tmp_path / "one")
    assert refusal.value.code == "export.damaged"
    assert not Customer.objects.exists()


@pytest.mark.usefixtures("brand")
def test_the_manifest_is_listed_with_its_size(lin, clock):
    exporting.create_export(lin, is_personal=False, has_csv=True, now=clock.now())
    assert exporting.work()
    [row] = exporting.list_exports(lin)
    manifest = row["files"][-1]
    assert (manifest["name"], manifest["rows"]) == ("manifest.json", None)
    assert manifest["bytes"] > 100
    assert {"events.csv", "events.parquet"} <= {each["name"] for each in row["files"]}
    assert exporting.find_file(lin, row["id"], "events.csv").is_file()
