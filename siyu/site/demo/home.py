"""The demo's own home: made anew each time, never somebody's data."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siyu.kernel.errors import Refused
from siyu.site.ports import is_taken

MARKER = ".siyu-demo"


@contextmanager
def hold_home(path: Path) -> Iterator[None]:
    """Nobody else plays a demo at `path` meanwhile; Refused when somebody does already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            reason = f"{path} 里有一个演示正在运行: 先停掉它, 或用 --home 换一个目录"
            raise Refused("demo.running", reason, field="--home") from error
        yield


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
    if preferred and not is_taken("127.0.0.1", preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
