from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

OWN = "order_no,placed_at,customer_no,amount\n"
ROWS = OWN + "A1,2026-01-02,m1,10.50\nA2,2026-01-03,m1,20\nA3,2026-01-04,,-5\n"
pytestmark = pytest.mark.slow


def siyu(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(home, *words),
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "siyu.site.command", *words, "--home", str(home)]


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "SIYU_DATABASE_URL"}


def count_orders(home: Path) -> int:
    try:
        with sqlite3.connect(f"file:{home}/siyu.db?mode=ro", uri=True) as state:
            return int(state.execute("SELECT count(*) FROM commerce_order").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_dry_run_says_what_would_happen_and_writes_nothing(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(ROWS)
    done = siyu(tmp_path / "home", "import", "orders", str(file), "--dry-run", "--json")
    told = json.loads(done.stdout)
    assert (told["created"], told["refused"], told["dry_run"]) == (2, 1, True)
    assert count_orders(tmp_path / "home") == 0


def test_import_asks_first_and_remembers_the_mapping(tmp_path):
    home, file = tmp_path / "home", tmp_path / "orders.csv"
    file.write_text("编号,何时,钱\nA1,2026-01-02,10.50\n", encoding="gbk")
    refused = siyu(home, "import", "orders", str(file), "--yes")
    assert refused.returncode == 2
    assert "未找到订单号列" in refused.stderr
    words = ("--map", "编号=order_no,何时=placed_at,钱=amount")
    unasked = siyu(home, "import", "orders", str(file), *words)
    assert (unasked.returncode, "需要确认" in unasked.stderr) == (2, True)
    done = siyu(home, "import", "orders", str(file), "--yes", *words)
    assert "导入完成: 1 行 → 1 单" in done.stdout
    assert "gb18030" in done.stderr
    again = siyu(home, "import", "orders", str(file), "--yes", "--json")
    assert json.loads(again.stdout)["unchanged"] == 1


def test_killed_import_is_finished_by_running_it_again(tmp_path):
    home, file, total = tmp_path / "home", tmp_path / "orders.csv", 12_000
    lines = (f"N{n},2026-01-02 08:00:00,m{n % 500},{n % 97}.25\n" for n in range(total))
    file.write_text(OWN + "".join(lines))
    words = ("import", "orders", str(file), "--yes", "--json")
    with subprocess.Popen(
        command(home, *words), env=environment(), stdout=subprocess.DEVNULL
    ) as process:
        while process.poll() is None and not count_orders(home):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    before = count_orders(home)
    told = json.loads(siyu(home, *words).stdout)
    assert before > 0
    assert (told["created"], told["unchanged"]) == (total, 0)
    assert count_orders(home) == total
    sql = "SELECT (SELECT count(*) FROM events) AS told, (SELECT count(*) FROM orders) AS kept"
    history = json.loads(siyu(home, "query", sql, "--format", "json").stdout)
    assert history == [{"told": total, "kept": total}]
