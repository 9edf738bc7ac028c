"""A home, WeCom's sandbox, `siyu web` and `siyu worker`, as the bench of WeCom needs them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ingest import ROOT, free_port, is_listening, processes, wait_until

CORP = "wwbench"
APP = {
    "corp_id": CORP,
    "agent_id": "1000002",
    "secret": "s" * 43,
    "token": "tokentoken",
    "aes_key": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
}
BRAND = str(Path(__file__).with_name("wecom_brand.py"))


class Place:
    """Everything on free ports of this machine; the clock is the real one."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.sandbox_port = free_port(), free_port()
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SIYU_")}
        self.environment = clean | {
            "SIYU_HOME": str(home),
            "SIYU_PORT": str(self.port),
            "SIYU_LOG_LEVEL": "error",
            "SIYU_ALLOW_PRIVATE": f"127.0.0.1:{self.sandbox_port}",
        }
        self.worker = 0

    def control(self, operation: str, **arguments: Any) -> Any:
        """Make something happen at the platform."""
        return self._ask(f"/_sandbox/wecom/{operation}", json.dumps(arguments).encode())

    def witness(self) -> dict[str, int]:
        """The platform's own books in numbers."""
        found: dict[str, int] = self._ask("/_sandbox/witness", None)["wecom"]
        return found

    def configure(self) -> None:
        """Tell the sandbox of the corp and where its callbacks go."""
        url = f"http://127.0.0.1:{self.port}{self.callback_path}"
        self.control("configure", **APP, callback_url=url)

    @property
    def callback_path(self) -> str:
        return f"/callbacks/wecom/{CORP}"

    def brand(self, *arguments: str) -> Any:
        """What a step of `wecom_brand.py` says, done in the home by a process of its own."""
        done = subprocess.run(
            [sys.executable, BRAND, *arguments],
            env=self.environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return json.loads(done.stdout)

    def begin(self) -> str:
        """Tables, the account in Siyu, and a key for the front door."""
        base_url = f"http://127.0.0.1:{self.sandbox_port}/wecom"
        key: str = self.brand("begin", base_url, json.dumps(APP))
        return key

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the state store holds."""
        address = f"file:{self.home / 'siyu.db'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as file:
            return file.execute(sql, values).fetchall()

    def number(self, sql: str, *values: Any) -> int:
        return int(self.rows(sql, *values)[0][0])

    @contextmanager
    def siyu(self) -> Iterator[None]:
        """The web process and the worker run."""
        commands = [[sys.executable, "-m", "siyu", word] for word in ("web", "worker")]
        with processes(commands, self.environment) as running:
            self.worker = running[1].pid
            wait_until(lambda: is_listening(self.port), "web")
            yield

    def peak_mb(self) -> int:
        """The most memory the worker has held."""
        for line in Path(f"/proc/{self.worker}/status").read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
        raise RuntimeError("the worker is gone")

    def _ask(self, path: str, body: bytes | None) -> Any:
        address = f"http://127.0.0.1:{self.sandbox_port}{path}"
        with urllib.request.urlopen(urllib.request.Request(address, body), timeout=60) as answer:
            return json.load(answer)


@contextmanager
def open_place() -> Iterator[Place]:
    """An empty home, and a sandbox that knows the corp."""
    with tempfile.TemporaryDirectory(prefix="siyu-bench-") as folder:
        place = Place(Path(folder))
        sandbox = [sys.executable, "-m", "siyu", "sandbox", "--port", str(place.sandbox_port)]
        with processes([sandbox], place.environment):
            wait_until(lambda: is_listening(place.sandbox_port), "sandbox")
            place.configure()
            yield place


def spread(values: list[float]) -> dict[str, float]:
    """p50, p95, p99 and the most; values in milliseconds."""
    ordered = sorted(values)
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    found = {
        name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)
        for name, share in shares.items()
    }
    return {**found, "max": round(ordered[-1], 1)}
