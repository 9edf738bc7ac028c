"""Lets a brand's customers live for a long time and writes what happened to docs/simulation.md.

    python bench/simulation.py --customers 10000 --days 90
    python bench/simulation.py --page        # only the page, from docs/simulation.json

The sandbox has bad days (BAD_DAYS) but for the last two. Progress comes on stderr, a line a day.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from record import ROOT, memory_gib, processor, show

KEPT = ROOT / "docs" / "simulation.json"
PAGE = ROOT / "docs" / "simulation.md"
BAD_DAYS = {
    "drop": 0.02,
    "duplicate": 0.02,
    "late": 0.02,
    "late_seconds": 0.3,
    "rate_limited": 0.002,
    "only": "/wecom",
}
HEAD = """# 长期模拟 / A long simulation

整页由 `python bench/simulation.py` 写成, 数字来自平台沙箱自己的账与 Siyu 的账; 全部数字在 `docs/simulation.json`。沙箱按下面的开关变坏天气, 末两天放晴, 好让夜间比对补齐。
The whole page is written by `python bench/simulation.py` from the sandbox's own books and Siyu's; all figures are in `docs/simulation.json`. Bad days hold but for the last two days, so that a nightly comparison can make good.

进群与退群的回调都被丢掉的人, 平台的任何名单里都不再有, 没有办法补回 (2 % 的丢弃率下约每 2,500 次退群一位), 记在“丢失 lost: groups”。
Who joins a group and leaves it, both callbacks dropped, is on no list of the platform any more: about one in 2,500 leavers at 2 %; counted as lost: groups.
"""
BOOKS = ("people", "adds", "losses", "messages", "orders")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=20261111)
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    code = 0 if given.page else live(given.customers, given.days, given.seed)
    PAGE.write_text(make_page(json.loads(KEPT.read_text("utf-8"))), "utf-8")
    return code


def live(customers: int, days: int, seed: int) -> int:
    """Run the simulation, keep its figures; the exit code of `siyu demo`."""
    arguments = ["--customers", str(customers), "--days", str(days), "--seed", str(seed)]
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="siyu-simulation-") as folder:
        file = Path(folder) / "report.json"
        switches = ["--bad-days", json.dumps(BAD_DAYS), "--report", str(file)]
        places = ["--home", str(Path(folder) / "home"), "--exit", "--json"]
        command = [sys.executable, "-m", "siyu", "demo", *places, *arguments, *switches]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    for name in ("url", "username", "password"):
        found["report"].pop(name, None)
    found["run"] = {
        "command": f"python bench/simulation.py {' '.join(arguments)}",
        "machine": f"{os.cpu_count()} × {processor()}, {memory_gib():.0f} GiB, "
        f"Python {platform.python_version()}",
        "ended": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load": round(load, 1),
        "exit": done.returncode,
    }
    KEPT.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return done.returncode


def make_page(found: dict[str, Any]) -> str:
    """The page of a run."""
    run = found["run"]
    where = f"`{run['command']}` · {run['machine']} · {run['ended']} · load {run['load']}"
    parts = [HEAD, where, *totals(found), *books(found), *sends(found), *callbacks(found)]
    return "\n".join([*parts, *lives(found), *witnesses(found), *calls(found), ""])


def totals(found: dict[str, Any]) -> list[str]:
    report, memory = found["report"], found["memory_mb"]
    rows = [
        ("重复 duplicates", report["duplicates"]),
        ("丢失 lost", report["lost"]),
        *((f"丢失 lost: {name}", count) for name, count in report.get("lost_of", {}).items()),
        ("用时, 秒 seconds", report["seconds"]),
        ("步 steps", found["witness"]["steps"]),
        ("内存峰值, MB, 全部进程 (PSS) peak memory", memory["peak"]),
        (
            "内存在 ¼ · ½ · ¾ · 末 memory at the quarters",
            " · ".join(map(show, memory["quarters"])),
        ),
        *((f"末时 {name}, MB", value) for name, value in sorted(memory["processes"].items())),
    ]
    return ["\n## 结果 / Result", *table(("项 / figure", "值 / value"), rows)]


def books(found: dict[str, Any]) -> list[str]:
    head = ("平台 / platform", "人 people", "添加 adds", "流失 losses")
    head = (*head, "消息 messages", "订单 orders")
    rows = [
        (name, *(one[field] for field in BOOKS))
        for name, one in sorted(found["siyu"].items())
        if name and any(one[field] for field in BOOKS)
    ]
    return ["\n## Siyu 的账, 按平台 / Siyu's books by platform", *table(head, rows)]


def sends(found: dict[str, Any]) -> list[str]:
    rows = [
        (name or "没有通道 no channel", state, count)
        for name, one in sorted(found["siyu"].items())
        for state, count in sorted(one["sends"].items())
    ]
    head = ("平台 / platform", "最终状态 / final state", "次 / count")
    return ["\n## 触达, 按最终状态 / Sends by final state", *table(head, rows)]


def callbacks(found: dict[str, Any]) -> list[str]:
    switches = ", ".join(f"{name} {value}" for name, value in found["bad_days"].items())
    rows = sorted(found["callbacks"].items())
    title = "\n## 回调 / Callbacks"
    return [title, f"坏天气 / bad days: {switches or '–'}", "", *table(("项", "次 / count"), rows)]


def lives(found: dict[str, Any]) -> list[str]:
    rows = [
        (part, name, count)
        for part, counts in sorted(found["report"]["parts"].items())
        for name, count in sorted(counts.items())
    ]
    head = ("部分 / part", "发生的事 / what happened", "次 / count")
    return ["\n## 顾客与导购做了什么 / What customers and guides did", *table(head, rows)]


def witnesses(found: dict[str, Any]) -> list[str]:
    rows = [
        (platform_name, name, count)
        for platform_name, counts in sorted(found["witness"]["platforms"].items())
        for name, count in sorted(counts.items())
        if count
    ]
    head = ("平台 / platform", "项 / figure", "值 / value")
    return ["\n## 平台的账 / The platforms' books", *table(head, rows)]


def calls(found: dict[str, Any]) -> list[str]:
    rows = [
        (
            platform_name,
            f"`{path}`",
            counts["calls"],
            ", ".join(f"{code}: {count}" for code, count in counts.items() if code != "calls"),
        )
        for platform_name, paths in sorted(found["calls"].items())
        for path, counts in sorted(paths.items(), key=lambda one: -one[1]["calls"])
    ]
    head = ("平台 / platform", "接口 / API", "次 / calls", "拒绝 / refused")
    return ["\n## 接口调用 / Calls", *table(head, rows)]


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(map(show, row))} |" for row in rows),
    ]


if __name__ == "__main__":
    sys.exit(main())
