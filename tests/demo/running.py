"""Runs `siyu demo` as a person would, and finds its processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from siyu.site.demo.home import free_port


def start_demo(home: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start `siyu demo --json` in a home of its own, on a port of its own.

    A demo that looks for a port itself begins at 8000, and takes it from another one whose
    web process was just killed.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SIYU_", "DJANGO_"))
    }
    command = [sys.executable, "-m", "siyu", "demo"]
    return subprocess.Popen(
        [*command, "--json", "--home", str(home), "--port", str(free_port()), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=(home.parent / f"{home.name}.log").open("w"),
        text=True,
    )


def read_report(demo: subprocess.Popen[str]) -> dict[str, Any]:
    """The one JSON object on stdout; AssertionError when the demo ended without it."""
    assert demo.stdout is not None
    line = demo.stdout.readline()
    assert line, f"the demo ended with {demo.wait()} before its results"
    report: dict[str, Any] = json.loads(line)
    return report


def find_processes(home: Path, word: str) -> list[int]:
    """Process ids of `siyu <word>` in a home."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name = (folder / "comm").read_text().strip()
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        is_ours = f"SIYU_HOME={home}\0".encode() in environment + b"\0"
        if is_ours and name == f"siyu {word}":
            found.append(int(folder.name))
    return found
