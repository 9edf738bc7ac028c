"""Every bench runs, small: what it promises to print is there, and nothing is lost on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCH = ROOT / "bench"
SMALL = {
    "broadcast": "--customers 2000 --staff 20 --loop 20",
    "idle": "--settle 8 --seconds 2",
    "imports": "--customers 2000 --events 4000 --runs 1 --no-peer",
    "ingest": "--events 1000 --runs 1 --paced-seconds 3",
    "lake": "--events 10000 --runs 1 --no-peer",
    "oneid": "--links 20000 --runs 1",
    "segments": "--customers 1000 --events 10000 --segments 3 --runs 1",
    "wecom": "--customers 200 --seconds 1 --callbacks 40 --friends 6 --times 1",
}
EXACT: dict[str, dict[str, Any]] = {
    "ingest": {"lost": 0, "duplicates": 0},
    "oneid": {"is_equal": True, "problems.scipy": None},
    "wecom": {
        "pull.missing": 0,
        "pull.duplicates": 0,
        "callbacks.not_accepted": 0,
        "callbacks.missing": 0,
        "welcomes.duplicates": 0,
    },
}
"""Figures that do not depend on the size or on the machine."""


def run(name: str) -> dict[str, Any]:
    command = [sys.executable, str(BENCH / f"{name}.py"), "--json", *SMALL[name].split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def find(result: Any, path: str) -> Any:
    for part in path.split("."):
        result = result.get(part) if isinstance(result, dict) else None
    return result


def goals() -> dict[str, list[str]]:
    """Bench → figures that have a goal at a single size."""
    code = (
        "import json, goals; print(json.dumps({name: [goal.figure for goal in some]"
        " for name, some in goals.GOALS.items()}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=BENCH, capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = json.loads(told.stdout)
    return {
        name: [figure for figure in some if not figure.startswith("growth.")]
        for name, some in found.items()
    }


def test_every_bench_with_a_goal_is_run():
    assert set(goals()) == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_a_small_run_prints_every_figure_that_has_a_goal(name: str):
    result = run(name)
    assert {path: find(result, path) for path in EXACT.get(name, {})} == EXACT.get(name, {})
    missing = [path for path in goals()[name] if not isinstance(find(result, path), int | float)]
    assert missing == (["ratio.splink"] if find(result, "problems.splink") else [])
