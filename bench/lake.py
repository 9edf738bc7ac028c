"""The history at size: import, compaction, a customer's timeline, a month's sum, disk.

    python bench/lake.py --json [--events 1000000] [--runs 3] [--no-peer]

Events of two years are appended in order of time through the path that imports use, then
compacted until tidy. Ten events a customer on average, busy ones far more, two identities each.
The peer is what one would do without Siyu: the same rows as a table in a DuckDB file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from growing import put_together, run_sizes

CHUNK = 1_000_000
START = np.datetime64("2024-11-01", "us")
DAYS = 730
NAMES = ("page_viewed", "product_viewed", "message_received", "order_completed", "chat_entered")
LOOKS = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--folder", type=Path, default=None, help="where the big files go")
    parser.add_argument("--keep", action="store_true", help="leave the files there")
    parser.add_argument("--sizes", default="", help="several sizes, each in its own process")
    options = parser.parse_args()
    if options.sizes:
        grown = grow([int(size) for size in options.sizes.split(",")], options)
        print(json.dumps(grown) if options.json else json.dumps(grown, indent=2))
        return 0
    home = Path(tempfile.mkdtemp(prefix="siyu-bench-lake-", dir=options.folder))
    os.environ["SIYU_HOME"] = str(home)
    os.environ["SIYU_CLOCK_FILE"] = str(home / "clock")
    try:
        result = run(options.events, options.runs, has_peer=not options.no_peer, home=home)
    finally:
        if not options.keep:
            shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))
    return 0


def grow(sizes: list[int], options: argparse.Namespace) -> dict[str, Any]:
    """The bench at several sizes, and how much dearer a unit is at the last than at the first."""

    def arguments(size: int) -> list[str]:
        folder = ["--folder", str(options.folder)] * (options.folder is not None)
        peer = ["--no-peer"] * options.no_peer
        return ["--events", str(size), "--runs", str(options.runs), *peer, *folder]

    found = run_sizes(__file__, sizes, arguments)
    first, last = found[0], found[-1]
    growth = {
        "import": first["import_rows_per_s"] / last["import_rows_per_s"],
        "import_with_compaction": first["import_with_compaction_rows_per_s"]
        / last["import_with_compaction_rows_per_s"],
        "bytes": last["bytes_per_event"] / first["bytes_per_event"],
        "timeline": last["timeline_ms"]["p50"] / first["timeline_ms"]["p50"],
    }
    return put_together(sizes, found, growth)


def run(events: int, runs: int, *, has_peer: bool, home: Path) -> dict[str, Any]:
    from siyu.site.boot import boot, migrate

    boot()
    migrate()
    customers = max(events // 10, 1)
    append_s = load(events, customers)
    chunk_peak = peak_gb()
    tidy_s, steps = timed(compact_all)
    result: dict[str, Any] = {
        "bench": "lake",
        "events": events,
        "customers": customers,
        "import_rows_per_s": round(events / append_s),
        "import_with_compaction_rows_per_s": round(events / (append_s + tidy_s)),
        "compactions": steps,
        "bytes_per_event": round(disk(home / "lake") / events, 1),
        "files": count_files(),
        "peak_gb_import": chunk_peak,
        "peak_gb": peak_gb(),
    }
    result["timeline_ms"] = look(customers, runs, ours)
    result["month_ms"], result["month_files_share"] = month(runs)
    result["buffer_us_per_event"], result["flush_rows_per_s"] = live_path()
    if has_peer:
        result["duckdb_file"] = peer(home, customers, events, runs)
    return result


def make(first: int, count: int, total: int, customers: int) -> pa.Table:
    """Events number `first` to `first + count` of all, in order of time."""
    rng = np.random.default_rng(first)
    who = (customers * rng.power(0.6, count)).astype(np.int64) + 1
    seconds = np.sort(rng.integers(first, first + count, count)) * (DAYS * 86_400 / total)
    at = START + (seconds * 1e6).astype("timedelta64[us]")
    times = pa.array(at, pa.timestamp("us", "UTC"))
    kinds = pa.array(rng.integers(0, len(NAMES), count), pa.int8())
    sku = pc.cast(pa.array(rng.integers(0, 5_000, count)), pa.string())
    price = pc.cast(pa.array(rng.integers(100, 100_000, count)), pa.string())
    session = pc.cast(pa.array(rng.integers(0, 10**9, count)), pa.string())
    parts = ['{"sku":"SKU-', sku, '","price_fen":', price, ',"session":"', session, '"}', ""]
    return pa.table(
        {
            "customer_id": who,
            "identity_id": who * 2 - rng.integers(0, 2, count),
            "name": pa.DictionaryArray.from_arrays(kinds, pa.array(NAMES)).cast(pa.string()),
            "occurred_at": times,
            "received_at": times,
            "source": same("shop", count),
            "platform": same("web", count),
            "account": same("", count),
            "staff": same("", count),
            "message_hash": rng.integers(-(2**63), 2**63 - 1, count),
            "properties": pc.binary_join_element_wise(*parts),
        }
    )


def same(text: str, count: int) -> pa.Array:
    return pa.repeat(text, count)


def load(events: int, customers: int) -> float:
    """Append everything; the seconds spent in appending alone."""
    from siyu.lake import actions

    spent = 0.0
    for version, first in enumerate(range(0, events, CHUNK), 1):
        chunk = make(first, min(CHUNK, events - first), events, customers)
        seconds, added = timed(
            lambda c=chunk, v=version: actions.append_events(c, writer="bench", version=v)
        )
        assert added == chunk.num_rows
        spent += seconds
    return spent


def compact_all() -> int:
    """Two hours later everything that is worth merging is merged."""
    from siyu.core.runtime import runtime
    from siyu.kernel.clock import SharedClock
    from siyu.lake import actions

    clock = runtime().clock
    assert isinstance(clock, SharedClock)
    clock.set(clock.now() + timedelta(hours=2))

    steps = 0
    while actions.compact(keep_hours=0):
        steps += 1
    return steps


def look(customers: int, runs: int, ask: Callable[[list[int]], int]) -> dict[str, float]:
    """Timelines of random customers, busy and quiet ones; milliseconds."""
    first, _ = timed(lambda: ask([customers * 2 - 1, customers * 2]))
    taken = []
    for turn in range(runs):
        rng = np.random.default_rng(turn)
        for who in (customers * rng.power(0.6, LOOKS // runs + 1)).astype(np.int64) + 1:
            seconds, rows = timed(lambda w=int(who): ask([w * 2 - 1, w * 2]))
            assert rows
            taken.append(seconds * 1000)
    return {
        "first": round(first * 1000, 1),
        "p50": round(statistics.median(taken), 1),
        "p95": round(sorted(taken)[int(len(taken) * 0.95)], 1),
        "max": round(max(taken), 1),
    }


def ours(identity_ids: list[int]) -> int:
    from siyu.lake.queries import timeline

    return len(timeline(identity_ids, limit=51))


MONTH_SQL = (
    "SELECT name, count(*), count(DISTINCT customer_id) FROM events "
    "WHERE occurred_at >= '2026-03-01 00:00:00+08' AND occurred_at < '2026-04-01 00:00:00+08' "
    "GROUP BY 1"
)


def month(runs: int) -> tuple[float, str]:
    """One month's sum, and how many of the row groups it read."""
    from siyu.lake.session import open_session

    taken = []
    with open_session() as session:
        taken += [timed(lambda: session.execute(MONTH_SQL).fetchall())[0] for _ in range(runs + 1)]
        plan = session.execute(f"EXPLAIN ANALYZE {MONTH_SQL}").fetchall()[0][1]
    groups = [line.split("Scanned:")[1] for line in plan.splitlines() if "Scanned:" in line]
    share = max(groups, key=len).split("│")[0].strip() if groups else ""
    return round(statistics.median(taken[1:]) * 1000, 1), share


def live_path(count: int = 100_000) -> tuple[float, int]:
    """Microseconds an event costs in the stage `buffer`; rows a second of `flush`."""
    from django.db import transaction

    from siyu.core.pipeline import Batch, Seen
    from siyu.core.runtime import runtime
    from siyu.kernel.clock import to_ms
    from siyu.lake import actions
    from siyu.ports.facts import Fact

    now = runtime().clock.now()
    at = to_ms(now) - 3_600_000
    facts = [
        Seen(
            Fact(
                name="page_viewed",
                at=at + number,
                received_at=at + number,
                source="shop",
                message_id=f"m{number}",
                platform="web",
                properties={"sku": f"SKU-{number % 5000}", "price_fen": number},
            ),
            number + 1,
            number + 1,
        )
        for number in range(count)
    ]

    def store() -> None:
        for start in range(0, count, 2_000):
            with transaction.atomic():
                actions.buffer(Batch(facts[start : start + 2_000], now))

    stored, _ = timed(store)
    flushed, _ = timed(lambda: [None for _ in iter(actions.flush, False)])
    return round(stored / count * 1e6, 1), round(count / flushed)


def peer(home: Path, customers: int, events: int, runs: int) -> dict[str, Any]:
    """The same rows in order of time as a table of a DuckDB file."""
    import duckdb

    path = home / "peer.duckdb"
    with duckdb.connect(str(path), config={"memory_limit": "6GB"}) as session:
        session.execute("SET preserve_insertion_order = false")
        folder = home / "lake" / "events" / "month=*" / "*.parquet"
        columns = "* EXCLUDE (month)"
        seconds, _ = timed(
            lambda: session.execute(
                f"CREATE TABLE events AS SELECT {columns} FROM read_parquet('{folder}')"
                + (" ORDER BY occurred_at" if events <= 20_000_000 else "")
            ).fetchall()
        )
        session.execute("CHECKPOINT").fetchall()

        def ask(ids: list[int]) -> int:
            sql = (
                "SELECT event_id, name, occurred_at, source, platform, account, staff, properties "
                f"FROM events WHERE identity_id IN ({ids[0]}, {ids[1]}) "
                "ORDER BY occurred_at DESC, event_id DESC LIMIT 51"
            )
            return len(session.execute(sql).fetchall())

        session.execute("SET TimeZone = 'Asia/Shanghai'")
        found = look(customers, 1, ask)
        taken = [timed(lambda: session.execute(MONTH_SQL).fetchall())[0] for _ in range(runs)]
    return {
        "timeline_ms": found,
        "month_ms": round(statistics.median(taken) * 1000, 1),
        "bytes_per_event": round(path.stat().st_size / events, 1),
        "load_s": round(seconds, 1),
    }


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def count_files() -> int:
    from siyu.lake.delta import find_events, list_files

    table = find_events()
    return len(list_files(table)) if table else 0


def peak_gb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


if __name__ == "__main__":
    sys.exit(main())
