"""What a home costs in which nothing happens: memory and processor of `siyu up`.

    python bench/idle.py [--seconds 60] [--settle 60] [--json]

An empty home is started, left alone for `--settle` seconds, then watched for `--seconds`.
Memory is the proportional set size (PSS) of the whole process tree: a page that several
processes share counts once. Processor is in percent of one core.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--settle", type=float, default=60)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as home:
        result = watch(Path(home), told.settle, told.seconds)
    print(json.dumps(result, indent=None if told.json else 2))
    return 0


def watch(home: Path, settle: float, seconds: float) -> dict[str, float]:
    """Start, settle, measure, stop."""
    environment = {**os.environ, "SIYU_HOME": str(home), "SIYU_PORT": str(free_port())}
    with (home / "up.log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "siyu", "up"], stdout=log, stderr=log, env=environment
        )
    try:
        time.sleep(settle)
        before = processor_seconds(up.pid)
        time.sleep(seconds)
        if up.poll() is not None:
            raise SystemExit((home / "up.log").read_text("utf-8", "replace"))
        spent = processor_seconds(up.pid) - before
        pids = list(tree(up.pid))
        return {
            "cpu_percent": round(100 * spent / seconds, 2),
            "memory_mb": round(sum(pss_kb(pid) for pid in pids) / 1024, 1),
            "processes": len(pids),
            "seconds": seconds,
        }
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(30)


def tree(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from tree(int(child))


def processor_seconds(pid: int) -> float:
    """User and system time of the tree."""
    stats = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in tree(pid))
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS


def pss_kb(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    raise SystemExit(main())
