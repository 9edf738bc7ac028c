"""The named queries over the documented tables, with rows small enough to count by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from siyu.lake.session import named
from siyu.lake.tables import TABLES

NOW = datetime(2026, 3, 15, 4, tzinfo=UTC)
TYPES = {"int": "BIGINT", "bool": "BOOLEAN", "time": "TIMESTAMPTZ"}


class Session:
    """DuckDB with the documented tables, filled row by row."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'Asia/Shanghai'")
        for table, columns in TABLES.items():
            typed = ", ".join(f'"{n}" {TYPES.get(kind, "VARCHAR")}' for n, kind in columns.items())
            self.connection.execute(f"CREATE TABLE {table} ({typed})")

    def add(self, table: str, **values: object) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" for _ in values)
        self.connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())
        )

    def customer(self, customer_id: int, *, day: datetime = NOW, **values: object) -> None:
        values = {"first_platform": "wecom", "is_reachable": True} | values
        self.add("customers", customer_id=customer_id, created_at=day, **values)

    def order(
        self, customer_id: int | None, at: datetime, fen: int = 100, **values: object
    ) -> None:
        told = {"status": "paid", "currency": "CNY", "net_fen": fen, "amount_fen": fen}
        told |= {"order_id": self.count("orders") + 1}
        self.add("orders", customer_id=customer_id, placed_at=at, **(told | values))

    def count(self, table: str) -> int:
        row = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        return int(row[0])

    def rows(self, name: str, **asked: object) -> list[dict[str, object]]:
        cursor = self.connection.execute(named("insight", name), asked)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def session():
    return Session()


def test_empty_pool_gives_zeros(session):
    [kpis] = session.rows(
        "overview_kpis", as_of=NOW, since=NOW - timedelta(days=30), currency="CNY"
    )
    assert set(kpis.values()) == {0}
    growth = session.rows("overview_growth", as_of=NOW, days=30)
    assert len(growth) == 30
    assert {(row["added"], row["lost"], row["total"]) for row in growth} == {(0, 0, 0)}
    flywheel = session.rows("overview_flywheel", as_of=NOW)
    assert [row["stage"] for row in flywheel] == ["attract", "delight", "spread", "buy", "loyal"]
    assert {(row["reached"], row["current"], row["conversion"]) for row in flywheel} == {(0, 0, 0)}
    assert session.rows("overview_sources", as_of=NOW, currency="CNY") == []
    assert session.rows("repurchase", as_of=NOW, months=12, currency="CNY") == []


def test_kpis_count_what_they_say(session):
    session.customer(1)
    session.customer(2, day=NOW - timedelta(days=40), is_reachable=False)
    session.customer(3, day=NOW + timedelta(days=1))
    for customer, namespace in ((1, "phone"), (1, "wx_unionid"), (2, "phone")):
        session.add("identities", customer_id=customer, namespace=namespace, first_seen_at=NOW)
    session.order(1, NOW - timedelta(days=2), 1000)
    session.order(1, NOW - timedelta(days=1), 500, status="partly_refunded", net_fen=300)
    session.order(2, NOW - timedelta(days=1), 700, status="refunded", net_fen=0)
    session.order(None, NOW - timedelta(days=1), 50)
    session.order(1, NOW + timedelta(hours=1), 9999)
    session.order(1, NOW - timedelta(days=1), 8888, currency="USD")
    session.add("relations", customer_id=2, is_friend=False, lost_at=NOW - timedelta(days=1))
    session.add("touches", touch_id=1, state="delivered", done_at=NOW - timedelta(days=1))
    session.add("touches", touch_id=2, state="failed", done_at=NOW - timedelta(days=1))
    [kpis] = session.rows(
        "overview_kpis", as_of=NOW, since=NOW - timedelta(days=30), currency="CNY"
    )
    assert kpis == {
        "customers": 2,
        "identities": 3,
        "merged_customers": 1,
        "reachable": 1,
        "buyers": 1,
        "orders": 4,
        "revenue_fen": 1350,
        "repurchase_rate": 1.0,
        "touches_delivered": 1,
        "new_customers": 1,
        "lost_customers": 1,
    }


def test_growth_uses_shanghai_days(session):
    session.customer(1, day=datetime(2026, 3, 14, 15, 59, tzinfo=UTC))
    session.customer(2, day=datetime(2026, 3, 14, 16, 1, tzinfo=UTC))
    session.add("relations", customer_id=1, is_friend=False, lost_at=NOW)
    assert session.rows("overview_growth", as_of=NOW, days=2) == [
        {"date": "2026-03-14", "added": 1, "lost": 0, "total": 1},
        {"date": "2026-03-15", "added": 1, "lost": 1, "total": 1},
    ]


def test_friend_who_came_back_is_not_lost(session):
    session.customer(1)
    session.add("relations", customer_id=1, is_friend=False, lost_at=NOW)
    session.add("relations", customer_id=1, is_friend=True, lost_at=None)
    assert session.rows("overview_growth", as_of=NOW, days=1)[0]["lost"] == 0


def test_flywheel_counts_reached_current_and_conversion(session):
    for customer, stages in ((1, ["attract", "delight"]), (2, ["attract"]), (3, ["buy"])):
        session.customer(customer)
        for stage in stages:
            session.add("stage_entries", customer_id=customer, stage=stage, at=NOW)
    told = {r["stage"]: r for r in session.rows("overview_flywheel", as_of=NOW)}
    assert [(told[s]["reached"], told[s]["current"]) for s in ("attract", "delight", "buy")] == [
        (2, 1),
        (1, 1),
        (1, 1),
    ]
    assert told["attract"]["conversion"] == pytest.approx(2 / 3)
    assert told["delight"]["conversion"] == 0.5
    assert told["buy"]["conversion"] == 0


def test_platforms_are_compared_by_what_was_really_spent(session):
    session.customer(1)
    session.customer(2)
    session.customer(3, first_platform="douyin", is_reachable=False)
    session.order(1, NOW - timedelta(days=3), 1000)
    session.order(1, NOW - timedelta(days=2), 500)
    wecom, douyin = session.rows("overview_sources", as_of=NOW, currency="CNY")
    assert wecom == {
        "platform": "wecom",
        "customers": 2,
        "buyers": 1,
        "orders": 2,
        "revenue_fen": 1500,
        "repurchase_rate": 1.0,
        "reachable": 2,
        "ltv_fen": 750,
    }
    assert (douyin["platform"], douyin["ltv_fen"], douyin["repurchase_rate"]) == ("douyin", 0, 0)


def test_repurchase_looks_back_and_marks_the_open_month(session):
    january, february = datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC)
    session.order(1, january)
    session.order(2, january)
    session.order(1, february)
    session.order(3, february)
    session.order(None, february, 70)
    session.order(4, NOW)
    session.order(4, NOW)
    rows = session.rows("repurchase", as_of=NOW, months=12, currency="CNY")
    assert [(r["month"], r["buyers"], r["repeat_buyers"], r["orders"]) for r in rows] == [
        ("2026-01", 2, 0, 2),
        ("2026-02", 2, 1, 3),
        ("2026-03", 1, 1, 2),
    ]
    assert [r["is_partial"] for r in rows] == [False, False, True]
    assert rows[1]["revenue_fen"] == 270
    before = session.rows(
        "repurchase", as_of=february - timedelta(days=1), months=12, currency="CNY"
    )
    assert [r["month"] for r in before] == ["2026-01"]
