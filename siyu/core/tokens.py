"""Platform tokens in the database: encrypted, one refresh at a time over all processes."""

from __future__ import annotations

import fcntl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from siyu.core.models import PlatformToken
from siyu.core.secrets import seal, unseal
from siyu.kernel.clock import Clock
from siyu.kernel.errors import PlatformError, SiyuError
from siyu.kernel.ids import digest
from siyu.ports.capabilities import Token

EARLY = timedelta(minutes=5)


@dataclass
class _Flight:
    """The fetches of one token in this process."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    failure: PlatformError | None = None
    failed_at: float = 0.0


class DbTokenStore:
    """The `TokenStore` of a deployment.

    A token is refreshed five minutes before it ends, or when the platform called it bad and
    nobody has replaced it yet. Of many callers in many processes one fetches; the others wait
    for its token, or for its failure. `home` holds the lock files when the database is SQLite.
    """

    def __init__(self, clock: Clock, home: Path) -> None:
        self._clock = clock
        self._locks = home / "locks"
        self._flights: defaultdict[tuple[str, str], _Flight] = defaultdict(_Flight)
        self._known: dict[tuple[str, str], Token] = {}

    def get(
        self, account: str, name: str, fetch: Callable[[], Token], *, bad: str | None = None
    ) -> str:
        """The valid token; what `fetch` raises when it must be fetched and cannot."""
        known = self._known.get((account, name))
        if known is not None and known.value != bad and self._lasts(known.expires_at):
            return known.value
        arrived = time.monotonic()
        value = self._find(account, name, bad)
        if value is not None:
            return value
        flight = self._flights[account, name]
        with flight.lock:
            if flight.failure is not None and flight.failed_at >= arrived:
                raise flight.failure
            with self._alone(f"token:{account}:{name}"):
                value = self._find(account, name, bad)
                return value if value is not None else self._fetch(account, name, fetch, flight)

    def _find(self, account: str, name: str, bad: str | None) -> str | None:
        row = (
            PlatformToken.objects.filter(account=account, name=name)
            .values_list("value", "expires_at")
            .first()
        )
        if row is None or not self._lasts(row[1]):
            return None
        try:
            value = unseal(bytes(row[0]), _place(account, name)).decode()
        except SiyuError:  # sealed with an earlier key: as good as absent
            return None
        if value == bad:
            return None
        self._known[account, name] = Token(value, row[1])
        return value

    def _lasts(self, expires_at: datetime) -> bool:
        return expires_at - EARLY > self._clock.now()

    def _fetch(self, account: str, name: str, fetch: Callable[[], Token], flight: _Flight) -> str:
        try:
            token = fetch()
        except PlatformError as error:
            flight.failure, flight.failed_at = error, time.monotonic()
            raise
        flight.failure = None
        PlatformToken.objects.update_or_create(
            account=account,
            name=name,
            defaults={
                "value": seal(token.value.encode(), _place(account, name)),
                "expires_at": token.expires_at,
            },
        )
        return token.value

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Hold a lock no other process has: in the database, or a file beside it."""
        key = digest(name.encode())
        if connection.vendor == "postgresql":
            number = int.from_bytes(key[:8], "big", signed=True)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [number])
                try:
                    yield
                finally:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
            return
        self._locks.mkdir(mode=0o700, exist_ok=True)
        with (self._locks / key.hex()).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _place(account: str, name: str) -> str:
    return f"token:{account}:{name}"
