"""Files into Siyu: customers into the pool, events into the history, beside what a user would pick.

    python bench/imports.py --customers 300000 --events 2000000 --runs 3 [--json]

Beside it, on the same rows in the same run: customers by Django's `bulk_create` into two tables
of the same shape (no rules, no edges: only what an ORM loop does), events by pandas `to_sql`
into SQLite when pandas is there, else by `executemany` of csv rows. Peak memory is of the
importing process, measured at two sizes of file.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CITIES = ("上海", "北京", "广州", "成都", "杭州")
NAMES = ("page_viewed", "search", "add_to_cart", "coupon_taken")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="siyu-bench-imports-"))
    try:
        result = measure(folder, told.customers, told.events, told.runs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result, ensure_ascii=False, indent=None if told.json else 2))
    return 0


def measure(folder: Path, customers: int, events: int, runs: int) -> dict[str, Any]:
    people = make_customers(folder / "customers.csv", customers)
    acts = make_events(folder / "events.csv", events, customers)
    taken = [import_both(folder / f"home{number}", people, acts) for number in range(runs)]
    small = make_events(folder / "small.csv", max(1, events // 4), customers)
    lesser = import_both(folder / "small", people, small)
    orm, sql = [by_orm(people) for _ in range(runs)], [by_sql(folder, acts) for _ in range(runs)]
    pool = statistics.median(run["customers"]["rate"] for run in taken)
    lake = statistics.median(run["events"]["rate"] for run in taken)
    return {
        "customers": customers,
        "events": events,
        "runs": runs,
        "customers_per_s": int(pool),
        "events_per_s": int(lake),
        "again_customers_per_s": int(statistics.median(r["again"]["rate"] for r in taken)),
        "events_peak_mib": max(run["events"]["peak_mib"] for run in taken),
        "events_quarter_file_peak_mib": lesser["events"]["peak_mib"],
        "customers_peak_mib": max(run["customers"]["peak_mib"] for run in taken),
        "orm_bulk_create_customers_per_s": int(statistics.median(orm)),
        "plain_sql_events_per_s": int(statistics.median(sql)),
        "x_orm": round(pool / statistics.median(orm), 2),
        "x_plain_sql": round(lake / statistics.median(sql), 2),
    }


def make_customers(path: Path, count: int) -> Path:
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        file.write("会员编号,手机号,姓名,城市,注册时间\n")
        for number in range(count):
            day = f"2024-{1 + number % 12:02d}-{1 + number % 28:02d} 10:{number % 60:02d}:00"
            phone = f"1{3 + number % 7}{chance.randrange(10**9):09d}"
            file.write(f"m{number:08d},{phone},客{number},{CITIES[number % 5]},{day}\n")
    return path


def make_events(path: Path, count: int, customers: int) -> Path:
    chance = random.Random(11)
    with path.open("w", encoding="utf-8") as file:
        file.write("会员编号,事件,时间,事件ID,商品,价格\n")
        for number in range(count):
            who, name = chance.randrange(customers), NAMES[number % 4]
            day = f"2025-{1 + number * 12 // count:02d}-{1 + number % 28:02d}"
            clock = f"{number % 24:02d}:{number % 60:02d}:{number % 59:02d}"
            head = f"m{who:08d},{name},{day} {clock},e{number}"
            file.write(f"{head},sku{number % 997},{number % 999}.5\n")
    return path


def import_both(home: Path, people: Path, acts: Path) -> dict[str, Any]:
    home.mkdir()
    result = {
        "customers": run_import(home, "customers", people),
        "events": run_import(home, "events", acts, "--source", "customers"),
        "again": run_import(home, "customers", people),
    }
    shutil.rmtree(home)
    return result


def run_import(home: Path, kind: str, path: Path, *options: str) -> dict[str, Any]:
    """Rows a second of one import in a process of its own, and that process's peak memory."""
    code = (
        "import resource, sys; from siyu.site.command import main; main(sys.argv[1:]);"
        " peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; print(peak)"
    )
    command = [sys.executable, "-c", code, "--home", str(home), "import", kind, str(path)]
    done = subprocess.run(
        [*command, "--yes", "--json", *options],
        cwd=ROOT,
        env={**os.environ, "SIYU_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    report, peak = done.stdout.strip().splitlines()[-2:]
    told = json.loads(report)
    assert told["refused"] == 0, told
    return {"rate": told["rows"] / told["seconds"], "peak_mib": int(peak) // 1024}


def by_orm(path: Path) -> float:
    """Customers a second with `bulk_create`, 5,000 at once, as a script would do it."""
    script = Path(__file__).parent / "imports_peer.py"
    done = subprocess.run(
        [sys.executable, str(script), str(path)], stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout.strip())


def by_sql(folder: Path, path: Path) -> float:
    """Events a second of a CSV into one SQLite table."""
    database = folder / "plain.db"
    database.unlink(missing_ok=True)
    began, count = time.perf_counter(), 0
    with sqlite3.connect(database) as store, path.open(encoding="utf-8") as file:
        store.execute("PRAGMA journal_mode=WAL")
        rows = csv.reader(file)
        header = next(rows)
        store.execute(
            f"CREATE TABLE events ({', '.join(f'c{n} TEXT' for n in range(len(header)))})"
        )
        marks = ", ".join("?" for _ in header)
        cursor = store.executemany(f"INSERT INTO events VALUES ({marks})", rows)
        count = cursor.rowcount
        store.execute("CREATE INDEX by_person ON events (c0)")
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
