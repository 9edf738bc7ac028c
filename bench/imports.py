"""Files into Siyu: people and orders into the pool, events into the history, beside what a user
would pick instead.

    python bench/imports.py --customers 300000 --runs 3 [--json]
    python bench/imports.py --sizes 100000,300000,1000000 --runs 1 [--json] [--no-peer]

Of each size: customers (first, then the same file again), events about them (`--events`, five
times as many by default), orders (a third as many, two lines each, scattered), each import in a
process of its own whose peak memory is told. Beside it, on the same rows in the same run:
customers by Django's `bulk_create` into two tables of the same shape (no rules, no edges: only
what an ORM loop does), events into one SQLite table by `executemany` of csv rows. With several
sizes, `growth` is how much dearer a row, and how much larger the peak, is at the last size than
at the first.
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

from growing import put_together, run_sizes

ROOT = Path(__file__).parents[1]
CITIES = ("上海", "北京", "广州", "成都", "杭州")
KINDS = ("customers", "again", "events", "orders")
NAMES = ("page_viewed", "search", "add_to_cart", "coupon_taken")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--events", type=int, default=0, help="0: five times the customers")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", default="", help="several numbers of customers")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    sizes = [int(size) for size in told.sizes.split(",") if size]
    result = grow(sizes, told) if sizes else measure_one(told)
    print(json.dumps(result, ensure_ascii=False, indent=None if told.json else 2))
    return 0


def grow(sizes: list[int], told: argparse.Namespace) -> dict[str, Any]:
    """Every size in a process of its own, and what a row costs more at the last."""
    peer = ["--no-peer"] * told.no_peer
    found = run_sizes(
        __file__, sizes, lambda size: ["--customers", str(size), "--runs", str(told.runs), *peer]
    )
    first, last = found[0], found[-1]
    growth = {key: first[f"{key}_per_s"] / last[f"{key}_per_s"] for key in KINDS}
    growth |= {f"{kind}_peak": last["peak_mib"][kind] / first["peak_mib"][kind] for kind in KINDS}
    return put_together(sizes, found, growth)


def measure_one(told: argparse.Namespace) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="siyu-bench-imports-"))
    try:
        events = told.events or 5 * told.customers
        return measure(folder, told.customers, events, told.runs, has_peer=not told.no_peer)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(
    folder: Path, customers: int, events: int, runs: int, *, has_peer: bool
) -> dict[str, Any]:
    """The medians of some runs, each into a home of its own."""
    files = {
        "customers": make_customers(folder / "customers.csv", customers),
        "events": make_events(folder / "events.csv", events, customers),
        "orders": make_orders(folder / "orders.csv", max(1, customers // 3), customers),
    }
    taken = [import_all(folder / f"home{number}", files) for number in range(runs)]
    result: dict[str, Any] = {
        "customers": customers,
        "events": events,
        "runs": runs,
        **{f"{key}_per_s": int(median(taken, key, "rate")) for key in KINDS},
        "peak_mib": {key: max(run[key]["peak_mib"] for run in taken) for key in KINDS},
    }
    if has_peer:
        orm = statistics.median(by_orm(files["customers"]) for _ in range(runs))
        sql = statistics.median(by_sql(folder, files["events"]) for _ in range(runs))
        result["orm_bulk_create_customers_per_s"] = int(orm)
        result["plain_sql_events_per_s"] = int(sql)
        result["x_orm"] = round(median(taken, "customers", "rate") / orm, 2)
        result["x_plain_sql"] = round(median(taken, "events", "rate") / sql, 2)
    return result


def median(taken: list[dict[str, Any]], kind: str, figure: str) -> float:
    return statistics.median(run[kind][figure] for run in taken)


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


def make_orders(path: Path, count: int, customers: int) -> Path:
    """Orders of two lines; the second lines follow after all the first ones."""
    chance = random.Random(13)
    with path.open("w", encoding="utf-8") as file:
        file.write("order_no,placed_at,customer_no,sku,quantity,unit_price\n")
        for line in range(2):
            for number in range(count):
                day = f"2025-{1 + number % 12:02d}-{1 + number % 28:02d} 09:00:00"
                who, price = number * 7 % customers, chance.randrange(100, 9_900)
                file.write(f"o{number},{day},m{who:08d},sku{line},1,{price / 100:.2f}\n")
    return path


def import_all(home: Path, files: dict[str, Path]) -> dict[str, Any]:
    """Every kind into one home; `again`: the customers a second time."""
    home.mkdir()
    about = ("--source", "customers")
    result = {
        "customers": run_import(home, "customers", files["customers"]),
        "again": run_import(home, "customers", files["customers"]),
        "events": run_import(home, "events", files["events"], *about),
        "orders": run_import(home, "orders", files["orders"], *about),
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
