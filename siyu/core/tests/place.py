"""A place of its own for real processes: a home, a database, a port."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import psycopg

MODULE = "siyu.core.tests.process"


class Place:
    """Starts, kills and asks the processes of one home."""

    def __init__(self, home: Path, database_url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.home = home
        self.database_url = database_url
        self.environment = {**os.environ, "SIYU_HOME": str(home), "SIYU_DATABASE_URL": database_url}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.key = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def migrate(self) -> None:
        command = [sys.executable, "-m", MODULE, "migrate"]
        done = subprocess.run(command, env=self.environment, capture_output=True, check=True)
        self.key = done.stdout.decode()

    def start(self, *names: str) -> None:
        """Start `web` or `worker` and wait until the web answers."""
        for name in names:
            arguments = [name, str(self.port)] if name == "web" else [name]
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", MODULE, *arguments],
                env=self.environment,
                start_new_session=True,
            )
        if "web" in names:
            self._wait_ready()

    def kill(self, name: str) -> None:
        """SIGKILL a process and its children."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self._processes):
            self.kill(name)

    def facts(self) -> list[tuple[str, str, str]]:
        """(name, message id, identities) of all facts that came through."""
        import sqlite3

        query = "SELECT name, message_id, identities FROM sink"
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                return connection.execute(query).fetchall()
        with sqlite3.connect(self.home / "siyu.db", timeout=30) as file:
            return file.execute(query).fetchall()

    def counts(self) -> Counter[str]:
        """How often each message id came through."""
        return Counter(message_id for _, message_id, _ in self.facts())

    def wait_for(self, count: int, seconds: float = 30.0) -> None:
        """Wait until `count` facts came through, or the time is over."""
        deadline = time.monotonic() + seconds
        while len(self.facts()) < count and time.monotonic() < deadline:
            time.sleep(0.05)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.03)
        raise TimeoutError("the web process did not become ready")


@contextmanager
def make_place(home: Path) -> Iterator[Place]:
    """A migrated place; on PostgreSQL with a database of its own. Everything ends with it."""
    server = os.environ.get("SIYU_DATABASE_URL", "")
    name = f"place_{secrets.token_hex(4)}"
    if server:
        _run_sql(server, f"CREATE DATABASE {name}")
    place = Place(home, server.rsplit("/", 1)[0] + f"/{name}" if server else "")
    try:
        place.migrate()
        yield place
    finally:
        place.stop()
        if server:
            _run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


def _run_sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
