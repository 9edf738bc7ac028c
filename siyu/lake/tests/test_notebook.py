"""The notebook of the manual runs as it stands, over a history that was really written."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import siyu
from siyu.lake import actions
from siyu.lake.tests.support import batch, seen

NOTEBOOK = Path(siyu.__file__).parent.parent / "docs" / "examples" / "history.ipynb"


def _cells(*tags: str) -> list[str]:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and set(cell["metadata"]["tags"]) & set(tags)
    ]


@pytest.mark.django_db
def test_its_duckdb_part_counts_what_was_written(run_time, clock, monkeypatch):
    start = clock.now()
    for day in range(40):
        at = start + timedelta(days=day)
        actions.buffer(batch(start, seen(day % 7 + 1, at, message_id=f"m{day}")))
    clock.advance(seconds=60)
    assert actions.flush() is True
    monkeypatch.setenv("SIYU_HOME", str(run_time.home))
    names: dict[str, Any] = {}
    for source in _cells("setup", "duckdb"):
        exec(compile(source, NOTEBOOK.name, "exec"), names)
    expected = Counter(
        (start + timedelta(days=day, hours=8)).strftime("%Y-%m") for day in range(40)
    )
    assert [(row[0], row[1], row[2]) for row in names["months"]] == [
        (month, "page_viewed", count) for month, count in sorted(expected.items())
    ]
    assert names["newest"] == max(expected)
    assert sum(count for _, count in names["days"]) == expected[max(expected)]


def test_every_cell_is_python_and_says_what_it_needs():
    assert len(_cells("spark")) == 1
    for source in _cells("setup", "duckdb", "spark"):
        compile(source, NOTEBOOK.name, "exec")
