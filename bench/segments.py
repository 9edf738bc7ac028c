"""Segments at size: preview, the same question by hand, 100 segments again, explain, live.

    python bench/segments.py --json [--customers 100000] [--events 1000000] [--runs 5] [--compact]
    python bench/segments.py --json --sizes 100000,1000000,10000000 --compact   # 10 events each

The home is a real one: customers, identities, tags and orders in SQLite, events of two years in
the history (made as in bench/lake.py), the columns written by the product's duty.
The peers are two statements as an analyst would write them, checked to give the same numbers:
`hand_raw` over a DuckDB file of the state and the history's Parquet files, `hand_columns` over
the very columns the product keeps.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import repeat
from multiprocessing import Event, Process
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from growing import put_together, run_sizes

CHUNK = 100_000
TODAY = datetime(2026, 10, 31, 4, 0, tzinfo=UTC)
STAGES = (1, 2, 3, 4, 5)
PLATFORMS = ("wecom", "douyin", "web", "wecom,web")
DEFINITION = {
    "version": 1,
    "root": {
        "op": "and",
        "children": [
            {"op": "trait", "field": "stage", "cmp": "in", "value": ["delight", "buy"]},
            {"op": "platform", "platform": "wecom"},
            {"op": "tag", "tag_id": 7, "has": False},
            {
                "op": "event",
                "name": "product_viewed",
                "measure": "count",
                "cmp": "gte",
                "value": 1,
                "within_days": 90,
            },
            {"op": "order", "measure": "revenue_fen", "cmp": "gte", "value": 10_000},
            {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 30},
        ],
    },
}
HAND = """
WITH viewed AS ({viewed}),
spent AS (SELECT customer_id,
  sum(net_fen) FILTER (WHERE coalesce(currency, 'CNY') = 'CNY') AS fen,
  max(placed_at) FILTER (WHERE status NOT IN ('cancelled', 'refunded')) AS last
  FROM orders WHERE customer_id IS NOT NULL GROUP BY customer_id),
flags AS (SELECT c.customer_id,
  coalesce(c.stage IN ('delight', 'buy'), FALSE) AS c1,
  coalesce(contains(',' || c.platforms || ',', ',wecom,'), FALSE) AS c2,
  t.customer_id IS NULL AS c3, coalesce(v.n, 0) >= 1 AS c4, coalesce(s.fen, 0) >= 10000 AS c5,
  coalesce(s.last < TIMESTAMPTZ '{before}', FALSE) AS c6
  FROM customers c LEFT JOIN (SELECT DISTINCT customer_id FROM tags WHERE tag_id = 7) t
    ON t.customer_id = c.customer_id
  LEFT JOIN viewed v ON v.customer_id = c.customer_id
  LEFT JOIN spent s ON s.customer_id = c.customer_id)
SELECT count(*) FILTER (WHERE c1 AND c2 AND c3 AND c4 AND c5 AND c6),
  min(customer_id, 20) FILTER (WHERE c1 AND c2 AND c3 AND c4 AND c5 AND c6),
  count(*) FILTER (WHERE c1), count(*) FILTER (WHERE c2), count(*) FILTER (WHERE c3),
  count(*) FILTER (WHERE c4), count(*) FILTER (WHERE c5), count(*) FILTER (WHERE c6)
FROM flags
"""
VIEWED = {
    "hand_columns": "SELECT customer_id, sum(n) AS n FROM event_days"
    " WHERE name = 'product_viewed' AND day >= DATE '{day}' GROUP BY 1",
    "hand_raw": "SELECT customer_id, count(*) AS n FROM {history}"
    " WHERE name = 'product_viewed' AND occurred_at >= TIMESTAMPTZ '{day} 00:00:00+08' GROUP BY 1",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--segments", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sizes", default="", help="several numbers of customers")
    parser.add_argument("--folder", type=Path, default=None, help="where the big files go")
    parser.add_argument("--compact", action="store_true", help="compact the history first")
    parser.add_argument("--keep", action="store_true", help="leave the files there")
    parser.add_argument("--home", type=Path, default=None, help="a home left by --keep")
    options = parser.parse_args()
    if options.sizes:
        grown = grow([int(size) for size in options.sizes.split(",")], options)
        print(json.dumps(grown) if options.json else json.dumps(grown, indent=2))
        return 0
    home = options.home or Path(tempfile.mkdtemp(prefix="siyu-bench-segments-", dir=options.folder))
    os.environ["SIYU_HOME"] = str(home)
    os.environ["SIYU_CLOCK_FILE"] = str(home / "clock")
    try:
        result = run(options, home, is_made=options.home is not None)
    finally:
        if not options.keep and options.home is None:
            shutil.rmtree(home, ignore_errors=True)
    print(json.dumps(result) if options.json else json.dumps(result, indent=2))
    return 0


def grow(sizes: list[int], options: argparse.Namespace) -> dict[str, Any]:
    """The bench at several sizes; growth is of the time a customer costs, of explain per call."""

    def arguments(size: int) -> list[str]:
        folder = ["--folder", str(options.folder)] * (options.folder is not None)
        counts = {"customers": size, "events": size * 10, "segments": options.segments}
        flags = [part for name, count in counts.items() for part in (f"--{name}", str(count))]
        compact = ["--compact"] * options.compact
        return [*flags, "--runs", str(options.runs), *compact, *folder]

    found = run_sizes(__file__, sizes, arguments)
    first, last = found[0], found[-1]
    share = sizes[-1] / sizes[0]
    growth = {
        "preview": last["preview_ms"]["p50"] / first["preview_ms"]["p50"] / share,
        "segments": last["segments_again_s"] / first["segments_again_s"] / share,
        "columns": last["columns_written_s"] / first["columns_written_s"] / share,
        "explain": last["explain_ms"]["p50"] / first["explain_ms"]["p50"],
    }
    return put_together(sizes, found, growth)


def run(options: argparse.Namespace, home: Path, *, is_made: bool) -> dict[str, Any]:
    from siyu.site.boot import boot, migrate

    boot()
    migrate()
    from siyu.segments import columns

    made = {} if is_made else make_home(options, home)
    set_clock(TODAY)
    columns_s, _ = timed(lambda: columns.keep(min_customers=0))
    say(f"columns {columns_s:.1f} s")
    result: dict[str, Any] = {
        "bench": "segments",
        "customers": options.customers,
        "events": options.events,
        **made,
        "columns_written_s": round(columns_s, 1),
        "columns_mb": round(sum(f.stat().st_size for f in (home / "columns").iterdir()) / 2**20),
    }
    result |= compare(options, home)
    say(json.dumps(result))
    result["explain_ms"] = explain(options)
    say(json.dumps(result["explain_ms"]))
    result |= again(options)
    say(json.dumps(result))
    result["live_ms"] = live(options)
    result["peak_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
    return result


def make_home(options: argparse.Namespace, home: Path) -> dict[str, Any]:
    """The state in a process of its own while the history is written."""
    import lake

    may_index = Event()
    maker = Process(target=make_state, args=(home / "siyu.db", options.customers, may_index))
    maker.start()
    events_s, _ = timed(lambda: lake.load(options.events, options.customers))
    may_index.set()
    say(f"events {events_s:.0f} s")
    tidy_s, _ = timed(lake.compact_all) if options.compact else (0.0, 0)
    say(f"compacted {tidy_s:.0f} s")
    maker.join()
    assert maker.exitcode == 0
    return {"made_s": {"events": round(events_s), "compact": round(tidy_s)}}


def make_state(path: Path, customers: int, may_index: Any = None) -> None:
    """Customers, an identity each, a tag for most, an order for each on average.

    may_index: an event to wait for before the indexes are made, which keeps other writers out
    for minutes.
    """
    raw = sqlite3.connect(path, isolation_level=None, timeout=120)
    raw.execute("PRAGMA synchronous = OFF")
    indexes = raw.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name"
        " IN ('pool_customer', 'pool_identity', 'pool_customertag', 'commerce_order')"
    ).fetchall()
    for name, _ in indexes:
        raw.execute(f'DROP INDEX "{name}"')
    numbers = range(1, 51)
    fill(raw, "pool_taggroup", {"id": [1], "name": ["g"]})
    fill(
        raw,
        "pool_tag",
        {"id": numbers, "group_id": repeat(1), "name": [f"t{number}" for number in numbers]},
    )
    for first in range(1, customers + 1, CHUNK):
        raw.execute("BEGIN IMMEDIATE")
        for table, columns in chunk_of(first, min(CHUNK, customers + 1 - first), customers):
            fill(raw, table, columns)
        raw.execute("COMMIT")
    if may_index is not None:
        may_index.wait()
    for _, sql in indexes:
        raw.execute(sql)
    raw.close()


Columns = dict[str, Iterable[Any]]


def chunk_of(first: int, count: int, customers: int) -> Iterator[tuple[str, Columns]]:
    dice = np.random.default_rng(first)
    ids = range(first, first + count)
    times = [day_back(age) for age in range(701)]
    ages = [times[age] for age in dice.integers(1, 700, count).tolist()]
    places = dice.integers(0, 4, count).tolist()
    yield (
        "pool_customer",
        {
            "id": ids,
            "platforms": [PLATFORMS[place] for place in places],
            "stage": dice.integers(1, 6, count).tolist(),
            "is_reachable": [int(place < 3) for place in places],
            "created_at": repeat(times[700]),
            "last_seen_at": ages,
        },
    )
    yield (
        "pool_identity",
        {
            "id": [who * 2 for who in ids],
            "namespace": repeat("user_id"),
            "value": [f"v{who}" for who in ids],
            "strength": repeat("strong"),
            "customer_id": ids,
            "birth_id": ids,
            "first_seen_at": repeat(times[700]),
            "last_seen_at": repeat(times[700]),
        },
    )
    tagged = [who for who in ids if who % 3]
    yield (
        "pool_customertag",
        {
            "customer_id": tagged,
            "identity_id": [who * 2 for who in tagged],
            "tag_id": dice.integers(1, 51, len(tagged)).tolist(),
            "origin": repeat("manual"),
            "at": ages,
        },
    )
    buyers = (customers * dice.power(0.6, count)).astype(np.int64) + 1
    fens = dice.integers(1_000, 50_000, count).tolist()
    yield (
        "commerce_order",
        {
            "source": repeat("shop"),
            "order_no": [f"o{number}" for number in ids],
            "customer_id": buyers.tolist(),
            "identity_id": (buyers * 2).tolist(),
            "placed_at": ages,
            "amount_fen": fens,
            "net_fen": fens,
            "item_count": repeat(1),
            "status": ["refunded" if fen % 20 == 0 else "paid" for fen in fens],
            "platform": repeat("web"),
        },
    )


def day_back(days: int) -> str:
    return (TODAY - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")


USUAL = {"is_active": 1, "currency": "CNY", "lines": "[]", "created_at": day_back(0)}


def fill(raw: sqlite3.Connection, table: str, columns: Columns) -> None:
    """Insert rows; columns that are not named get the usual or an empty value of their type."""
    whole = dict(columns)
    for _, name, kind, is_needed, default, _ in raw.execute(f"PRAGMA table_info({table})"):
        if name not in whole and is_needed and default is None and name != "id":
            is_text = any(word in kind.lower() for word in ("char", "text", "date"))
            whole[name] = repeat(USUAL.get(name, "" if is_text else 0))
    listed = ", ".join(f'"{name}"' for name in whole)
    marks = ", ".join("?" * len(whole))
    raw.executemany(
        f"INSERT INTO {table} ({listed}) VALUES ({marks})", zip(*whole.values(), strict=False)
    )


def compare(options: argparse.Namespace, home: Path) -> dict[str, Any]:
    """The preview and the two statements by hand, in turns, so that all meet the same machine."""
    from siyu.core.access import SYSTEM
    from siyu.segments import queries

    asks: dict[str, Callable[[], Any]] = {
        "preview": lambda: queries.preview(SYSTEM, DEFINITION, now=TODAY),
        **hands(home),
    }
    taken: dict[str, list[float]] = {name: [] for name in asks}
    answers: dict[str, Any] = {}
    for _ in range(options.runs + 1):
        for name, ask in asks.items():
            seconds, answers[name] = timed(ask)
            taken[name].append(seconds)
    check(answers)
    middle = {name: statistics.median(times[1:]) for name, times in taken.items()}
    return {
        "members": answers["preview"].count,
        **{
            f"{name}_ms": {
                "first": round(times[0] * 1000),
                "p50": round(middle[name] * 1000),
                "max": round(max(times[1:]) * 1000),
            }
            for name, times in taken.items()
        },
        "ratio_to_hand_columns": round(middle["preview"] / middle["hand_columns"], 2),
        "ratio_to_hand_raw": round(middle["preview"] / middle["hand_raw"], 2),
    }


def hands(home: Path) -> dict[str, Callable[[], Any]]:
    import duckdb

    from siyu.lake.delta import find_events
    from siyu.lake.engine import memory_limit
    from siyu.lake.views import history_source

    connection = duckdb.connect(":memory:")
    (file,) = (home / "columns").glob("*.duckdb")
    connection.execute(f"ATTACH '{file}' AS kept (READ_ONLY)")
    connection.execute("USE kept")
    connection.execute(f"SET memory_limit = '{memory_limit()}B'")
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    history = find_events()
    assert history is not None
    day = (TODAY + timedelta(hours=8)).date()
    values = {
        "history": history_source(connection, history),
        "day": day - timedelta(days=89),
    }
    before = f"{day - timedelta(days=29)} 00:00:00+08"
    texts = {
        name: HAND.format(viewed=viewed.format(**values), before=before)
        for name, viewed in VIEWED.items()
    }
    return {
        name: lambda sql=sql: connection.execute(sql).fetchall()[0] for name, sql in texts.items()
    }


def check(answers: dict[str, Any]) -> None:
    """All three say the same."""
    found = answers["preview"]
    ours = (found.count, found.sample_ids, *(c.count for c in found.conditions[1:]))
    for name in VIEWED:
        count, sample, *conditions = answers[name]
        assert ours == (count, list(sample or []), *conditions), (name, ours, answers[name])


def again(options: argparse.Namespace) -> dict[str, Any]:
    """Many segments about days, made and then evaluated again in full, as at midnight."""
    from siyu.segments import actions
    from siyu.segments.models import Segment

    for number in range(options.segments):
        Segment.objects.create(
            name=f"s{number}", definition=definition_of(number), created_at=TODAY, updated_at=TODAY
        )
    first, _ = timed(actions.clock)
    say(f"segments first {first:.1f} s")
    set_clock(TODAY + timedelta(days=1))
    second, _ = timed(actions.clock)
    members = list(Segment.objects.values_list("member_count", flat=True))
    return {
        "segments": options.segments,
        "segments_members": sum(members),
        "segments_first_s": round(first, 1),
        "segments_again_s": round(second, 1),
    }


def definition_of(number: int) -> dict[str, Any]:
    names = ("page_viewed", "product_viewed", "message_received", "order_completed")
    children = [
        {"op": "trait", "field": "stage", "cmp": "eq", "value": ("buy", "loyal")[number % 2]},
        {"op": "tag", "tag_id": 1 + number % 50},
        {
            "op": "event",
            "name": names[number % 4],
            "measure": "count",
            "cmp": "gte",
            "value": 1 + number % 3,
            "within_days": (7, 30, 60, 90)[number // 4 % 4],
        },
        {"op": "order", "measure": "days_since_last", "cmp": "gte", "value": 7 * (1 + number % 9)},
    ]
    return {"version": 1, "root": {"op": "and", "children": children}}


def explain(options: argparse.Namespace) -> dict[str, float]:
    from siyu.core.access import SYSTEM
    from siyu.segments import queries
    from siyu.segments.models import Segment

    segment = Segment.objects.create(
        name="six", definition=DEFINITION, created_at=TODAY, updated_at=TODAY, evaluated_on=None
    )
    dice = np.random.default_rng(1)
    taken = []
    for who in dice.integers(1, options.customers, 60).tolist():
        seconds, _ = timed(lambda w=who: queries.explain(SYSTEM, segment.pk, w, now=TODAY))
        taken.append(seconds * 1000)
    segment.delete()
    return {
        "first": round(taken[0], 1),
        "p50": round(statistics.median(taken[1:]), 1),
        "p95": round(sorted(taken[1:])[int(len(taken) * 0.95) - 1], 1),
    }


def live(options: argparse.Namespace) -> dict[str, float]:
    """One turn of `live` over all segments, for one touched customer and for many."""
    from siyu.segments import actions

    dice = np.random.default_rng(2)
    found = {}
    for count in (1, 100, 2_000):
        taken = []
        for _ in range(3):
            actions.touch(dice.integers(1, options.customers, count).tolist())
            taken.append(timed(actions.live)[0] * 1000)
        found[str(count)] = round(statistics.median(taken))
    return found


def set_clock(now: datetime) -> None:
    """The clock of the home is a file that this bench writes."""
    from siyu.core.runtime import runtime
    from siyu.kernel.clock import SharedClock

    clock = runtime().clock
    assert isinstance(clock, SharedClock)
    clock.set(now)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
