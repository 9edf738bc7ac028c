"""The real product: `siyu up` in a home of its own, and a person who uses its API."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg

T = TypeVar("T")
_PASSWORD = re.compile(r"owner / (\S+)")


class Product:
    """One running `siyu up`: its address, its commands, its owner's session."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.home = home
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment
        self.owner = httpx.Client(base_url=self.url, timeout=20)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Run `siyu up`, wait until it says it is ready, sign in with the printed password."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "siyu", "up", "--port", str(self.port)],
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=(self.home.parent / f"{self.home.name}.log").open("w"),
            text=True,
        )
        self.sign_in(self._read_password())

    def run(self, *words: str) -> str:
        """What `siyu <words>` prints; AssertionError when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "siyu", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sign_in(self, password: str) -> None:
        answer = self.owner.post("/api/session", json={"username": "owner", "password": password})
        assert answer.status_code == 200, answer.text

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET under /api; AssertionError when it is refused."""
        answer = self.owner.get(f"/api{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def delete(self, path: str) -> None:
        answer = self.owner.delete(
            f"/api{path}", headers={"X-CSRFToken": self.owner.cookies["csrftoken"]}
        )
        assert answer.status_code == 204, answer.text

    def post(self, path: str, body: Any) -> Any:
        answer = self.owner.post(
            f"/api{path}", json=body, headers={"X-CSRFToken": self.owner.cookies["csrftoken"]}
        )
        assert answer.is_success, answer.text
        return answer.json()

    def stop(self) -> None:
        self.owner.close()
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _read_password(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            found = _PASSWORD.search(line)
            if found:
                return found[1]
        raise AssertionError(f"`siyu up` ended with {self._process.wait()}")


def wait_for(look: Callable[[], T], is_enough: Callable[[T], bool], seconds: float) -> T:
    """Look again and again until it is enough or the time is over; the last look."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if is_enough(seen) or time.monotonic() > deadline:
            return seen
        time.sleep(0.02)


@contextmanager
def place(home: Path) -> Iterator[dict[str, str]]:
    """The environment of a home of its own; on PostgreSQL with a database of its own."""
    server = os.environ.get("SIYU_DATABASE_URL", "")
    name = f"product_{secrets.token_hex(4)}"
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SIYU_", "DJANGO_"))
    }
    url = server.rsplit("/", 1)[0] + f"/{name}" if server else ""
    if server:
        _run_sql(server, f"CREATE DATABASE {name}")
    try:
        yield clean | {"SIYU_HOME": str(home), "SIYU_DATABASE_URL": url}
    finally:
        if server:
            _run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_product(home: Path) -> Iterator[Product]:
    """A started product in a place of its own. Everything ends with it."""
    with place(home) as environment:
        product = Product(home, environment)
        try:
            product.start()
            yield product
        finally:
            product.stop()


def _run_sql(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
