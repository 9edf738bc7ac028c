"""What each bench is to reach, and why it does not where it does not.

A goal names a figure of the bench's result; with several sizes, the figure of the largest one.
`why` is shown beside a goal that was missed, and only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Goal:
    """at_least, at_most: one of them is given. figure: path into the result, parts by dots."""

    figure: str
    at_least: float | None = None
    at_most: float | None = None
    why: str = ""

    def is_reached(self, seen: float) -> bool:
        if self.at_least is not None:
            return seen >= self.at_least
        return self.at_most is None or seen <= self.at_most

    def wanted(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:,g}"
        return f"≤ {self.at_most:,g}"


AGAIN = (
    "every row's values, edges, stage and traits are found by index, in a file that no longer fits "
    "SQLite's 64 MiB of pages: 13 µs of CPU a row among 100,000 customers, 21 among a million"
)
EVENTS = (
    "of 1.5 million events about a million known people 62 % of the time goes into settling at the "
    "end when they were last seen (more than half of that in one UPDATE of the customers, who stand "
    "in an index by it) and 20 % into finding them"
)
EVENTS_PEAK = (
    "50 MiB of it are people remembered between batches; giving freed memory back after each batch "
    "saved 8"
)
ORDERS = (
    "what is not code grew from 260 MiB at 20,000 orders to 311 at 100,000, of a million customers; "
    "nothing of the database is mapped and 30,000 people are remembered at most"
)

GOALS: dict[str, tuple[Goal, ...]] = {
    "oneid": (
        Goal("ratio.splink", at_least=20),
        Goal("ratio.scipy", at_least=3),
        Goal("peak_gb.ours", at_most=6),
        Goal("growth.ours", at_most=1.5),
    ),
    "ingest": (
        Goal(
            "end_to_end_events_per_s",
            at_least=20_000,
            why="one worker writes people, traits, orders, history and marks in one process, "
            "behind SQLite's one writer; accepting alone does more than is wanted",
        ),
        Goal(
            "single_requests_per_s",
            at_least=2_000,
            why="reached with 100,000 known customers; with a million the worker beside it most "
            "likely takes more of the two cores (not profiled)",
        ),
        Goal("lost", at_most=0),
        Goal("duplicates", at_most=0),
        Goal(
            "journey_ms.p95",
            at_most=2_000,
            why="reading who changed shares the worker's one core with the intake, which works at "
            "half of all it can",
        ),
        Goal("growth.end_to_end", at_most=1.5),
    ),
    "segments": (
        Goal("preview_ms.p50", at_most=1_000),
        Goal("ratio_to_hand_raw", at_most=1.3),
        Goal("ratio_to_hand_columns", at_most=1.3),
        Goal("segments_again_s", at_most=600),
        Goal("explain_ms.p95", at_most=200),
        Goal("growth.preview", at_most=1.5),
        Goal("growth.segments", at_most=1.5),
        Goal("growth.explain", at_most=1.5),
    ),
    "lake": (
        Goal("timeline_ms.p95", at_most=100),
        Goal("import_rows_per_s", at_least=100_000),
        Goal("import_with_compaction_rows_per_s", at_least=100_000),
        Goal("growth.import", at_most=1.5),
        Goal("growth.bytes", at_most=1.5),
    ),
    "wecom": (
        Goal("pull.calls", at_most=3_500),
        Goal("pull.missing", at_most=0),
        Goal("pull.duplicates", at_most=0),
        Goal("pages.guides_ms.all.p95", at_most=300),
        Goal("pages.customers_ms.region.p95", at_most=300),
        Goal("pages.count_ms.region.p95", at_most=300),
        Goal("callbacks.answered_ms.p99", at_most=50),
        Goal("callbacks.missing", at_most=0),
        Goal("welcomes.share_in_20_s", at_least=1),
        Goal("welcomes.welcome_ms.p99", at_most=2_000),
        Goal("welcomes.duplicates", at_most=0),
    ),
    "imports": (
        Goal("customers_per_s", at_least=30_000),
        Goal("again_per_s", at_least=30_000, why=AGAIN),
        Goal("events_per_s", at_least=100_000, why=EVENTS),
        Goal("growth.customers", at_most=1.5),
        Goal("growth.again", at_most=1.5, why=AGAIN),
        Goal("growth.events", at_most=1.5, why=EVENTS),
        Goal("growth.customers_peak", at_most=1.5),
        Goal("growth.events_peak", at_most=1.5, why=EVENTS_PEAK),
        Goal("growth.orders_peak", at_most=1.5, why=ORDERS),
    ),
    "broadcast": (Goal("planned_s", at_most=60),),
    "idle": (
        Goal(
            "cpu_percent",
            at_most=1,
            why="fifty threads that look whether there is something to do; most of it are the look "
            "for commits of others, five times a second, and the intake, ten times in quiet",
        ),
        Goal(
            "memory_mb",
            at_most=300,
            why="of it 120 MB are clean pages of the libraries' code, which the system takes back "
            "when it needs them; 89 of the rest are the worker's",
        ),
    ),
}


def find_figure(result: dict[str, Any], path: str) -> float | None:
    """The figure of a result, or of the largest size of it; None when it was not measured."""
    for place in (result, *reversed([one for one in result.values() if isinstance(one, dict)])):
        found: Any = place
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if isinstance(found, int | float):
            return found
    return None
