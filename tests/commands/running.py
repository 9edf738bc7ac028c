"""Runs `siyu` as a person would, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

Done = subprocess.CompletedProcess[str]


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "siyu", words[0], "--home", str(home), *words[1:]]


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The machine's environment without settings of ours, and the given ones."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SIYU_", "DJANGO_"))
    }
    return clean | dict(settings or {})


def siyu(home: Path, *words: str, said: str = "", **settings: str) -> Done:
    """Run a command to its end; `said`: its standard input; `settings`: its environment."""
    return subprocess.run(
        command(home, *words),
        env=environment(settings),
        input=said,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
