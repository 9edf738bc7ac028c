"""A bench at several sizes, each in a process of its own, so that peaks of memory are its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any


def run_sizes(
    script: str, sizes: Sequence[int], arguments: Callable[[int], list[str]]
) -> list[dict[str, Any]]:
    """The results of `script` with the arguments of each size, in order."""
    found = []
    for size in sizes:
        command = [sys.executable, script, "--json", *arguments(size)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found.append(json.loads(done.stdout))
    return found


def put_together(
    sizes: Sequence[int], found: Sequence[dict[str, Any]], growth: dict[str, float]
) -> dict[str, Any]:
    """The growth of the cost of a unit from the first to the last size, then every result."""
    sized = {f"{size:,}": result for size, result in zip(sizes, found, strict=True)}
    return {"growth": {key: round(value, 2) for key, value in growth.items()}, **sized}
