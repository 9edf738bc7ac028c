"""The commands do what they say, in a home of their own."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from siyu.site.demo.home import free_port
from tests.commands.running import command, environment, siyu
from tests.demo.running import find_processes
from tests.end_to_end.product import wait_for

pytestmark = pytest.mark.slow
WECOM = {"version": 1, "root": {"op": "platform", "platform": "wecom", "has": True}}
ORDERS = "order_no,placed_at,customer_no,amount\nA1,2026-01-02,m1,10.50\nA2,2026-01-03,m2,20\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the orders of two people in it."""
    made = tmp_path_factory.mktemp("commands")
    (made / "orders.csv").write_text(ORDERS)
    done = siyu(made / "home", "import", "orders", str(made / "orders.csv"), "--yes")
    assert done.returncode == 0, done.stderr
    return made / "home"


def test_keys_are_made_listed_and_revoked(home):
    key = siyu(home, "keys", "create", "shop").stdout.strip()
    assert key.startswith("swk_")
    listed = siyu(home, "keys", "list").stdout
    assert key not in listed
    assert listed.split("\t")[:2] == ["shop", "web"]
    assert "active" in listed
    again = siyu(home, "keys", "create", "shop")
    assert (again.returncode, len(again.stderr.strip().splitlines())) == (2, 1)
    assert siyu(home, "keys", "revoke", "shop").returncode == 0
    assert "revoked" in siyu(home, "keys", "list").stdout
    assert siyu(home, "keys", "revoke", "nobody").returncode == 2


@pytest.mark.parametrize("kind", ["table", "csv", "json", "parquet"])
def test_query_answers_in_every_format(home, tmp_path, kind):
    file = tmp_path / "answer"
    sql = "SELECT order_no, net_fen FROM orders ORDER BY 1"
    done = siyu(home, "query", sql, "--format", kind, "--output", str(file))
    assert done.returncode == 0, done.stderr
    if kind == "parquet":
        from pyarrow import parquet

        assert parquet.read_table(file).to_pylist()[0] == {"order_no": "A1", "net_fen": 1050}
    elif kind == "json":
        assert json.loads(file.read_text())[1] == {"order_no": "A2", "net_fen": 2000}
    else:
        assert "A1" in file.read_text()


def test_query_reads_standard_input_and_lists_its_tables(home):
    done = siyu(home, "query", "--format", "json", said="SELECT count(*) AS n FROM orders")
    assert json.loads(done.stdout) == [{"n": 2}]
    told = siyu(home, "query", "--tables").stdout
    assert {"events", "customers", "orders"} <= set(told.replace("│", " ").split())


@pytest.mark.parametrize("sql", ["DROP TABLE orders", "SELECT * FROM read_text('/etc/hosts')", ""])
def test_query_refuses_in_one_line(home, sql):
    done = siyu(home, "query", sql)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1


def test_segments_are_counted_made_and_read(home, tmp_path):
    file = tmp_path / "buyers.json"
    root = {"op": "order", "measure": "count", "cmp": "gte", "value": 1}
    file.write_text(json.dumps({"version": 1, "root": root}))
    counted = json.loads(siyu(home, "segment", "preview", str(file), "--json").stdout)
    assert (counted["count"], counted["total"]) == (2, 2)
    made = json.loads(siyu(home, "segment", "create", "买家", str(file), "--json").stdout)
    assert made["count"] == 2
    members = json.loads(siyu(home, "segment", "members", str(made["id"]), "--json").stdout)
    assert len(members) == 2
    assert "买家" in siyu(home, "segment", "list").stdout
    wrong = siyu(home, "segment", "preview", "-", said='{"version": 1, "root": {"op": "magic"}}')
    assert (wrong.returncode, len(wrong.stderr.strip().splitlines())) == (2, 1)


def test_doctor_says_in_json_what_is_wrong_and_what_to_do(home):
    done = siyu(home, "doctor", "--json")
    assert done.returncode == 1
    checks = json.loads(done.stdout)
    assert all({"name", "is_ok", "detail", "advice"} <= set(check) for check in checks)
    assert all(check["advice"] for check in checks if not check["is_ok"])
    said = siyu(home, "doctor").stdout
    assert all(check["name"] in said for check in checks)


def test_worker_runs_only_the_named_duties_and_ends_when_asked(home):
    words = ("worker", "--only", "lake.flush", "--only", "core.retention")
    worker = subprocess.Popen(
        command(home, *words), env=environment(), stderr=subprocess.PIPE, text=True
    )
    try:
        seen = siyu(home, "doctor", "--json")
        for _ in range(60):
            if "core.retention" in beats(home) and "lake.flush" in beats(home):
                break
            seen = siyu(home, "doctor", "--json")
        assert {"core.retention", "lake.flush"} <= beats(home), seen.stdout
        assert "intake" not in beats(home)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=30)
    assert worker.returncode == 0


def beats(home: Path) -> set[str]:
    """The duties that gave a sign of life."""
    import sqlite3

    with sqlite3.connect(home / "siyu.db", timeout=10) as file:
        return {row[0] for row in file.execute("SELECT duty FROM core_heartbeat")}


def test_erase_asks_first(home):
    done = siyu(home, "erase", "--customer", "1", said="no\n")
    assert done.returncode == 1
    assert siyu(home, "erase", "--customer", "1", "--yes").returncode == 0
    assert siyu(home, "erase", "--phone", "13900000000", "--yes").returncode == 2


def test_import_twice_changes_nothing(home):
    again = siyu(home, "import", "orders", str(home.parent / "orders.csv"), "--yes")
    assert again.returncode == 0, again.stderr
    done = siyu(home, "query", "SELECT count(*) AS n FROM orders", "--format", "json")
    assert json.loads(done.stdout) == [{"n": 2}]


def test_nothing_of_a_home_lives_on_when_its_first_process_is_killed(tmp_path):
    home, parts = tmp_path / "home", ("web", "worker")
    with (tmp_path / "up.log").open("w") as log:
        words = command(home, "up", "--port", str(free_port()))
        up = subprocess.Popen(words, env=environment(), stdout=log, stderr=log)
    try:
        wait_for(lambda: all(find_processes(home, part) for part in parts), bool, 60)
        assert up.poll() is None
    finally:
        up.kill()
        up.wait()
    left = wait_for(
        lambda: [find_processes(home, part) for part in parts], lambda x: not any(x), 20
    )
    assert not any(left)
