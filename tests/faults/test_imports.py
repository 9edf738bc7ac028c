"""`kill -9` of an import at any moment: run again, it ends as if nothing had happened.

Five failpoints around pool, history and position, and random times. `SIYU_KILLS` sets how many
kills there are, `SIYU_SEED` the seed.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("SIYU_KILLS", "4"))
SEED = int(os.environ.get("SIYU_SEED", "2026"))
ROWS = 400
FAILPOINTS = {
    "customers": ("files.written", "files.moved"),
    "events": ("files.pending", "files.appended", "files.moved", "files.settled"),
}


def make_file(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.csv"
    if kind == "customers":
        rows = ["会员编号,手机号,姓名,注册时间"]
        rows += [f"m{n},139{n % 390:08d},n{n},2024-01-02" if n % 7 else ",,?," for n in range(ROWS)]
    else:
        rows = ["会员编号,事件,时间,id"]
        names = ("search", "page_viewed", "message_received")
        rows += [
            f"m{n % 90},{names[n % 3]},2024-0{1 + n % 9}-02 10:00:00,e{n % 390}"
            for n in range(ROWS)
        ]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def start(home: Path, path: Path, *options: str, failpoint: str = "") -> subprocess.Popen[bytes]:
    environment = {**os.environ, "SIYU_HOME": str(home), "SIYU_FAILPOINT": failpoint}
    environment.pop("SIYU_DATABASE_URL", None)
    command = [sys.executable, "-m", "tests.faults.import_worker", path.stem, str(path), *options]
    return subprocess.Popen(command, env=environment, cwd=ROOT)


def finish(home: Path, path: Path) -> None:
    assert start(home, path).wait(120) == 0


def picture(home: Path) -> dict[str, Any]:
    """Counts of the run, the tables of the pool, the history, and the refused rows.

    The history is what its log lists: a kill may leave files that belong to nothing.
    """
    with sqlite3.connect(home / "siyu.db") as state:
        runs = state.execute("SELECT state, counts, refused_bytes FROM files_importrun").fetchall()
        tables = {
            name: state.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2").fetchall()
            for name, columns in {
                "pool_identity": "namespace, value, degree, last_seen_at, views",
                "pool_customer": "name, stage, created_at",
                "pool_trait": "field, value, at",
                "pool_edge": "source, at, state",
            }.items()
        }
        waiting = state.execute("SELECT name, message_hash FROM lake_pendingevent").fetchall()
    events = str(home / "lake" / "events")
    files = DeltaTable(events).file_uris() if DeltaTable.is_deltatable(events) else []
    history = duckdb.read_parquet(files).project("name, message_hash").fetchall() if files else []
    refused = [path.read_text("utf-8-sig") for path in (home / "imports").glob("*-refused.csv")]
    return {
        "runs": [(state, json.loads(counts)) for state, counts, _ in runs],
        "tables": tables,
        "events": sorted([*history, *waiting]),
        "refused": refused,
    }


@pytest.mark.parametrize("kind", sorted(FAILPOINTS))
def test_a_killed_import_goes_on_where_it_was(tmp_path: Path, kind: str) -> None:
    path = make_file(tmp_path, kind)
    finish(tmp_path / "whole", path)
    chance, home = random.Random(f"{SEED}-{kind}"), tmp_path / "killed"
    for _ in range(KILLS // 2):
        moment = chance.choice([*FAILPOINTS[kind], "time"])
        if moment == "time":
            worker = start(home, path)
            time.sleep(chance.uniform(1.0, 3.0))
            worker.kill()
        else:
            worker = start(home, path, failpoint=f"{moment}:{chance.randint(1, 3)}")
        assert worker.wait(120) in {0, -9, 137}
    finish(home, path)
    done, expected = picture(home), picture(tmp_path / "whole")
    last = done.pop("runs")[-1:]
    if last[0][1]["fresh"]:
        assert last == expected.pop("runs")
    expected.pop("runs", None)
    assert done["refused"][-1:] == expected.pop("refused")
    done.pop("refused")
    assert done == expected


def test_sabotage_a_position_moved_too_early_loses_rows(tmp_path: Path) -> None:
    path = make_file(tmp_path, "customers")
    finish(tmp_path / "whole", path)
    home = tmp_path / "killed"
    worker = start(home, path, "--careless", failpoint="files.written:3")
    assert worker.wait(120) in {-9, 137}
    finish(home, path)
    assert picture(home)["tables"] != picture(tmp_path / "whole")["tables"]
