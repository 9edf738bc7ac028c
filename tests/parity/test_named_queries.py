"""Every named query gives the same rows on DuckDB and on a Spark cluster."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from siyu.lake.engines import open_reader, plain_rows
from siyu.lake.session import named
from siyu.lake.tables import TABLES
from tests.parity.world import NOW, showing

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("run_time"),
    pytest.mark.xdist_group("spark"),
]
MOMENT = {"as_of": NOW}
MONEY = {**MOMENT, "currency": "CNY"}
ASKED: dict[tuple[str, str], dict[str, Any]] = {
    ("insight", "overview_flywheel"): MOMENT,
    ("insight", "overview_growth"): {**MOMENT, "days": 30},
    ("insight", "overview_kpis"): {**MONEY, "since": NOW - timedelta(days=30)},
    ("insight", "overview_sources"): MONEY,
    ("insight", "repurchase"): {**MONEY, "months": 24},
    ("insight", "rfm_cells"): MOMENT,
    ("segments", "buyers"): {},
    ("segments", "rfm"): {},
}


def statement(slice_name: str, name: str) -> str:
    if name != "rfm_cells":
        return named(slice_name, name)
    from siyu.insight.queries import RFM_START

    return " ".join((RFM_START, named("segments", "rfm"), ")", named(slice_name, name)))


def test_every_named_query_has_a_case_here():
    files = (ROOT / "siyu").glob("*/sql/*.sql")
    assert set(ASKED) == {(file.parts[-3], file.stem) for file in files}


def answers(engine: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    with open_reader() as reader:
        return {
            key: plain_rows(reader.table(statement(*key), asked)) for key, asked in ASKED.items()
        }


def test_every_named_query_gives_the_same_rows(use):
    with showing(TABLES):
        use("duckdb")
        expected = answers("duckdb")
        use("spark")
        found = answers("spark")
    for key, rows in expected.items():
        assert rows, key
        assert normal(found[key]) == normal(rows), key


def normal(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in one order, shares to twelve digits."""
    return sorted(({key: _normal(row[key]) for key in row} for row in rows), key=str)


def _normal(value: Any) -> Any:
    return float(f"{value:.12g}") if isinstance(value, float) else value
