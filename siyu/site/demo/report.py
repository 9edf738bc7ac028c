"""What came of the demo: counted in the stores, compared with what the world saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection
from rich.console import Console
from rich.table import Table

from siyu.lake.session import open_session
from siyu.sandbox.simulator import Witness
from siyu.site.demo.parts.part import BrandPart

COUNTS = {
    "customers": "SELECT count(*) FROM pool_customer WHERE NOT is_erased",
    "identities": "SELECT count(*) FROM pool_identity",
    "merges": "SELECT count(*) FROM pool_customeralias",
    "orders": "SELECT count(*) FROM commerce_order WHERE source = 'shop'",
    "departures": "SELECT count(*) FROM guides_loss",
    "friends": "SELECT count(DISTINCT identity_id) FROM pool_relation WHERE staff <> ''",
}
STAGES = ("attract", "delight", "spread", "buy", "loyal")
STAGE_ZH = dict(zip(STAGES, ("吸引", "愉悦", "传播", "购买", "忠诚"), strict=True))
UNSETTLED = ("reserved", "handed")


class Report(msgspec.Struct, kw_only=True):
    """The numbers of `siyu demo --json`.

    duplicates: messages a customer received twice, by the sandbox's own books, plus events kept
    twice. lost: orders, friends, ended friendships or accepted events of the outside world that
    Siyu does not have, plus touches left between states; both with what the parts count.
    lost_of: what was lost, where anything was. parts: what each part of the simulation made happen.
    """

    customers: int
    identities: int
    merges: int
    orders: int
    touches: dict[str, int]
    flywheel: dict[str, int]
    duplicates: int
    lost: int
    seconds: float
    lost_of: dict[str, int] = {}
    parts: dict[str, dict[str, int]] = {}
    url: str = ""
    username: str = ""
    password: str = ""


def make_report(witness: Witness, seconds: float, parts: Sequence[BrandPart] = ()) -> Report:
    """Count everything; run it when Siyu has settled and the history is flushed."""
    counts = {name: _scalar(sql) for name, sql in COUNTS.items()}
    touches = dict(_rows("SELECT state, count(*) FROM reach_touch GROUP BY state ORDER BY state"))
    reached = dict(
        _rows("SELECT stage, count(DISTINCT customer_id) FROM pool_stageentry GROUP BY stage")
    )
    kept, twice = _count_events()
    missing = {
        "orders": witness.orders - counts["orders"],
        "friends": witness.friends - counts["friends"],
        "departures": sum(witness.departures.values()) - counts["departures"],
        "events": witness.events - witness.events_refused - kept,
        "touches": sum(touches.get(state, 0) for state in UNSETTLED),
        **{part.name: part.lost(witness.parts.get(part.name, {})) for part in parts},
    }
    lost_of = {name: count for name, count in missing.items() if count > 0}
    doubled = sum(part.duplicates(witness.parts.get(part.name, {})) for part in parts)
    return Report(
        customers=counts["customers"],
        identities=counts["identities"],
        merges=counts["merges"],
        orders=counts["orders"],
        touches=touches,
        flywheel={stage: reached.get(number, 0) for number, stage in enumerate(STAGES, 1)},
        duplicates=witness.duplicates + twice + doubled,
        lost=sum(lost_of.values()),
        lost_of=lost_of,
        seconds=round(seconds, 1),
        parts=witness.parts,
    )


def print_report(report: Report, witness: Witness, console: Console) -> None:
    """The results as a table."""
    table = Table(
        title="山茶记 · 模拟结果 / what came of it", show_header=False, title_justify="left"
    )
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in _lines(report, witness):
        table.add_row(name, value)
    console.print(table)


def _lines(report: Report, witness: Witness) -> list[tuple[str, str]]:
    touches = "  ".join(_counted(report.touches))
    flywheel = " → ".join(
        f"{STAGE_ZH[stage]} {count:,}" for stage, count in report.flywheel.items()
    )
    return [
        ("客户 customers", f"{report.customers:,}"),
        ("身份 identities", f"{report.identities:,}"),
        ("合并 merges", f"{report.merges:,}"),
        ("订单 orders", f"{report.orders:,}  (¥{witness.revenue_fen / 100:,.2f})"),
        ("触达 touches", touches),
        ("增长水轮 flywheel", flywheel),
        ("事件 events", f"{witness.events:,} + {witness.callbacks:,} callbacks"),
        ("重复 duplicates", str(report.duplicates)),
        ("丢失 lost", " ".join([str(report.lost), *_counted(report.lost_of)])),
        ("用时 seconds", f"{report.seconds:.1f}"),
    ]


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"{name} {count:,}" for name, count in counts.items()]


def _count_events() -> tuple[int, int]:
    """Events of the shop in the history, and how many of all are there twice."""
    with open_session() as session:
        row = session.execute(
            "SELECT count(*) FILTER (source = 'shop'), count(*) - count(DISTINCT event_id) FROM events"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _scalar(sql: str) -> int:
    return int(_rows(sql)[0][0])


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
