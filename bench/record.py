"""Runs a bench and keeps its result in docs/performance.md, with machine, date and command.

    python bench/record.py ingest --events 400000
    python bench/record.py oneid --links 25000000

Everything after the bench's name is handed to it. Only that bench's section is rewritten.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from goals import GOALS, Goal, find_figure

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
HEAD = """# 性能 / Performance

每一节都由 `python bench/record.py NAME` 运行基准后写入, 与用户会选的替代方案在同一次运行里比较。
Each section is written by `python bench/record.py NAME` after running the bench, side by side with what a user would pick instead, in one run.
"""


def main() -> int:
    name, *arguments = sys.argv[1:]
    load = os.getloadavg()[0]
    command = ["python", f"bench/{name}.py", "--json", *arguments]
    done = subprocess.run(
        [sys.executable, *command[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    page = PAGE.read_text("utf-8") if PAGE.exists() else HEAD
    PAGE.write_text(put_section(page, name, make_section(name, command, result, load)), "utf-8")
    print(done.stdout.strip())
    return 0


def put_section(page: str, name: str, section: str) -> str:
    """The page with one section replaced or added at its end."""
    pattern = re.compile(rf"\n## {name}\n.*?(?=\n## |\Z)", re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda _: section, page)
    return page.rstrip("\n") + "\n" + section


def make_section(name: str, command: list[str], result: dict[str, Any], load: float) -> str:
    """One bench's table."""
    lines = [f"| {key} | {show(value)} |" for key, value in flatten(result)]
    where = f"{os.cpu_count()} × {processor()}, {memory_gib():.0f} GiB, Python {platform.python_version()}"
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return "\n".join(
        [
            f"\n## {name}",
            f"`{' '.join(command)}` · {where} · {when} · load {load:.1f}",
            "",
            *show_goals(GOALS.get(name, ()), result),
            "| 项 / figure | 值 / value |",
            "|---|---:|",
            *lines,
            "",
        ]
    )


def show_goals(goals: tuple[Goal, ...], result: dict[str, Any]) -> list[str]:
    """The goals of a bench, what was seen, and why a missed one is missed."""
    if not goals:
        return []
    rows = ["| 目标 / goal | 要求 / wanted | 所见 / seen | 达到 / reached |", "|---|---:|---:|---|"]
    for goal in goals:
        seen = find_figure(result, goal.figure)
        if seen is None:
            rows.append(f"| {goal.figure} | {goal.wanted()} | – | 未测 / not measured |")
        else:
            verdict = "✓" if goal.is_reached(seen) else f"✗ {goal.why}".rstrip()
            rows.append(f"| {goal.figure} | {goal.wanted()} | {show(seen)} | {verdict} |")
    return [*rows, ""]


def flatten(result: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in result.items():
        if isinstance(value, dict):
            rows += flatten(value, f"{prefix}{key}.")
        else:
            rows.append((f"{prefix}{key}", value))
    return rows


def show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
    return found[1] if found else platform.machine()


def memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


if __name__ == "__main__":
    sys.exit(main())
