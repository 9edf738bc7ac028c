"""The demo's own home: made anew each time, never somebody's data."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

from siyu.kernel.errors import Refused

MARKER = ".siyu-demo"


def fresh_home(path: Path) -> Path:
    """An empty home at `path`. Refused when something there was not made by a demo."""
    if path.exists() and any(path.iterdir()):
        if not (path / MARKER).exists():
            raise Refused("demo.home", f"{path} 不是演示目录, 不会被清空", field="--home")
        shutil.rmtree(path)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    (path / MARKER).touch()
    return path


def default_home() -> Path:
    """Beside the user's cache, so that a demo never sits in a brand's home."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "siyu-demo"


def free_port(preferred: int = 0) -> int:
    """`preferred` when it is free, else any free port."""
    for port in filter(None, (preferred,)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                break
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
