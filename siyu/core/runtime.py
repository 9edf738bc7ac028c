"""What every process has once: home, clock, HTTP door, namespaces.

Set by `site` at start (and by the tests' `runtime` fixture), read through `runtime()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from siyu.kernel.clock import Clock
from siyu.kernel.identity import Namespaces
from siyu.ports.http import HttpDoor


@dataclass
class Runtime:
    home: Path
    clock: Clock
    http: HttpDoor
    namespaces: Namespaces
    is_demo: bool = False


_current: Runtime | None = None


def set_runtime(value: Runtime) -> None:
    global _current  # noqa: PLW0603 - one per process, by design
    _current = value


def runtime() -> Runtime:
    """The process's runtime; RuntimeError before `site` has set it."""
    if _current is None:
        raise RuntimeError("runtime is not set: start through siyu.site")
    return _current
