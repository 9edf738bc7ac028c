"""One at a time, over all threads and processes of a deployment."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from siyu.core.runtime import runtime


@contextmanager
def exclusive(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock `name`; yields False when somebody else holds it and `wait` is not set.

    PostgreSQL: an advisory lock of this connection. SQLite: a file lock in the home, which is
    on one machine anyway. Both end with the process.
    """
    if connection.vendor == "postgresql":
        with _advisory(name, wait=wait) as is_held:
            yield is_held
    else:
        with _file(runtime().home / "locks" / f"{name}.lock", wait=wait) as is_held:
            yield is_held


def advisory_key(name: str) -> int:
    """The 63-bit key of a lock name."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") >> 1


@contextmanager
def _advisory(name: str, *, wait: bool) -> Iterator[bool]:
    key = advisory_key(name)
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
            is_held = True
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        if is_held and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@contextmanager
def _file(path: Path, *, wait: bool) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
