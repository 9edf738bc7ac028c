"""How much memory this process and all that descend from it use together."""

from __future__ import annotations

import os
import re
from pathlib import Path

PROC = Path("/proc")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class MemoryWatch:
    """Looks now and then; one number is kept for each look. Zeros where there is no /proc.

    Shared pages are divided among those who share them (PSS).
    """

    def __init__(self) -> None:
        self.looks: list[int] = []
        self.by_process: dict[str, int] = {}

    def look(self) -> int:
        """MB in use now."""
        self.by_process = {}
        for pid in _family(os.getpid()):
            name, kib = _usage(pid)
            self.by_process[name] = self.by_process.get(name, 0) + kib // 1024
        self.looks.append(sum(self.by_process.values()))
        return self.looks[-1]

    def at_quarters(self) -> list[int]:
        """MB at a quarter, half, three quarters and the end of the looks."""
        last = len(self.looks) - 1
        return [self.looks[last * quarter // 4] for quarter in (1, 2, 3, 4)] if self.looks else []


def _family(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _usage(pid: int) -> tuple[str, int]:
    """Name and KiB; nothing for a process that has ended."""
    try:
        name = (PROC / str(pid) / "comm").read_text("utf-8").strip()
        said = _PSS.search((PROC / str(pid) / "smaps_rollup").read_text("utf-8"))
    except OSError:
        return "ended", 0
    return name, int(said[1]) if said else 0
